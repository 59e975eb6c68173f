/**
 * `gannet findings --watch`: the table of accused hosts, drawn again when an analysis or a decision changes it.
 *
 * A database folder belongs to one process at a time. It is opened only after another process has had it and left it,
 * so that watching does not stand in the way of `gannet analyze`.
 */
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { UserError } from '../../errors.ts'
import type { Answer } from '../../model/answer.ts'
import { sayInstant, sayMany } from '../../model/words/say.ts'
import type { RenderOptions } from '../../reports/format.ts'
import { hostTable } from '../../reports/host-table.ts'
import { lastAnswer } from '../../store/analyses.ts'
import { heldByAnother } from '../../store/holder.ts'
import { withDatabase } from '../database.ts'
import { decided, decisionsPath } from '../decided.ts'
import type { DecisionsFlags } from '../flags.ts'
import { print } from '../say.ts'
import { withInterrupt } from '../with-interrupt.ts'
import { terminal } from './run.ts'

interface WatchFlags extends DecisionsFlags {
  readonly every: number
  readonly limit?: number
}

/** Until interrupted. @throws UserError database-missing. */
export const watchFindings = (flags: WatchFlags): Promise<void> =>
  withInterrupt(async (signal) => {
    const isScreen = process.stdout.isTTY === true
    let seen = ''
    let before: ReadonlySet<string> | null = null
    let drawn = ''

    while (!signal.aborted) {
      const state = stateOf(flags)
      if (state !== seen && !isHeld(flags)) {
        const answer = await answerNow(flags)
        seen = stateOf(flags)
        const text = screen(answer, before, { ...terminal(), ...(flags.limit ? { limit: flags.limit } : {}) })
        before = new Set(answer?.hosts.map(({ host }) => host))
        if (isScreen && text !== drawn) process.stdout.write('\u001b[2J\u001b[H')
        if (text !== drawn) print(text)
        drawn = text
      }
      await wait(flags.every * 1000, null, { signal }).catch(() => {})
    }
  })

/** The newest answer with the decisions; null where there is none yet, or another process came first. */
async function answerNow(flags: DecisionsFlags): Promise<Answer | null> {
  try {
    return await withDatabase(flags, { mustExist: true }, async (store) => {
      const last = await lastAnswer(store)
      return last && (await decided(last, flags)).answer
    })
  } catch (error) {
    if (error instanceof UserError && error.code === 'database-busy') return null
    throw error
  }
}

/** Differs after another process has had the folder, and after decisions changed; of a server always. */
function stateOf(flags: DecisionsFlags): string {
  if (flags.db === undefined) return String(performance.now())
  const path = decisionsPath(flags)
  return [join(flags.db, 'status'), ...(path === null ? [] : [path])].map(stampOf).join()
}

function stampOf(path: string): string {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false })
  return found === undefined ? '' : `${found.mtimeNs} ${found.size}`
}

const isHeld = ({ db }: DecisionsFlags): boolean => db !== undefined && heldByAnother(db) !== null

function screen(answer: Answer | null, before: ReadonlySet<string> | null, options: RenderOptions): string {
  if (answer === null) return 'Not analysed yet.\n'
  const { id, to } = answer.analysis
  const fresh = answer.hosts.map(({ host }) => host).filter((host) => before !== null && !before.has(host))
  const gone = [...(before ?? [])].filter((host) => !answer.hosts.some((each) => each.host === host))
  const changed = [
    ...(fresh.length > 0 ? [`New: ${fresh.slice(0, 10).join(', ')}${fresh.length > 10 ? ' …' : ''}`] : []),
    ...(gone.length > 0
      ? [`No longer accused: ${gone.slice(0, 10).join(', ')}${gone.length > 10 ? ' …' : ''}`]
      : []),
  ]
  const until = to === null ? '' : `, records up to ${sayInstant(to)} UTC`

  return [
    `${sayMany(answer.hosts.length, 'host')} accused, analysis ${id}${until}`,
    ...changed,
    hostTable(answer, options) || 'No host is accused.\n',
  ].join('\n')
}
