import type { Infection, Scenario } from '../scenario.ts'

/** Botnets of a family, and bots in each: together as many samples as the BotFinder paper had traces, about. */
const campaigns: readonly (readonly [family: string, botnets: number, bots: number])[] = [
  ['Banbra', 4, 7],
  ['Bifrose', 6, 3],
  ['Blackenergy', 8, 8],
  ['Dedler', 6, 8],
  ['Pushdo', 6, 6],
  ['Sasfis', 4, 4],
]

const botnets = campaigns.flatMap(([family, count, size]) =>
  Array.from(
    { length: count },
    (_, i): Infection => ({ id: `${family.toLowerCase()}-${i + 1}`, family, size, among: ['thing'] }),
  ),
)

/** Machines that do nothing but call home: records to train family models from. */
export const familySamples: Scenario = {
  name: 'family-samples',
  doc: 'A sandbox for a day: samples of the six families of the BotFinder paper, mostly assumed.',
  begins: '2026-03-04T00:00:00Z',
  hours: 24,
  prefix: '10.60',
  domain: 'sandbox.example',
  populations: [
    { role: 'resolver', count: 1, systems: ['linux'], habits: [] },
    {
      role: 'thing',
      count: botnets.reduce((sum, { size }) => sum + size, 0),
      systems: ['windows'],
      habits: [],
    },
  ],
  surroundings: [],
  botnets,
}
