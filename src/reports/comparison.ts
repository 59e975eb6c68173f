/** What changed from one analysis to the next, as text: a line for each finding. */
import { type Changed, type Comparison, changes } from '../model/review/comparison.ts'
import { sayMany } from '../model/words/say.ts'
import type { RenderOptions } from './format.ts'
import { heading, headline, pageOf, plain } from './text-layout.ts'

const titles: Readonly<Record<Changed['change'], string>> = {
  new: 'New',
  back: 'Back: found before, gone since, found again',
  raised: 'Raised',
  lowered: 'Lowered',
  gone: 'Gone',
}

export function renderComparison(
  { before, findings, hosts }: Comparison,
  options: RenderOptions = {},
): string {
  const page = pageOf(options)
  const count = (change: Changed['change']) => findings.filter((each) => each.change === change).length
  const counts = changes.map((each) => `${count(each)} ${each}`).join(', ')
  const accused = hosts.filter(({ change }) => change === 'new' || change === 'back').length
  const first = before === null ? 'There is no analysis before: everything is new.' : ''
  const lines = [
    ...(first === '' ? [] : plain(first, page)),
    ...plain(`Findings: ${counts}. ${sayMany(accused, 'host')} accused anew.`, page),
  ]

  for (const change of changes) {
    const own = findings.filter((each) => each.change === change)
    if (own.length === 0) continue
    lines.push(...heading(titles[change], page))
    for (const each of own) lines.push(...headline(each.finding.severity, sentence(each), page))
  }

  return `${lines.join('\n')}\n`
}

const sentence = ({ finding, was }: Changed): string => {
  const moved =
    was && was.confidence !== finding.confidence ? ` (was ${was.severity} ${was.confidence.toFixed(2)})` : ''
  return `${finding.claim.replace(/\.$/, '')}  ${finding.confidence.toFixed(2)}${moved}  ${finding.id}`
}
