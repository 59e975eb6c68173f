/**
 * The model-free verdict against RITA's score on the reporting side of docs/method/held-out.md: the real captures,
 * then simulated callers of one kind at a time in the surroundings of a real desktop and of the campus.
 *
 *     node bench/detection/beacons.ts [CAPTURE…]
 */
import { seeded } from '../../src/math/random.ts'
import type { Trace } from '../../src/traces/trace.ts'
import { type RealCapture, realCaptures } from '../samples/beacon-captures.ts'
import { type Ground, type Judged, type JudgedCapture, judged } from '../samples/beacon-samples.ts'
import { clockwork, traceOf } from '../samples/implants.ts'
import { few, isSmallest } from '../smallest.ts'
import type { Row } from '../speed/import.ts'
import { curveRows } from './beacon-curves.ts'

/** RITA's line: from here on a pair is of medium severity. */
const ritaLine = 0.7
export const ourLine = 0.5
export const perKind = 60
const hour = 3600

interface Kind {
  readonly name: string
  readonly period: number
  readonly jitter?: number
  readonly missed?: number
  /** Seconds from first to last call; the whole of the ground where not given. */
  readonly active?: number
  readonly calls?: number
  /** Hours of each day without calls. */
  readonly night?: number
  /** Sizes grow by up to this share. */
  readonly padding?: number
  /** Whether records name the server; every second one where not given. */
  readonly named?: boolean
  /** Port; one of the web and a few others where not given. */
  readonly port?: number
  /** Days that the ground is stretched to. */
  readonly days?: number
}

const kinds: readonly Kind[] = [
  ...[0, 0.1, 0.2, 0.3, 0.5, 0.75, 1].map((jitter) => ({
    name: `jitter ±${jitter * 100} %`,
    period: 300,
    jitter,
  })),
  ...[0.1, 0.2, 0.3, 0.5].map((missed) => ({
    name: `${missed * 100} % missed, jitter ±10 %`,
    period: 300,
    jitter: 0.1,
    missed,
  })),
  ...[4, 6, 10, 20, 50, 100, 500].map((calls) => ({
    name: `${calls} calls, jitter ±10 %`,
    period: 120,
    jitter: 0.1,
    calls,
  })),
  ...[5, 30, 120, 600, 1800, hour, 2 * hour, 4 * hour].map((period) => ({
    name: `every ${period} s, jitter ±10 %`,
    period,
    jitter: 0.1,
  })),
  { name: 'every 12 h for 14 days, jitter ±10 %', period: 12 * hour, jitter: 0.1, days: 14 },
  { name: 'every 24 h for 14 days, jitter ±10 %', period: 24 * hour, jitter: 0.1, days: 14 },
  ...[1, 2, 3.5].map((hours) => ({
    name: `active for ${hours} h, jitter ±10 %`,
    period: 120,
    jitter: 0.1,
    active: hours * hour,
  })),
  ...[0.5, 2].map((padding) => ({
    name: `sizes padded by up to ${padding * 100} %, jitter ±30 %`,
    period: 300,
    jitter: 0.3,
    padding,
  })),
  { name: 'named, on 443, jitter ±30 %', period: 300, jitter: 0.3, named: true, port: 443 },
  {
    name: 'named, on 443, padded by up to 200 %, jitter ±30 %',
    period: 300,
    jitter: 0.3,
    named: true,
    port: 443,
    padding: 2,
  },
  { name: 'asleep 8 h a day, jitter ±10 %', period: 300, jitter: 0.1, night: 8 },
]

/** Where simulated callers are planted, and what the tables call it. */
export const grounds = [
  ['desktop 010', 'desktop'],
  ['background, odd hosts', 'campus'],
  ['simulated campus 11', 'simulated campus'],
] as const

/** The reporting side, and of the tuning side what has command and control. */
const isShown =
  (names: readonly string[]) =>
  ({ name, side, cnc }: RealCapture): boolean =>
    names.length > 0 ? names.includes(name) : side === 'reporting' || cnc.length > 0

/** @param names Captures to measure; all where none is named. */
export async function run(
  names: readonly string[] = isSmallest ? ['njRAT 001', 'desktop 010'] : [],
): Promise<Row[]> {
  const plain: JudgedCapture[] = []
  for (const capture of realCaptures.filter(isShown(names))) plain.push(await judged(capture, () => []))
  const reporting = plain.filter(({ capture }) => capture.side === 'reporting')
  const rows = [...plain.flatMap(realRows), ...falseAlarms(reporting)]
  for (const [name, ground] of grounds) {
    const found = reporting.find(({ capture }) => capture.name === name)
    if (!found) continue
    const line = lineAtTheirRate(found)
    rows.push({
      name: `${name}: our line at their false alarms`,
      figure: line,
      unit: 'score',
      asserted: 'benign traces of the same capture',
    })
    rows.push(...(await kindRows(found.capture, { ground, line })))
  }
  return rows
}

const benign = (captures: readonly JudgedCapture[]): Judged[] =>
  captures.flatMap(({ traces }) => traces.filter(({ truth }) => truth === 'benign'))

const theirs = ({ beacon }: Judged): number => beacon.baseline?.beacon ?? 0
const ours = ({ beacon }: Judged): number => beacon.score

/** The lowest score with no more false alarms than RITA has on the same traces. */
function lineAtTheirRate(capture: JudgedCapture): number {
  const all = benign([capture])
  const allowed = all.filter((each) => theirs(each) >= ritaLine).length
  return all.map(ours).sort((a, b) => b - a)[allowed]! + 1e-9
}

