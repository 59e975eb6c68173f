/**
 * Family models by the paper's protocol: 70 % of each family's traces train, the rest is mixed into benign traffic,
 * 50 runs. The paper's samples are not public and it prints no values by family, so six stand-ins span what its
 * families differ in: how regular they are and how many versions they have.
 *
 *     node bench/families.ts
 */
import { type Random, seeded } from '../src/math/random.ts'
import { crossValidate, type FamilySamples } from '../src/traces/cross-validate.ts'
import { type Features, featuresOf } from '../src/traces/features.ts'
import { gatherDefaults, tracesIn } from '../src/traces/gather.ts'
import { matchFamilies } from '../src/traces/match.ts'
import { trainFamily } from '../src/traces/train.ts'
import { realCaptures, withCapture } from './beacon-captures.ts'
import { traceOf } from './implants.ts'
import type { Row } from './import.ts'

interface StandIn {
  readonly name: string
  /** Family of the paper whose detection rate it stands beside, and that rate in percent. */
  readonly beside: string
  readonly versions: readonly Version[]
  readonly traces: number
}

interface Version {
  readonly period: number
  readonly jitter: number
  /** Half width of the sizes and durations, as a share. */
  readonly spread: number
  readonly sent: number
  readonly received: number
  readonly duration: number
}

const standIns: readonly StandIn[] = [
  {
    name: 'one tight version',
    beside: 'Banbra 100',
    traces: 29,
    versions: [{ period: 900, jitter: 0.02, spread: 0.03, sent: 640, received: 1900, duration: 1.2 }],
  },
  {
    name: 'wide sizes and intervals',
    beside: 'Bifrose 49',
    traces: 18,
    versions: [{ period: 60, jitter: 0.8, spread: 0.9, sent: 900, received: 5000, duration: 8 }],
  },
  {
    name: 'two versions',
    beside: 'Blackenergy 85',
    traces: 67,
    versions: [
      { period: 600, jitter: 0.1, spread: 0.1, sent: 420, received: 260, duration: 0.6 },
      { period: 1800, jitter: 0.1, spread: 0.1, sent: 470, received: 3100, duration: 0.9 },
    ],
  },
  {
    name: 'jittered, two sizes',
    beside: 'Dedler 63',
    traces: 50,
    versions: [
      { period: 120, jitter: 0.4, spread: 0.3, sent: 1200, received: 900, duration: 4 },
      { period: 240, jitter: 0.5, spread: 0.5, sent: 5200, received: 800, duration: 6 },
    ],
  },
  {
    name: 'moderate jitter',
    beside: 'Pushdo 81',
    traces: 37,
    versions: [{ period: 1200, jitter: 0.2, spread: 0.2, sent: 760, received: 9000, duration: 3 }],
  },
  {
    name: 'few samples',
    beside: 'Sasfis 87',
    traces: 14,
    versions: [{ period: 450, jitter: 0.1, spread: 0.15, sent: 560, received: 700, duration: 1 }],
  },
]

/** Published results per family, of a far larger network: quoted in docs/method/beacons.md, never tuned to. */
export async function run(): Promise<Row[]> {
  const benign = await benignFeatures(10)
  const samples = standIns.map((each) => samplesOf(each, 0))
  const rows: Row[] = []
  for (const alpha of [1.25, 1.75, 2.25])
    for (const result of crossValidate(samples, benign, { runs: 50, alpha }))
      rows.push({
        name: `${result.family}, alpha ${alpha}`,
        figure: result.detected,
        unit: `found (${result.detectedRange.map((each) => each.toFixed(2)).join(' to ')}), ${result.named.toFixed(2)} named right`,
        peer: standIns.find(({ name }) => name === result.family)!.beside,
        asserted: `${result.falseAlarms.toFixed(2)} false alarms a run of ${benign.length} benign traces`,
      })
  return [...rows, ...evasion()]
}

function samplesOf(standIn: StandIn, evade: number, padding = 0): FamilySamples {
  const random = seeded(standIn.name)
  return {
    family: standIn.name,
    features: Array.from({ length: standIn.traces }, (_, i) =>
      featuresOf(
        traceOf(
          callsOf(standIn.versions[i % standIn.versions.length]!, random.split(i), { evade, padding }),
          { client: '-', port: 80, first: 1.7e15, name: null, number: i },
        ),
      ),
    ),
  }
}

function callsOf(version: Version, random: Random, { evade, padding }: { evade: number; padding: number }) {
  const off = (value: number, spread: number) => value * (1 + spread * (2 * random.next() - 1))
  let at = 0
  return Array.from({ length: 30 + random.integer(100) }, () => {
    at += off(version.period, Math.max(version.jitter, evade))
    return {
      at,
      duration: off(version.duration, version.spread),
      sent: Math.round(off(version.sent, version.spread) + padding * random.next() * version.sent),
      received: Math.round(
        off(version.received, version.spread) + padding * random.next() * version.received,
      ),
      answered: true,
    }
  })
}

/** The tight family against bots that randomise their intervals, or pad their sizes, after the model was made. */
function evasion(): Row[] {
  const family = standIns[0]!
  const { features } = samplesOf(family, 0)
  const model = trainFamily({
    family: family.name,
    from: ['simulated'],
    given: features.length,
    minCalls: 10,
    features,
  })
  const row = (name: string, list: readonly Features[]): Row => ({
    name,
    figure: list.filter((each) => matchFamilies(each, [model]).length > 0).length / list.length,
    unit: 'found',
    asserted: `${list.length} traces, alpha 1.75, 3 hits`,
  })
  return [
    ...[0, 0.25, 0.5, 1].map((evade) =>
      row(`intervals randomised by ${evade * 100} %`, samplesOf(family, evade).features),
    ),
    ...[0, 0.1, 0.5, 1, 4].map((padding) =>
      row(`sizes padded by up to ${padding * 100} %`, samplesOf(family, 0, padding).features),
    ),
    row('intervals randomised by 100 % and sizes padded by up to 100 %', samplesOf(family, 1, 1).features),
  ]
}

/** Features of every innocent trace of at least `minCalls` calls, of both sides: no model is tuned on them. */
async function benignFeatures(minCalls: number): Promise<Features[]> {
  const found: Features[] = []
  const clean = realCaptures.filter(
    ({ cnc, others, half }) => cnc.length === 0 && others === 'innocent' && half !== 1,
  )
  for (const capture of clean)
    await withCapture(capture, async ({ store, scope }) => {
      for await (const chunk of tracesIn(store, scope, {
        minCalls,
        longSeconds: 1e9,
        cap: gatherDefaults.cap,
      }))
        for (const trace of chunk) if (trace.by === 'address') found.push(featuresOf(trace))
    })
  return found
}

if (import.meta.main)
  for (const { name, figure, unit, peer, asserted } of await run())
    console.log([name, figure.toFixed(2), unit, peer ?? '', asserted].join(' | '))
