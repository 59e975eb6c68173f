/** What the records say of one host, as text. */

import type { HostSummary, KeptDays, Side } from '../model/host-summary.ts'
import { sayCount, sayEndpoint, sayInstant, sayMany, sayNumber } from '../model/words/say.ts'
import type { RenderOptions } from './format.ts'
import { bullets, heading, indented, pageOf, plain } from './text-layout.ts'

export function renderHostSummary(summary: HostSummary, options: RenderOptions = {}): string {
  const page = pageOf(options)
  const { host, asked, answered, kept, called, activities } = summary
  if (asked.flows + answered.flows === 0 && kept === null)
    return `${plain(`No flow of ${host} was seen.`, page).join('\n')}\n`

  const lines = [
    ...heading(`What was seen of ${host}`, page),
    ...indented(sideSentence('It called', asked), page),
    ...indented(sideSentence('It was called by', answered), page),
    ...(kept && kept.ofDays > 1 ? indented(keptSentence(kept), page) : []),
    ...(called.length === 0 ? [] : heading('What it called most', page)),
    ...bullets(
      called.map(
        ({ flows, callers, ...endpoint }) =>
          `${sayEndpoint(endpoint)}: ${sayMany(flows, 'flow')}; ${otherCallers(callers - 1)}`,
      ),
      page,
    ),
    ...heading('What it did (A-plane)', page),
    ...(activities.length === 0
      ? indented('None of the activities that the rules look for.', page)
      : bullets(
          activities.map(
            ({ type, detector, times, targets, score }) =>
              `${type} (${detector}): ${sayMany(times, 'time')}, ` +
              `${sayMany(targets, 'target')}, ${sayNumber(score)} times the threshold of the rule`,
          ),
          page,
        )),
  ]

  return `${lines.join('\n')}\n`
}

function otherCallers(others: number): string {
  if (others <= 0) return 'no other internal host calls it'
  return `${sayMany(others, 'other internal host')} ${others === 1 ? 'calls' : 'call'} it`
}

/** By the aggregates: "It was first seen on 2024-03-12 00:01:22 UTC, and on 3 of the 16 days kept." */
const keptSentence = ({ first, days, ofDays }: KeptDays): string =>
  `It was first seen on ${sayInstant(first)} UTC, and on ${sayCount(days)} of the ${sayMany(ofDays, 'day')} kept.`

function sideSentence(verb: string, { flows, peers, failed, first, last }: Side): string {
  if (flows === 0 || first === null || last === null) return `${verb} nobody.`
  return (
    `${verb} ${sayMany(peers, 'host')} in ` +
    `${sayMany(flows, 'flow')}, ${sayCount(failed)} of them refused or not answered, ` +
    `${sayInstant(first)} to ${sayInstant(last)} UTC.`
  )
}
