/** What is tuned on is not reported on: docs/method/held-out.md and the lists that the benchmarks use are one. */
import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { realCaptures } from '../bench/samples/beacon-captures.ts'
import {
  reportingNetworks,
  reportingSeeds,
  tuningFamilies,
  tuningNetworks,
  tuningSeeds,
} from '../bench/seeds.ts'
import { families } from '../src/simulate/families/index.ts'
import { scenarios } from '../src/simulate/scenarios/index.ts'

const page = readFileSync(new URL('../docs/method/held-out.md', import.meta.url), 'utf8')
const rows = page
  .split('\n')
  .filter((line) => line.startsWith('| '))
  .map((line) => line.split('|').map((cell) => cell.trim()))

it('names the side of every capture as the code has it', () => {
  const sides = rows
    .filter(([, , side]) => side === 'tuning' || side === 'reporting')
    .map(([, name, side]) => ({ name, side }))
  const captures = sides.filter(({ name }) => !/^\d/.test(name ?? ''))
  expect(captures).toEqual(realCaptures.map(({ name, side }) => ({ name, side })))
})

it('has no capture on both sides but the background, which is cut by host', () => {
  const tuned = realCaptures.filter(({ side }) => side === 'tuning')
  for (const { name, paths, half } of realCaptures.filter(({ side }) => side === 'reporting')) {
    const shared = tuned.filter((each) => each.paths.some((path) => paths.includes(path)))
    expect(
      shared.filter((each) => each.half === undefined || each.half === half),
      name,
    ).toEqual([])
  }
})

it('reports on no seed that anything was set on', () => {
  expect(reportingSeeds.filter((seed) => tuningSeeds.includes(seed))).toEqual([])
  expect(rows.filter(([, , side]) => side === 'tuning')[0]?.[1]).toBe(
    `${tuningSeeds[0]} to ${tuningSeeds.at(-1)}`,
  )
  const { provenance } = JSON.parse(
    readFileSync(new URL('../src/traces/beacons/parameters.json', import.meta.url), 'utf8'),
  ) as { provenance: { seeds: number[]; captures: string[] } }
  expect(provenance.seeds.filter((seed) => !tuningSeeds.includes(seed))).toEqual([])
  const sides = new Map(realCaptures.map(({ name, side }) => [name, side]))
  expect(provenance.captures.map((name) => sides.get(name))).toEqual(provenance.captures.map(() => 'tuning'))
})

it('has every network and every family of the simulator on one side', () => {
  expect(reportingNetworks.filter((name) => tuningNetworks.includes(name))).toEqual([])
  const named = [...tuningNetworks, ...reportingNetworks]
  expect(named.filter((name) => !scenarios.some((each) => each.name === name))).toEqual([])
  const namesOf = (kind: string, side: string) =>
    rows
      .filter(([, , own, at]) => own === kind && at === side)
      .map(([, name]) => name?.replaceAll('`', '') ?? '')
      .sort()
  expect(namesOf('network', 'tunes')).toEqual(tuningNetworks.toSorted())
  expect(namesOf('network', 'reports')).toEqual(reportingNetworks.toSorted())
  expect(namesOf('family', 'tunes')).toEqual(tuningFamilies.toSorted())
  const others = families.map(({ name }) => name).filter((name) => !tuningFamilies.includes(name))
  expect(namesOf('family', 'reports').filter((name) => !others.includes(name))).toEqual([])
})
