/** A beacon as a finding says it: evidence with its query, claim, doubts, and the numbers of its pictures. */

import { ascending, known, medianOf } from '../../math/stats.ts'
import type { BeaconFigure } from '../../model/answer.ts'
import type { Evidence } from '../../model/evidence.ts'
import { clampRatio, micros, seconds } from '../../model/units.ts'
import { sayMany } from '../../model/words/say.ts'
import { callsQuery, mapped, textOf } from '../calls-query.ts'
import { samenessOf } from '../features.ts'
import { spectrumOf } from '../spectrum.ts'
import type { Beacon } from './find.ts'
import { beatsOf, type Rhythm } from './rhythm.ts'
import { weighingEvidence } from './score-breakdown.ts'

/**
 * Rhythm where calls come back, sameness where sizes are known, rarity where others could have called; the
 * verdict's own reckoning.
 */
export function evidenceOf(beacon: Beacon): Evidence[] {
  return [
    rhythmEvidence({ ...beacon, held: beacon.verdict.kind === 'held' }),
    samenessEvidence(beacon),
    rarityEvidence({ ...beacon, hosts: beacon.profile.hosts, ofHosts: beacon.network.hosts }),
    { ...weighingEvidence(beacon), flows: beacon.trace.flows, query: callsQuery(beacon) },
  ].filter((each) => each !== null)
}

type Called = Pick<Beacon, 'trace' | 'endpoint'>

/** null without a clock, or with a weak one beside a connection that is held. */
export function rhythmEvidence(
  beacon: Called & Pick<Beacon, 'rhythm'> & { readonly held: boolean },
): Evidence | null {
  const { rhythm, trace, endpoint, held } = beacon
  if (!rhythm || (held && rhythm.evidence < 5)) return null

  return {
    kind: 'rhythm',
    endpoint,
    period: seconds(rhythm.period),
    strength: clampRatio(rhythm.kept),
    calls: rhythm.beats,
    span: seconds(rhythm.span),
    peakOverThreshold: spectrumOf(trace.calls.start).peakOverThreshold,
    jitter: seconds(rhythm.jitter),
    flows: trace.flows,
    query: callsQuery(beacon),
  }
}

/** Share of the connections from which their size is worth a sentence. */
const leastAlike = 0.5

/** null if the input gives no sizes, or if fewer than half of the connections have about the same. */
export function samenessEvidence(beacon: Called): Evidence | null {
  const { trace, endpoint } = beacon
  const median = (values: Float64Array) => {
    const middle = medianOf(ascending(known(values)))
    return Number.isNaN(middle) ? null : middle
  }
  const alike = [trace.calls.sent, trace.calls.received].map(samenessOf).filter((each) => !Number.isNaN(each))
  const consistency = alike.reduce((a, b) => a + b, 0) / alike.length
  if (!(consistency >= leastAlike)) return null

  return {
    kind: 'sameness',
    endpoint,
    sent: median(trace.calls.sent),
    received: median(trace.calls.received),
    consistency: clampRatio(consistency),
    flows: trace.flows,
    query: callsQuery(beacon),
  }
}

/** null where fewer than three hosts are watched. */
export function rarityEvidence({
  hosts,
  ofHosts,
  endpoint,
  trace,
}: Called & { readonly hosts: number; readonly ofHosts: number }): Evidence | null {
  if (ofHosts < 3) return null

  return {
    kind: 'rarity',
    endpoint,
    hosts,
    ofHosts,
    flows: trace.flows,
    query: {
      sql:
        `SELECT ${textOf('server')} AS peer, ${textOf('client')} AS host, count() AS flows, ` +
        'fromUnixTimestamp64Micro(min(start)) AS first, fromUnixTimestamp64Micro(max(start)) AS last ' +
        'FROM flow WHERE server IN {servers:Array(IPv6)} GROUP BY server, client ORDER BY server, flows DESC, client',
      params: { servers: trace.servers.map(mapped) },
    },
  }
}

/** "10.0.0.7 calls 203.0.113.9:443 at regular intervals." */
export function claimOf({ trace, endpoint, verdict, rhythm }: Beacon): string {
  const [first, last] = [trace.servers[0], trace.servers.at(-1)]
  const at =
    trace.by === 'moves'
      ? `${sayMany(trace.servers.length, 'server')} in turn (${first} to ${last}) on port ${endpoint.port}`
      : `${endpoint.name ? `${endpoint.name} (${endpoint.address})` : endpoint.address}:${endpoint.port}`
  if (verdict.kind === 'held') return `${trace.client} holds a connection to ${at} open.`
  const clocked = rhythm !== null && rhythm.gain >= 0.3
  if (verdict.kind === 'retries')
    return `${trace.client} retries ${at}${clocked ? ' at regular intervals' : ''}; no attempt succeeds.`
  return clocked
    ? `${trace.client} calls ${at} at regular intervals.`
    : `${trace.client} calls ${at} again and again alike.`
}

/** Innocent causes that would look the same, the likeliest first. */
export function doubtsOf({ trace, network, verdict, profile }: Beacon): [string, ...string[]] {
  const doubts: string[] = []

  if (verdict.kind === 'retries')
    doubts.push(
      'it is a program set up for a server that is gone: a printer, a mail account, a licence server',
    )
  if (verdict.kind === 'held')
    doubts.push('it is a remote session, a push service, a game or a tunnel that a person set up')
  if (verdict.kind === 'calls')
    doubts.push('it is a monitoring agent, an update check or a status page that was left open')
  if (network.hosts < 3) doubts.push('the records show too few hosts to say whether the server is rare')
  if (profile.name === null && network.namedShare === 0)
    doubts.push(
      'the records name no server on ports 80 and 443, so a well-known service cannot be recognised',
    )
  if (trace.calls.start.length < 10 && verdict.kind !== 'held')
    doubts.push(`${trace.calls.start.length} calls are few`)

  return doubts as [string, ...string[]]
}

/** Points of the pictures. */
const most = { starts: 2000, intervals: 40, spectrum: 512 }

/** The calls in time, the interval histogram in equal steps of the logarithm, and the spectrum with its threshold. */
export const figureOf = (
  { trace, rhythm }: Pick<Beacon, 'trace' | 'rhythm'>,
  finding: string,
): BeaconFigure => callsFigure(trace.calls.start, rhythm, finding)

/** The same of any calls: `start` in microseconds, ascending. */
export function callsFigure(
  start: Float64Array,
  rhythm: Pick<Rhythm, 'scale'> | null,
  finding: string,
): BeaconFigure {
  const spectrum = spectrumOf(start)
  return {
    finding,
    starts: [...start.subarray(0, most.starts)].map(micros),
    intervals: histogram(beatsOf(start, rhythm?.scale ?? 0.1)),
    spectrum: spectrum.points.slice(0, most.spectrum),
    threshold: spectrum.threshold,
  }
}

function histogram(beats: Float64Array): BeaconFigure['intervals'] {
  const gaps = ascending(beats.subarray(1).map((each, i) => each - beats[i]!))
  if (gaps.length === 0) return []
  const low = Math.log(gaps[0]!)
  const high = Math.log(gaps[gaps.length - 1]!)
  const bars = Math.min(most.intervals, Math.max(1, Math.ceil((high - low) / 0.1)))
  const width = Math.max((high - low) / bars, 1e-9)
  const counts = new Uint32Array(bars)
  for (const gap of gaps) counts[Math.min(bars - 1, Math.floor((Math.log(gap) - low) / width))]!++
  return [...counts].map((count, i) => ({
    from: Math.exp(low + i * width),
    to: Math.exp(low + (i + 1) * width),
    count,
  }))
}
