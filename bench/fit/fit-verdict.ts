/**
 * Fits src/findings/verdict.json on the tuning side of docs/method/held-out.md, and on nothing else.
 *
 *     node bench/fit/fit-verdict.ts [--write]
 *
 * Every internal host is a sample. A simulated bot is one twice: with its group, and as if it had been the only bot
 * there, without the sign of the group, since most networks that call for help have one infected host. Hosts of real
 * captures count as much as ten simulated ones. Strengths count up to the line: over it an indicator stands for itself
 * (`verdict.ts`), and weights say what indicators under it are worth together. Weights are not negative; kinds that no
 * tuning host shows have none, and `unfittedWeight` stands for them.
 */
import { writeFileSync } from 'node:fs'
import { evidenceIn, verdictLine } from '../../src/findings/verdict.ts'
import { type FindingKind, findingKinds } from '../../src/model/finding.ts'
import { tuningGrounds } from '../samples/verdict-grounds.ts'
import { type HostSample, sampled } from '../samples/verdict-samples.ts'
import { fitLogistic } from './logistic.ts'

/** A real host counts as this many simulated ones. */
const realWeight = 10

/** The samples, and each simulated bot once more as if alone. */
export const withLoneBots = (samples: readonly HostSample[]): HostSample[] =>
  samples.flatMap((each) => {
    const { botnet, ...rest } = each.strengths
    return each.bot && !each.real && botnet !== undefined ? [each, { ...each, strengths: rest }] : [each]
  })

function fitVerdict(samples: readonly HostSample[]) {
  const all = withLoneBots(samples)
  const kinds = findingKinds.filter((kind) => all.some(({ strengths }) => (strengths[kind] ?? 0) > 0))
  const { bias, weights, loss } = fitLogistic(
    all.map(({ strengths, bot, real }) => ({
      values: kinds.map((kind) => evidenceIn(Math.min(verdictLine, strengths[kind] ?? 0))),
      positive: bot,
      weight: real ? realWeight : 1,
    })),
    kinds.map(() => 1),
    { ridge: 0.0005, rounds: 6000 },
  )
  return {
    loss,
    prior: round(bias),
    weights: Object.fromEntries(kinds.map((kind, i) => [kind, round(weights[i]!)])) as Partial<
      Record<FindingKind, number>
    >,
  }
}

const round = (value: number): number => Math.round(value * 1e3) / 1e3

if (import.meta.main) {
  const samples: HostSample[] = []
  for (const ground of tuningGrounds) {
    const { samples: own, hostDays } = await sampled(ground)
    console.error(
      ground.name,
      own.length,
      'hosts',
      own.filter(({ bot }) => bot).length,
      'bots',
      hostDays.toFixed(2),
    )
    samples.push(...own)
  }
  const { loss, ...fitted } = fitVerdict(samples)
  const file = {
    provenance: {
      command: 'node bench/fit/fit-verdict.ts --write',
      grounds: tuningGrounds.map(({ name }) => name),
      hosts: samples.length,
      bots: samples.filter(({ bot }) => bot).length,
    },
    ...fitted,
  }
  console.error('loss', loss)
  console.log(JSON.stringify(file, null, 2))
  if (process.argv.includes('--write'))
    writeFileSync(
      new URL('../../src/findings/verdict.json', import.meta.url),
      `${JSON.stringify(file, null, 2)}\n`,
    )
}
