import type { BotnetScore, Evaluation } from './evaluate.ts'
import type { WholeEvaluation } from './page.ts'

const percent = (value: number | null) => (value === null ? '–' : `${(100 * value).toFixed(1)} %`)

/**
 * An evaluation to be read on a terminal: what failed stands last, with its reasons, where the eye rests. `whole`
 * brings the reasons and the time-weighted measures.
 */
export function evaluationText(result: Evaluation, whole?: WholeEvaluation): string {
  const { hosts, cncNamed } = result

  const lines = [
    `Truth: ${result.about}`,
    '',
    `Hosts    ${hosts.truePositives} of ` +
      `${hosts.truePositives + hosts.falseNegatives} bots accused, ` +
      `${hosts.falsePositives} of ${hosts.judged - hosts.truePositives - hosts.falseNegatives} clean hosts too`,
    `         precision ${percent(hosts.precision)}, recall ${percent(hosts.recall)}, F1 ${percent(hosts.f1)}`,
    `         false alarms per host-day: ${hosts.falsePositivesPerHostDay?.toPrecision(3) ?? '–'} ` +
      `(${hosts.days.toFixed(2)} days)`,
  ]

  if (hosts.unjudged.length > 0) lines.push(`         not judged: ${hosts.unjudged.join(', ')}`)

  lines.push(
    '',
    ...table(result.botnets),
    `Botnets  C&C named first in ${cncNamed.at[1]} of ` +
      `${cncNamed.known}, among 3 in ${cncNamed.at[3]}, among 10 in ${cncNamed.at[10]}`,
    `         who belongs together: adjusted Rand ${result.agreement === null ? '–' : result.agreement.toFixed(3)}`,
  )

  for (const { name, result: own } of whole?.timed.weighted ?? [])
    lines.push(
      `Time     ${name}: FM1 ${own.FM1 === null ? '–' : own.FM1.toFixed(3)}, ` +
        `TPR ${percent(own.TPR)}, FPR ${percent(own.FPR)} (Garcia et al. 2014)`,
    )

  if (result.inventedBotnets.length > 0)
    lines.push(`         with no true one behind them: ${result.inventedBotnets.join(', ')}`)

  if (result.misses.length > 0)
    lines.push(
      '',
      'Missed',
      ...result.misses.flatMap(({ host, botnet, family }) => {
        const why = whole?.misses.find((each) => each.host === host && each.botnet === botnet)
        return [
          `  ${host}  of ${botnet} (${family})`,
          ...(why ? [`    group  ${why.group.text}`, `    alone  ${why.alone.text}`] : []),
        ]
      }),
    )

  if (result.falseAlarms.length > 0) {
    lines.push(
      '',
      'Falsely accused',
      ...result.falseAlarms.flatMap(({ host, claims }) => [
        `  ${host}`,
        ...claims.map((claim) => `    ${claim}`),
        ...(whole?.falseAlarms.find((each) => each.host === host)?.reasons ?? []).map(
          ({ stage, text }) => `    ${stage}: ${text}`,
        ),
      ]),
    )
  }

  // Claims quote names out of traffic; a control character in one must not reach the terminal.
  return `${lines.map((line) => line.replace(/\p{Cc}/gu, '\ufffd')).join('\n')}\n`
}

function table(botnets: readonly BotnetScore[]): string[] {
  if (botnets.length === 0) return []

  const rows = [
    ['botnet', 'size', 'accused', 'found as', 'precision', 'recall', 'F1', 'C&C rank'],
    ...botnets.map((each) => [
      each.id,
      String(each.size),
      String(each.accused),
      each.match ?? 'not found',
      percent(each.precision),
      percent(each.recall),
      percent(each.f1),
      each.cncRank === null ? '–' : String(each.cncRank),
    ]),
  ]

  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? []

  return [
    ...rows.map((row) =>
      `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd(),
    ),
    '',
  ]
}
