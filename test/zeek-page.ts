/** The part of docs/reference/conformance-packets.md that is about Zeek: `node test/zeek-page.ts` writes it there. */
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Reason, reasons, whyUnlike } from './zeek-reasons.ts'
import { type Compared, compareWithZeek, type Uncompared } from './zeek-traces.ts'

const begin = '<!-- zeek: node test/zeek-page.ts -->'
const end = '<!-- /zeek -->'

export function zeekSection({
  compared,
  uncompared,
}: {
  readonly compared: readonly Compared[]
  readonly uncompared: readonly Uncompared[]
}): string {
  const isUnlike = ({ zeek, ours }: Compared) => zeek.length + ours.length > 0
  const unlike = compared.filter(isUnlike)
  const rows = compared.reduce((sum, each) => sum + each.rows, 0)
  const lost = unlike.reduce((sum, { zeek }) => sum + zeek.length, 0)
  const flagged = ({ flags }: Compared) => (flags === '' ? '' : `\`${flags.replaceAll('|', '\\|')}\``)
  const byReason = Map.groupBy(unlike, ({ name }) => whyUnlike[name] as Reason)
  const whys = Map.groupBy(uncompared, ({ why }) => why)
  return [
    begin,
    '',
    `**${compared.length - unlike.length} of ${compared.length} cases are exact, and ${rows - lost} of ${rows} connections.** ` +
      `Of the 183 cases ${uncompared.length} are not compared: ${[...whys].map(([why, of]) => `${of.length}, because ${why}`).join('; ')}.`,
    '',
    '| reason | difference | cases |',
    '| --- | --- | --- |',
    ...[...byReason]
      .toSorted(([, a], [, b]) => b.length - a.length)
      .map(([reason, of]) => `| ${reason} | ${reasons[reason]} | ${of.length} |`),
    '',
    '| case that differs | how the Zeek test ran | exact connections | reason |',
    '| --- | --- | --- | --- |',
    ...unlike.map(
      (each) =>
        `| ${each.name} | ${flagged(each)} | ${each.rows - each.zeek.length} of ${each.rows} | ${whyUnlike[each.name]} |`,
    ),
    '',
    end,
  ].join('\n')
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const path = fileURLToPath(new URL('../docs/reference/conformance-packets.md', import.meta.url))
  const page = readFileSync(path, 'utf8')
  const before = page.slice(0, page.indexOf(begin))
  const after = page.slice(page.indexOf(end) + end.length)
  writeFileSync(path, `${before}${zeekSection(await compareWithZeek())}${after}`)
}
