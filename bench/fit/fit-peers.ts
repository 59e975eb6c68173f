/**
 * Fits src/structures/peers.json: simulated bots and benign programs of the tuning seeds 1 to 6, and the internal hosts
 * of the real background whose last number is even, taken for benign (docs/method/held-out.md).
 *
 *     node bench/fit/fit-peers.ts [--write]
 *
 * Weights have the sign that `peerClues` states. The bias is then moved so that no benign of the tuning side reaches
 * the line of 0.5.
 */
import { writeFileSync } from 'node:fs'
import { featuresOf, peerFeatures } from '../../src/structures/peers.ts'
import { weigh } from '../../src/structures/weights.ts'
import { sharedData } from '../../test/shared-data.ts'
import { type PeerSample, realPeers, simulatedPeers } from '../samples/peer-samples.ts'
import { few } from '../smallest.ts'
import { fitLogistic, type Sample } from './logistic.ts'

const seeds = [1, 2, 3, 4, 5, 6]
const background = 'background/ctu13-s6-half.binetflow.gz'

export async function tuningPeers(): Promise<PeerSample[]> {
  const samples: PeerSample[] = []
  for (const seed of few(seeds)) samples.push(...(await simulatedPeers(seed)).samples)
  const real = await realPeers(sharedData(background), ['147.32.0.0/16'])
  const even = real.filter(({ host }) => Number(host.split('.').at(-1)) % 2 === 0)
  return [...samples, ...even.map((facts) => ({ what: 'background', bot: false, seed: null, facts }))]
}

/** Bots and innocents weigh the same in sum, and programs among them. */
export function fitPeers(samples: readonly PeerSample[]): { bias: number; weights: Record<string, number> } {
  const counts = new Map<string, number>()
  for (const { what } of samples) counts.set(what, (counts.get(what) ?? 0) + 1)
  const kinds = (bot: boolean) =>
    new Set(samples.filter((each) => each.bot === bot).map(({ what }) => what)).size
  const rows = samples.map(
    ({ what, bot, facts }): Sample => ({
      values: valuesOf(facts),
      positive: bot,
      weight: 1 / (counts.get(what)! * kinds(bot)),
    }),
  )
  const { bias, weights } = fitLogistic(
    rows,
    peerFeatures.map(({ sign }) => sign),
    { ridge: 0.003 },
  )
  const odds = (facts: PeerSample['facts']) =>
    valuesOf(facts).reduce((sum, value, i) => sum + value * weights[i]!, bias)
  const over = Math.max(0, ...samples.filter(({ bot }) => !bot).map(({ facts }) => odds(facts) + 0.2))
  const short = (value: number) => Math.round(value * 1e3) / 1e3
  return {
    bias: short(bias - over),
    weights: Object.fromEntries(peerFeatures.map(({ name }, i) => [name, short(weights[i]!)])),
  }
}

const valuesOf = (facts: PeerSample['facts']): number[] => {
  const values = featuresOf(facts)
  return peerFeatures.map(({ name }) => values[name]!)
}

if (import.meta.main) {
  const samples = await tuningPeers()
  const parameters = {
    provenance: {
      command: 'node bench/fit/fit-peers.ts --write',
      seeds,
      captures: ['background, even hosts'],
      samples: samples.length,
    },
    ...fitPeers(samples),
    threshold: 0.5,
  }
  console.log(JSON.stringify(parameters, null, 2))
  // How the fit without an overlay judges that overlay: what an unknown one may expect.
  for (const what of new Set(samples.filter(({ bot }) => bot).map((each) => each.what))) {
    const without = fitPeers(samples.filter((each) => each.what !== what))
    const own = samples.filter((each) => each.what === what)
    const over = own.filter(({ facts }) => weigh(without, peerFeatures, featuresOf(facts)).score >= 0.5)
    const middle = Object.entries(featuresOf(own[own.length >> 1]!.facts)).map(
      ([name, value]) => `${name} ${value.toFixed(2)}`,
    )
    console.log(`${what}: ${over.length} of ${own.length} without it; ${middle.join(', ')}`)
  }
  for (const what of new Set(samples.filter(({ bot }) => !bot).map((each) => each.what))) {
    const own = samples.filter((each) => each.what === what)
    const scores = own.map(({ facts }) => weigh(parameters, peerFeatures, featuresOf(facts)).score)
    console.log(`${what}: ${own.length}, highest ${Math.max(...scores).toFixed(2)}`)
  }
  if (process.argv.includes('--write'))
    writeFileSync(
      new URL('../../src/structures/peers.json', import.meta.url),
      `${JSON.stringify(parameters, null, 2)}\n`,
    )
}
