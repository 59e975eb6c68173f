/** Reads one file as `gannet` does, and says in short what came of it. */
import { eachMember } from '../../src/capture/import/archive-members.ts'
import { detect, tablesOf } from '../../src/capture/import/detect-format.ts'
import { addRemarks } from '../../src/capture/import/left-out.ts'
import { openInput } from '../../src/capture/input.ts'
import { createRejects } from '../../src/capture/rejects.ts'
import { UserError } from '../../src/errors.ts'
import type { Reading, Row } from '../contracts/reading.ts'
import type { Want } from './cases.ts'

export interface Outcome {
  readonly rows: readonly Row[]
  readonly rejects: Readonly<Record<string, number>>
  readonly refused: UserError | null
}

interface Given {
  readonly path: string
  readonly name: string
  readonly format?: string | undefined
}

/** @throws what is no UserError: a bug. */
export async function readCase(reading: Reading, { path, name, format }: Given): Promise<Outcome> {
  try {
    const opened = await openInput(path, name)
    if (opened.archive) {
      const rows: Row[] = []
      await eachMember(opened, async (member) => {
        rows.push(...(await readCase(reading, member)).rows)
      })
      return { rows, rejects: {}, refused: null }
    }
    const { input, reader } = await detect(opened, tablesOf(null), format)
    const { rows, rejects } = await reading.readInput(reader, input)
    const remarks = createRejects()
    addRemarks(input, remarks)
    return { rows, rejects: { ...rejects, ...Object.fromEntries(remarks.counts) }, refused: null }
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    return { rows: [], rejects: {}, refused: error }
  }
}

const orNone = (value: unknown): string => (value === null || value === undefined ? '-' : String(value))

/** A flow as the cases write it. */
export const flowText = (row: Row): string => {
  const of = (name: string) => orNone(row[name])
  const pair = (what: 'Packets' | 'Bytes') => `${of(`client${what}`)}/${of(`server${what}`)}`
  const seconds = Number(row['duration']) / 1e6
  const ends = `${of('client')}:${of('clientPort')}>${of('server')}:${of('serverPort')}`
  return `${of('proto')} ${ends} ${pair('Packets')} ${pair('Bytes')} ${seconds} ${of('outcome')}`
}

const timeOf = (row: Row): string => {
  const micros = Number(row['start'])
  const second = new Date(Math.floor(micros / 1e6) * 1000).toISOString().slice(11, 19)
  return `${second}.${String(micros % 1e6).padStart(6, '0')}`
}

const counted = (names: readonly string[]): string =>
  [...Map.groupBy(names, (name) => name)].map(([name, all]) => `${all.length} ${name}`).join(', ') || '0'

/** Records by kind, and what was left out. */
export const inShort = ({ rows, rejects, refused }: Outcome): string => {
  if (refused) return `${refused.code}: ${refused.message.replace(/^\S*[/\\]/, '')}. ${refused.hint}`
  const left = Object.entries(rejects).map(([reason, n]) => `${n} ${reason}`)
  return [counted(rows.map(({ record }) => record)), ...left].join('; ')
}

/** What differs from what is wanted; empty where nothing does. */
export function faultsOf(outcome: Outcome, want: Want): string[] {
  const { rows, rejects, refused } = outcome
  if (want.refused) {
    const [code, says] = want.refused
    if (!refused) return [`read, not refused: ${inShort(outcome)}`]
    return refused.code === code && says.test(`${refused.message} ${refused.hint}`) ? [] : [inShort(outcome)]
  }
  if (refused) return [inShort(outcome)]
  const flows = rows.filter(({ record }) => record === 'flow')
  const texts = flows.map(flowText)
  const times = flows.map(timeOf)
  const records = counted(rows.map(({ record }) => record))
  const left = Object.entries(rejects)
    .map(([reason, n]) => `${n} ${reason}`)
    .join(', ')
  return [
    ...(want.records !== undefined && want.records !== records ? [`${records}, not ${want.records}`] : []),
    ...(want.rejects !== undefined && want.rejects !== left ? [`rejects ${left}, not ${want.rejects}`] : []),
    ...(want.flows ?? [])
      .filter((flow) => !texts.some((text) => text.startsWith(flow.trimEnd())))
      .map((flow) => `no ${flow}`),
    ...(want.starts ?? []).filter((start) => !times.includes(start)).map((start) => `no flow at ${start}`),
  ]
}
