import {
  answeredLike,
  checkInsIn,
  fluxesIn,
  questionsByKind,
  rallyOf,
  tunnelEnd,
  tunnelsIn,
  wildcardsIn,
  zoneRotationsIn,
} from '../dns/index.ts'
import {
  checkInFinding,
  fluxFinding,
  rotationFinding,
  tunnelFinding,
  wildcardFinding,
  withAnswered,
  withRally,
} from '../findings/index.ts'
import { ownerOf, popularityOf, serviceOf } from '../knowledge/index.ts'
import type { Finding } from '../model/finding.ts'
import { heldRecords } from '../store/epochs.ts'
import type { Store } from '../store/store.ts'
import { type EpochResult, type Named, noNames, type Whole, type Work } from './context.ts'

/** The catalogued service whose look-ups put data into names below the domain. */
function lookupsOf(registered: string): string | null {
  const service = serviceOf({ name: `x.${registered}`, port: 53, proto: 'udp' })
  return service?.behaviours.includes('lookups') && service.basis !== 'port' ? service.title : null
}

const rankOf = (registered: string): number | null => popularityOf(registered).rank

/** Whether an address is that of a resolver which anybody may ask. */
const isResolver = (address: string): boolean => ownerOf(address)?.kind === 'dns'

export async function namesOf(
  { store, places }: Work,
  whole: Whole,
  results: readonly EpochResult[],
): Promise<Named> {
  if (!(await heldRecords(store)).includes('dns')) return noNames

  const groups = new Map(
    results.flatMap(({ generators }) => generators.map((hosts) => [hosts.join(), hosts])),
  )
  const led: Named['led'][number][] = []
  for (const hosts of groups.values()) led.push({ hosts, answered: await answeredLike(store, whole, hosts) })

  return {
    tunnels: await tunnelsIn(store, whole, { rankOf, serviceOf: lookupsOf }),
    checkIns: await checkInsIn(store, whole, { rankOf, serviceOf: lookupsOf, isResolver }),
    rotations: await zoneRotationsIn(store, whole, { rankOf }),
    fluxes: await fluxesIn(store, whole, places),
    wildcards: await wildcardsIn(store, whole),
    answered: led.flatMap(({ answered }) => answered),
    led,
    kinds: await questionsByKind(store, whole),
  }
}

/** Findings of the names alone. */
export async function nameFindings(store: Store, whole: Whole, names: Named): Promise<Finding[]> {
  const tunnels: Finding[] = []
  for (const tunnel of names.tunnels)
    tunnels.push(tunnelFinding({ ...tunnel, endpoint: await tunnelEnd(store, whole, tunnel.registered) }))

  for (const checkIn of names.checkIns) {
    const endpoint = await tunnelEnd(store, whole, checkIn.registered)
    tunnels.push(checkInFinding({ ...checkIn, endpoint }))
  }

  for (const { zones, ...rotation } of names.rotations) {
    const ended = await Promise.all(
      zones.map(async (zone) => ({ ...zone, endpoint: await tunnelEnd(store, whole, zone.registered) })),
    )
    tunnels.push(rotationFinding({ ...rotation, zones: ended }))
  }
  return [...tunnels, ...names.fluxes.map(fluxFindingOf), ...names.wildcards.map(wildcardFinding)]
}

/** Flux of a popular domain is its owner's content network: an indicator below the threshold. */
function fluxFindingOf(flux: Named['fluxes'][number]): Finding {
  const popular = rankOf(flux.registered) !== null
  return fluxFinding(popular ? { ...flux, confidence: popularShare * flux.confidence } : flux)
}

const popularShare = 0.2

/** The finding with where generated names led its hosts, or with how they find the C&C that it has. */
export async function withRendezvous(
  store: Store,
  whole: Whole,
  names: Named,
  finding: Finding,
): Promise<Finding> {
  if (finding.rally !== null) return finding
  const generated =
    finding.kind === 'dga' ||
    finding.evidence.some((each) => each.kind === 'activity' && each.activity === 'dga')

  if (generated) {
    const answered = names.led.filter(({ hosts }) => finding.hosts.some((host) => hosts.includes(host)))
    return withAnswered(
      finding,
      answered.flatMap((each) => each.answered),
    )
  }

  const [first, ...others] = finding.cnc
  if (!first) return finding
  const overlay = finding.evidence.some((each) => each.kind === 'structure' && each.topology === 'p2p')

  return withRally(
    finding,
    await rallyOf(store, whole, {
      hosts: finding.hosts,
      endpoints: [first, ...others],
      overlay,
      facts: names,
    }),
  )
}
