/** Accused hosts as a table, one line each: what to look at first. */
import type { Answer } from '../model/answer.ts'
import { confidenceWord, sayConfidence, sayEndpoint, sayMany } from '../model/words/say.ts'
import type { RenderOptions } from './format.ts'
import { printable } from './printable.ts'
import { heading, pageOf } from './text-layout.ts'
import { clip } from './wrap.ts'

const mostRows = 1000

/** Columns that the last one, where a host calls, has at least. */
const leastForCalls = 21

/**
 * Hosts worst first, with severity, confidence, kinds, botnet and where they call; columns as wide as they need. On a
 * narrow page the botnet and the word of the confidence are left out, which the list below the table has.
 */
export function hostTable({ hosts, decided }: Answer, options: RenderOptions = {}): string {
  if (hosts.length === 0) return ''
  const page = pageOf(options)
  const { limit = mostRows } = options
  const confirmed = new Set((decided?.confirmed ?? []).map(({ host }) => host))

  const rows = hosts
    .slice(0, limit)
    .map(({ host, severity, confidence, kinds, botnet, cnc }) => [
      `${host}${confirmed.has(host) ? ' *' : ''}`,
      severity,
      `${sayConfidence(confidence)} ${confidenceWord(confidence)}`,
      kinds.join(' '),
      botnet ?? '-',
      cnc.length === 0 ? '-' : `${sayEndpoint(cnc[0]!)}${cnc.length > 1 ? ` +${cnc.length - 1}` : ''}`,
    ])

  const heads = ['host', 'severity', 'confidence', 'kinds', 'botnet', 'calls']
  const all = [heads, ...rows].map((row) => row.map(printable))
  const widths = heads.map((_, i) => Math.max(...all.map((row) => row[i]!.length)))
  const before = widths.slice(0, -1).reduce((sum, width) => sum + width + 2, 2)
  const isNarrow = page.width - before < Math.min(leastForCalls, widths.at(-1)!)

  const lines = all.map((row, line) => {
    const cells = row.map((cell, i) => cell.padEnd(widths[i]!))
    const [host, severity, confidence, kinds, , calls] = cells
    const bare = (line === 0 ? 'conf' : confidence!.slice(0, 4)).padEnd(4)
    const shown = isNarrow ? [host, severity, bare, kinds, calls] : cells
    return clip(`  ${shown.join('  ')}`.trimEnd(), page.width)
  })
  const hidden = hosts.length - rows.length

  return `${[
    ...heading('Accused hosts, worst first', page),
    ...lines,
    ...(hidden > 0 ? [`  and ${sayMany(hidden, 'other')}`] : []),
    ...(hosts.slice(0, limit).some(({ host }) => confirmed.has(host)) ? ['  * confirmed by a decision'] : []),
  ].join('\n')}\n`
}
