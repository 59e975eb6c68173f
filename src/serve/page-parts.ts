import { UserError } from '../errors.ts'
import type { Answer } from '../model/answer.ts'
import { worstFirst } from '../model/rank.ts'
import { sayRally } from '../model/words/explain.ts'
import { type PrintedFinding, printedAnswer } from '../reports/json.ts'
import type { Shown } from './session.ts'
import type * as views from './views.ts'

export type Query = Readonly<Record<string, string>>

export const unknown = (what: string) =>
  new UserError('finding-unknown', `there is no ${what}`, 'Look at the list.')

export const counted = (values: readonly string[]): views.Facet => {
  const counts = new Map<string, number>()
  for (const each of values) counts.set(each, (counts.get(each) ?? 0) + 1)
  return Object.fromEntries([...counts].toSorted(([, a], [, b]) => b - a))
}

export const printed = (
  answer: Answer,
  keep: (finding: Answer['findings'][number]) => boolean,
): readonly PrintedFinding[] =>
  printedAnswer({ ...answer, findings: answer.findings.filter(keep).toSorted(worstFirst) }).findings

export function botnetRow({ answer }: Shown, id: string): views.BotnetRow | null {
  const botnet = answer.botnets.find((each) => each.id === id)
  if (!botnet) return null
  const members = answer.hosts.filter((each) => each.botnet === id)
  const [worst] = members.toSorted(worstFirst)
  return {
    id,
    members: botnet.hosts.length,
    severity: worst?.severity ?? 'note',
    confidence: botnet.confidence,
    topology: botnet.topology,
    activities: botnet.activities,
    cnc: botnet.cnc,
    rally: botnet.rally ? sayRally(botnet.rally) : null,
  }
}
