/** What attacks gave: as text, and as docs/reliability.md. */
import { markdownTable } from '../row.ts'
import type { Attempt, Part } from './attempt.ts'

export interface Attacked {
  readonly command: string
  readonly setting: {
    /** Day of the run, UTC. */
    readonly date: string
    readonly commit: string
    readonly machine: { readonly cores: number; readonly memoryGigabytes: number; readonly processor: string }
    readonly node: string
  }
  readonly seconds: number
  readonly attempts: readonly Attempt[]
}

export type Attacks = Readonly<Record<string, Attacked>>

export const attemptsText = (attempts: readonly Attempt[]): string =>
  attempts
    .map(({ attack, tried, of, held, bound, failed }) =>
      [
        `  ${attack}: ${tried.toLocaleString('en-US')} ${of}, ${failed.length} failed; ${held}; ${bound}`,
        ...failed.slice(0, 12).map((each) => `    FAILED ${each}`),
      ].join('\n'),
    )
    .join('\n')

type Told = Pick<Part, 'name' | 'doc' | 'wanted'>

/** What did not hold, was not tried, or was tried less often than the project asked for. */
function missesOf(attacks: Attacks, parts: readonly Told[]): string[] {
  return parts.flatMap(({ name, wanted = {} }) =>
    (attacks[name]?.attempts ?? []).flatMap(({ attack, tried, of, bound, failed }) => {
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
itself, \`--seed N\` other moments and other inputs; \`--minutes N\` ends a part after that time, and the table has what
was tried by then. Everything runs on this machine and its loopback interface.

${misses.length > 0 ? `## Known misses\n\nTried less often than the project asked for, or not held:\n\n${misses.join('\n')}\n\n` : ''}${sections.join('\n\n')}
`
}

function section(name: string, doc: string, { command, setting, seconds, attempts }: Attacked): string {
  const { date, commit, machine, node } = setting
  const rows = attempts.map(({ attack, tried, of, held, bound, failed }) => [
    attack,
    `${tried.toLocaleString('en-US')} ${of}`,
    failed.length === 0 ? held : `**${failed.length} failed.** ${held}`,
    bound,
  ])
  const faults = attempts.flatMap(({ failed }) => failed.map((each) => `- ${each.replaceAll('\n', ' ')}`))
  return `## ${name}

${doc}

\`${command}\`: ${seconds} s on ${date} at ${commit}, Node ${node}, ${machine.cores} shared cores (${machine.processor}), ${machine.memoryGigabytes} GB.

${markdownTable(['Attack', 'Tried', 'What held', 'Bound, and what was measured'], rows)}${faults.length > 0 ? `\n\nDid not hold:\n\n${faults.join('\n')}` : ''}`
}
