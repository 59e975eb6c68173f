/** Traces of a real capture, and simulated implants judged in the same surroundings. */
import { type Beacon, beaconOf, extentOf, findBeacons } from '../../src/traces/beacons/find.ts'
import { populationOf } from '../../src/traces/beacons/population.ts'
import { fitted, type Parameters } from '../../src/traces/beacons/verdict.ts'
import { gatherDefaults, goesOutside } from '../../src/traces/gather.ts'
import type { Trace } from '../../src/traces/trace.ts'
import { isCnc, onSide, type RealCapture, withCapture } from './beacon-captures.ts'

export interface Judged {
  readonly beacon: Beacon
  readonly truth: 'cnc' | 'implant' | 'benign' | 'unknown'
}

export interface JudgedCapture {
  readonly capture: RealCapture
  readonly traces: readonly Judged[]
  /** Internal hosts of this side, times the days covered. */
  readonly hostDays: number
}

/** Where implants may live. */
export interface Ground {
  readonly hosts: readonly string[]
  readonly first: number
  readonly last: number
  readonly named: boolean
}

/**
 * Every trace that is considered, and those that `plant` makes, each as if it were the only one planted. Of a service
 * that has a trace by name and one by address the one that `parameters` find stronger is there.
 */
export function judged(
  capture: RealCapture,
  plant: (ground: Ground) => readonly Trace[],
  parameters: Parameters = fitted,
): Promise<JudgedCapture> {
  return withCapture(capture, async ({ store, scope }) => {
    const extent = await extentOf(store, scope)
    const withInternal = !(await goesOutside(store, scope))
    const beacons = (await findBeacons(store, scope, { minScore: 0, parameters })).filter(({ trace }) =>
      onSide(capture, trace.client),
    )
    const hosts = [...new Set(beacons.map(({ trace }) => trace.client))]
      .filter((each) => !each.includes(':'))
      .sort()
    const population = await populationOf(store, scope, {
      traces: beacons.map(({ trace }) => trace),
      withInternal,
    })
    const setting = { ...gatherDefaults, population: planted(population), extent, parameters }
    const traces = plant({ hosts, ...extent, named: population.network.namedShare > 0 })
    return {
      capture,
      traces: [
        ...beacons.map((beacon): Judged => {
          const { address, port } = beacon.endpoint
          return { beacon, truth: isCnc(capture, address, port) ? 'cnc' : capture.others }
        }),
        ...traces.flatMap((trace): Judged[] => {
          const beacon = beaconOf(trace, setting)
          return beacon ? [{ beacon, truth: 'implant' }] : []
        }),
      ],
      hostDays: (hosts.length * (extent.last - extent.first)) / 86.4e9,
    }
  })
}

/** The population with one more server and, over 1023, one more port. */
function planted(population: Awaited<ReturnType<typeof populationOf>>): typeof population {
  return {
    network: population.network,
    profile: (trace) => {
      const profile = population.profile(trace)
      const { portServers, clientServers, clientPorts } = profile
      const odd = trace.serverPort > 1023 ? 1 : 0
      return {
        ...profile,
        portServers: portServers + 1,
        clientServers: clientServers + 1,
        clientPorts: clientPorts + odd,
      }
    },
  }
}
