/** docs/method/families.md, from what bench/detection/families.ts measured. */
import { callingFamilies } from '../../src/simulate/families/calling-families.ts'
import type { FamilyResult } from '../../src/traces/families/cross-validate.ts'
import { markdownTable, percent, type Row } from '../row.ts'

export interface FamilyMeasures {
  readonly byAlpha: readonly { readonly alpha: number; readonly results: readonly FamilyResult[] }[]
  readonly benign: readonly { readonly name: string; readonly traces: number }[]
  readonly evaded: readonly Row[]
  /** Share found by a model of the family's other botnets, in the order of the families. */
  readonly unseen: readonly number[]
  /** False alarms per run on simulated campuses, in the order of the families, and how many traces those have. */
  readonly campus: { readonly traces: number; readonly alarms: readonly number[] }
  readonly real: readonly {
    readonly train: string
    readonly test: string
    /** Connections of each C&C trace of the first. */
    readonly calls: readonly number[]
    readonly traces: number
    readonly found: number
  }[]
  readonly runs: number
  readonly minCalls: number
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0)

const capital = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1)

const paperAlpha = 1.75

export function familiesPage(measured: FamilyMeasures, published: Readonly<Record<string, string>>): string {
  const { byAlpha, benign, evaded, unseen, campus, real, runs, minCalls } = measured
  const clean = benign.reduce((sum, { traces }) => sum + traces, 0)
  const atPaper = byAlpha.find(({ alpha }) => alpha === paperAlpha)!.results
  const worst = atPaper.toSorted((a, b) => a.detected - b.detected).slice(0, 2)
  const missed = real.filter(({ found }) => found === 0)
  const confused = atPaper.toSorted((a, b) => b.detected - b.named - (a.detected - a.named))[0]!
  return `# Family models, measured

Tegeler et al., "BotFinder" (CoNEXT 2012), trains a model of each family and matches every trace against it.
\`node bench/detection/families.ts\` writes this page. How to make and use models: [models](../reference/models.md).

## Where it fails

- **The six families here are simulated, and mostly assumed.** The paper prints no interval or size of any family; the last table
  lists what is sourced. The rest follows one rule, set before anything was measured: the worse the paper found a family, the
  more versions and jitter it got. So the rates show how the method copes with such spreads, not how well it finds the real families.
- **${missed.length} of ${real.length} attempts to recognise a real family failed.** njRAT was recorded twice. In the first recording the C&C server is
  gone and the bot retries at regular intervals; in the second one connection is held open.
  ${capital(real.map(({ train, test, found, traces }) => `a model from ${train} finds ${found} of ${traces} traces of ${test}`).join('; '))}.
- Lowest detection at α ${paperAlpha}: ${worst.map(({ family, detected }) => `${family} ${percent(detected)}`).join(', ')}.
- Confusion: ${confused.family} is found ${percent(confused.detected)} of the time, and ${percent(confused.named)} under its own name.
- False alarms: pollers of the simulated campuses, as regular as any bot, match ${sum(campus.alarms).toFixed(1)} times per run over all families, the real
  benign traces ${sum(atPaper.map((each) => each.falseAlarms)).toFixed(1)} times. Calibrate on your own traffic: the benign captures cover ${benign.length} parts of networks, each a day or less.

## Cross-validation

70 % of each family's traces train, 30 % are looked for, ${runs} runs, h = 3, traces of at least ${minCalls} calls. A frequency counts only above its
permutation threshold. False alarms are benign traces that match the family best, per run, of ${clean.toLocaleString('en-US')}: ${benign.map(({ name, traces }) => `${name} ${traces}`).join(', ')}.

"Botnet unseen" trains on all other botnets of the family: a new campaign, and sometimes a new build. The paper's table is recalled, not
checked, and its network is far larger. At α ${paperAlpha}:

${markdownTable(
  [
    'Family',
    'Traces',
    'Found',
    'Found, botnet unseen',
    '95 % of runs',
    'Under its name',
    'False alarms per run, real',
    `… on ${campus.traces} traces of simulated campuses`,
    'Paper: found, false alarms',
  ],
  atPaper.map((each, i) => [
    each.family,
    String(each.traces),
    percent(each.detected),
    percent(unseen[i]!),
    each.detectedRange.map(percent).join(' to '),
    percent(each.named),
    each.falseAlarms.toFixed(2),
    campus.alarms[i]!.toFixed(2),
    published[each.family] ?? '',
  ]),
)}

Found / false alarms per run, by α:

${markdownTable(
  ['Family', ...byAlpha.map(({ alpha }) => String(alpha))],
  atPaper.map(({ family }, i) => [
    family,
    ...byAlpha.map(
      ({ results }) => `${percent(results[i]!.detected)} / ${results[i]!.falseAlarms.toFixed(2)}`,
    ),
  ]),
)}

## Evasion

A model of all Banbra traces, and bots like the first that change after training. The paper reports about 60 % at full randomisation.

${markdownTable(
  ['Bots', 'Found'],
  evaded.map(({ name, figure }) => [name, percent(figure)]),
)}

## Real captures of one family

${markdownTable(
  ['Model from', 'Connections of its C&C traces', 'Matched against', 'Found'],
  real.map(({ train, calls, test, found, traces }) => [
    train,
    calls.join(', '),
    test,
    `${found} of ${traces}`,
  ]),
)}

## Sources of the simulated families

${markdownTable(
  ['Family', 'Versions', 'Periods', 'Sourced'],
  callingFamilies.map(({ name, versions, sourced }) => [
    name,
    String(versions.length),
    versions.map(({ period, jitter }) => `${period} s ± ${Math.round(100 * jitter)} %`).join(', '),
    sourced,
  ]),
)}
`
}
