/** What attacks gave: as text, and as docs/reliability.md. */
import { markdownTable } from '../row.ts'
import { type Attempt, filled, type Part } from './attempt.ts'
import type { Attacks, Kept, Run } from './runs.ts'

export const attemptsText = (attempts: readonly Attempt[]): string =>
  attempts
    .map(({ attack, tried, of, held, bound, failed, figures }) =>
      [
        `  ${attack}: ${number(tried)} ${of}, ${failed.length} failed; ${filled(`${held}; ${bound}`, figures)}`,
        ...failed.slice(0, 12).map((each) => `    FAILED ${each}`),
      ].join('\n'),
    )
    .join('\n')

type Told = Pick<Part, 'name' | 'doc' | 'wanted'>

/** What did not hold, was not tried, or was tried less often than the project asked for. */
function missesOf(attacks: Attacks, parts: readonly Told[]): string[] {
  return parts.flatMap(({ name, wanted = {} }) =>
    (attacks[name] ?? []).flatMap(({ attack, tried, of, bound, failed }) => {
      const [, asked = 1] = Object.entries(wanted).find(([words]) => attack.startsWith(words)) ?? []
      const said = tried === 0 ? `; ${bound}` : ''
      return [
        ...(tried < asked
          ? [`- ${name}: ${attack}: ${number(tried)} of ${number(asked)} ${of}${said}.`]
          : []),
        ...(failed.length > 0 ? [`- ${name}: ${attack}: ${failed.length} did not hold.`] : []),
      ]
    }),
  )
}

const number = (value: number): string => value.toLocaleString('en-US')

/** docs/reliability.md. */
export function reliabilityPage(attacks: Attacks, parts: readonly Told[]): string {
  const misses = missesOf(attacks, parts)
  const sections = parts.flatMap(({ name, doc }) => {
    const found = attacks[name]
    return found ? [section(name, doc, found)] : []
  })
  return `# Reliability

Written by \`npm run bench -- attack\`; the same as data in [reliability.json](reliability.json). Each part attacks the
program as a hostile network or a bad machine would, and says what was tried, how often, and what held. \`npm test\` runs
the smallest form of each part (\`npm run bench -- attack --smallest\`). \`--full\` runs the counts that the project set
itself, \`--seed N\` other moments and other inputs, \`--only WORDS\` the attacks whose name begins so; \`--minutes N\` ends
a part after that time, and the table has what was tried by then. Counts of several runs are added where the code that
is attacked was the same, each run with other moments and inputs; the last column says of which runs a line is.
Everything runs on this machine and its loopback interface, beside other work: the load of a run is the mean number of
processes that wanted one of its processors, those of the attack among them. Seconds are longer for it, seconds of
processor time by up to half.

${misses.length > 0 ? `## Known misses\n\nTried less often than the project asked for, or not held:\n\n${misses.join('\n')}\n\n` : ''}${sections.join('\n\n')}
`
}

function section(name: string, doc: string, kept: readonly Kept[]): string {
  const all = new Map(kept.flatMap(({ runs }) => runs).map((run) => [run.at, run]))
  const runs = [...all.values()].sort((a, b) => a.at.localeCompare(b.at))
  const numberOf = new Map(runs.map(({ at }, i) => [at, i + 1]))
  const rows = kept.map(({ attack, tried, of, held, bound, failed, figures, runs: own }) => [
    attack,
    `${number(tried)} ${of}`,
    filled(failed.length === 0 ? held : `**${failed.length} failed.** ${held}`, figures),
    filled(bound, figures),
    own.map(({ at }) => numberOf.get(at)).join(', '),
  ])
  const faults = kept.flatMap(({ failed }) => failed.map((each) => `- ${each.replaceAll('\n', ' ')}`))

  return `## ${name}

${doc}

${runs.map((run, i) => `${i + 1}. ${said(run)}`).join('\n')}

${markdownTable(['Attack', 'Tried', 'What held', 'Bound, and what was measured', 'Runs'], rows)}${faults.length > 0 ? `\n\nDid not hold:\n\n${faults.join('\n')}` : ''}`
}

function said({ command, seed, seconds, load, setting }: Run): string {
  const { date, commit, machine, node } = setting
  return `\`${command}\`: ${number(seconds)} s on ${date} at ${commit}, seed ${seed}, load ${load?.toFixed(1) ?? 'not noted'}, Node ${node}, ${machine.cores} shared cores (${machine.processor}), ${machine.memoryGigabytes} GB.`
}
