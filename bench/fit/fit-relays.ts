/**
 * Where the line of src/structures/relays.ts (`share`) comes from: `node bench/fit/fit-relays.ts`.
 *
 * Tuning side only: simulated proxies and relays of seeds 1 to 4, clean campus days of seeds 1 and 2, and the real
 * background's hosts whose last number is even. The line lies halfway between the highest benign score and the score
 * that 19 of 20 of the relays reach, rounded down to a tenth.
 */
import { sharedData } from '../../test/shared-data.ts'
import { cleanCampusRelays, realRelays, simulatedRelays } from '../samples/relay-samples.ts'

const made = []
for (const seed of [1, 2, 3, 4]) made.push(...(await simulatedRelays(seed)))
const innocents = made.filter(({ what }) => what === 'benign').map(({ score }) => score)
for (const seed of [1, 2]) innocents.push(...(await cleanCampusRelays(seed)).map(({ score }) => score))
const real = await realRelays(sharedData('background/ctu13-s6-half.binetflow.gz'), ['147.32.0.0/16'])
innocents.push(
  ...real.filter(({ host }) => Number(host.split('.').at(-1)) % 2 === 0).map(({ score }) => score),
)
const relays = made
  .filter(({ what }) => what !== 'benign')
  .map(({ score }) => score)
  .toSorted((a, b) => a - b)
const highest = Math.max(...innocents)
const reached = relays[Math.floor(relays.length / 20)]!
console.log({
  relays: relays.length,
  lowest: relays.slice(0, 8),
  reached,
  innocents: innocents.length,
  highest,
  line: Math.floor(5 * (highest + reached)) / 10,
})