/** Rank of the first C&C of a capture, by either score. */
function realRows({ capture, traces }: JudgedCapture): Row[] {
  if (capture.cnc.length === 0) return []
  const rank = (score: (each: Judged) => number) => {
    const ordered = [...traces].sort((a, b) => score(b) - score(a))
    const first = ordered.findIndex(({ truth, beacon }) => truth === 'cnc' && score({ truth, beacon }) > 0)
    return { rank: first + 1, score: first < 0 ? 0 : score(ordered[first]!) }
  }
  const mine = rank(ours)
  const peer = rank(theirs)
  return [
    {
      name: `${capture.side}: ${capture.name}`,
      figure: mine.rank,
      unit: `rank, score ${mine.score.toFixed(2)}`,
      peer: `RITA rank ${peer.rank || 'none'}, score ${peer.score.toFixed(2)}`,
      asserted: `of ${traces.length} traces`,
    },
  ]
}

function falseAlarms(captures: readonly JudgedCapture[]): Row[] {
  return captures.flatMap((each) => {
    const all = benign([each])
    const mine = all.filter((one) => ours(one) >= ourLine)
    return [
      {
        name: `false alarms: ${each.capture.name}`,
        figure: mine.length,
        unit: `traces on ${new Set(mine.map(({ beacon }) => beacon.trace.client)).size} hosts`,
        peer: `RITA at ${ritaLine}: ${all.filter((one) => theirs(one) >= ritaLine).length}`,
        asserted: `${each.hostDays.toFixed(2)} host-days, ${all.length} traces`,
      },
    ]
  })
}

/** Share of callers of each kind that are missed: at our line, at their rate of false alarms, and by RITA. */
async function kindRows(
  capture: RealCapture,
  { ground, line }: { ground: string; line: number },
): Promise<Row[]> {
  const rows: Row[] = []
  for (const [stretch, group] of Map.groupBy(few(kinds), ({ days }) => days ?? 0)) {
    const usable = group.filter((kind) => capture.half === undefined || fits(kind))
    if (usable.length === 0) continue
    const found = await judged(capture, (where) =>
      usable.flatMap((kind, i) =>
        callersOf(
          kind,
          { ...where, last: stretch ? where.first + stretch * 86.4e9 : where.last },
          i * perKind,
        ),
      ),
    )
    const planted = found.traces.filter(({ truth }) => truth === 'implant')
    if (stretch === 0) {
      const scored = (traces: readonly Judged[], malicious: boolean) =>
        traces.map((each) => ({ malicious, ours: ours(each), theirs: theirs(each) }))
      const both = [...scored(planted, true), ...scored(benign([found]), false)]
      rows.push(...curveRows(ground, both, { line: ritaLine, hostDays: found.hostDays }))
    }
    for (const [i, kind] of usable.entries()) {
      const names = new Set(
        callersOf(kind, { hosts: ['-'], first: 0, last: 1, named: false }, i * perKind, true).map(
          ({ servers }) => servers[0],
        ),
      )
      const each = planted.filter(({ beacon }) => names.has(beacon.trace.servers[0]))
      const missed = (caught: (one: Judged) => boolean) => 1 - each.filter(caught).length / perKind
      const peer = missed((one) => theirs(one) >= ritaLine)
      const atRate = missed((one) => ours(one) >= line)
      rows.push({
        name: `${ground}: ${kind.name}`,
        figure: missed((one) => ours(one) >= ourLine),
        unit: 'missed',
        ratio: peer === 0 ? (atRate === 0 ? 0 : Number.POSITIVE_INFINITY) : atRate / peer,
        peer: `at RITA's false alarms ${atRate.toFixed(2)}, RITA ${peer.toFixed(2)}`,
        asserted: `${perKind} callers`,
      })
    }
  }
  return rows
}

/** The campus covers two hours: calls must fit in. */
const fits = ({ period, calls = 10, active = 0, night = 0 }: Kind): boolean =>
  period * calls <= 7200 && active <= 7200 && night === 0

/** `names` only: the addresses, without the calls. */
function callersOf(kind: Kind, ground: Ground, from: number, names = false): Trace[] {
  const span = (ground.last - ground.first) / 1e6
  return Array.from({ length: perKind }, (_, i) => {
    const random = seeded(`callers ${kind.name} ${i}`)
    const active = Math.min(span, kind.active ?? (kind.calls ? kind.calls * kind.period : span))
    const start = random.next() * (span - active)
    const made = names
      ? []
      : clockwork(random, {
          from: start,
          active,
          period: kind.period,
          jitter: kind.jitter ?? 0,
          missed: kind.missed ?? 0,
          answered: true,
          padding: kind.padding ?? 0,
        })
    const awake = made.filter(({ at }) => (at % 86400) / hour >= (kind.night ?? 0))
    const port = kind.port ?? random.pick([443, 443, 80, 8080, 4444])
    const name = ground.named && (kind.named ?? random.next() < 0.5) ? `k${from + i}.example` : null
    return traceOf(kind.calls ? awake.slice(0, kind.calls) : awake, {
      client: random.pick(ground.hosts),
      port,
      first: ground.first,
      name,
      number: from + i,
    })
  })
}

if (import.meta.main)
  for (const { name, figure, unit, ratio, peer, asserted } of await run(process.argv.slice(2)))
    console.log(
      [
        name,
        Number(figure.toFixed(3)),
        unit,
        peer ?? '',
        ratio === undefined ? '' : `ratio ${ratio.toFixed(2)}`,
        asserted,
      ].join(' | '),
    )
