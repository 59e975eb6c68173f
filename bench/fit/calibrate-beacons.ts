/**
 * Fits src/traces/beacons/parameters.json on the tuning side of docs/method/held-out.md, and on nothing else.
 *
 *     node bench/fit/calibrate-beacons.ts [--write]
 *
 * Innocent traces are those of the real tuning captures; C&C are the real ones there and simulated implants of
 * seeds 1 to 6. Weights have the sign that `features.ts` states. The bias of each head is then moved so that 0.5 is
 * the line: on the desktops and the infected hosts no benign trace reaches it. In the crowds a small share of the
 * hosts may (`crowdShare` in fit-heads.ts), by answered calls, by calls in vain and by held connections each.
 * The weights in force play no part: a second run gives the same.
 */
import { writeFileSync } from 'node:fs'
import { callFeatures, heldFeatures } from '../../src/traces/beacons/features.ts'
import type { Heads, Parameters } from '../../src/traces/beacons/verdict.ts'
import { realCaptures } from '../samples/beacon-captures.ts'
import { type JudgedCapture, judged } from '../samples/beacon-samples.ts'
import { implants } from '../samples/implants.ts'
import { fitHeads } from './fit-heads.ts'

const seeds = [1, 2, 3, 4, 5, 6]

/** Every feature as heavy as every other, by its sign. */
function even<Feature extends string>(
  list: Readonly<Record<Feature, { readonly side: string }>>,
): Heads<Feature> {
  const sign = { for: 1, against: -1 } as Readonly<Record<string, number>>
  const weights = Object.fromEntries(
    (Object.keys(list) as Feature[]).map((feature) => [feature, sign[list[feature].side] ?? 0]),
  ) as Record<Feature, number>
  return { few: { bias: 0, weights }, many: { bias: 0, weights } }
}
const neutral: Parameters = { calls: even(callFeatures), held: even(heldFeatures), threshold: 0.5 }

const captures = await collect()
const parameters = {
  provenance: {
    command: 'node bench/fit/calibrate-beacons.ts --write',
    captures: [...new Set(captures.map(({ capture }) => capture.name))],
    seeds,
    traces: captures.reduce((sum, { traces }) => sum + traces.length, 0),
  },
  ...fitHeads(captures),
  threshold: 0.5,
}
console.log(JSON.stringify(parameters, null, 2))
if (process.argv.includes('--write'))
  writeFileSync(
    new URL('../../src/traces/beacons/parameters.json', import.meta.url),
    `${JSON.stringify(parameters, null, 2)}\n`,
  )

/** Each tuning capture once, with its implants. */
async function collect(): Promise<JudgedCapture[]> {
  const found: JudgedCapture[] = []
  for (const capture of realCaptures.filter(({ side }) => side === 'tuning'))
    found.push(
      await judged(
        capture,
        (ground) => seeds.flatMap((seed) => implants({ ...ground, seed, count: 40 })),
        neutral,
      ),
    )
  return found
}
