/**
 * Callers whose C&C moves: how many are found with their short traces joined and without, and what joining makes of
 * benign traces. Reporting side of docs/method/held-out.md.
 *
 *     npm run bench -- churn
 */
import { seeded } from '../../src/math/random.ts'
import { joinedTraces } from '../../src/traces/beacons/churn.ts'
import type { Trace } from '../../src/traces/trace.ts'
import type { Row } from '../row.ts'
import { realCaptures } from '../samples/beacon-captures.ts'
import { type Ground, judged } from '../samples/beacon-samples.ts'
import { type Call, clockwork, traceOf } from '../samples/implants.ts'
import { few } from '../smallest.ts'
import { grounds, ourLine, perKind } from './beacons.ts'

/** Calls to one server before the C&C is elsewhere. */
const stays = [5, 10, 20]
const jitters = [0.1, 0.3]
const kinds = stays.flatMap((stay) => jitters.map((jitter) => ({ stay, jitter })))

/** The numbers of the callers of the k-th kind. */
const callersOf = (k: number): number[] => Array.from({ length: perKind }, (_, i) => k * perKind + i)

export async function run(): Promise<Row[]> {
  const rows: Row[] = []
  for (const [name] of few(grounds)) {
    const capture = realCaptures.find((each) => each.name === name)!
    // Whose a trace is, parts and joined ones; its addresses are no other's.
    const made: { caller: number; joined: boolean; servers: string }[] = []
    const found = await judged(capture, (ground) =>
      kinds.flatMap((kind, k) =>
        callersOf(k).flatMap((caller) => {
          const parts = partsOf(kind, ground, caller)
          const all = [...parts, ...joinedTraces(parts)]
          made.push(
            ...all.map(({ servers, by }) => ({ caller, joined: by === 'moves', servers: servers.join() })),
          )
          return all
        }),
      ),
    )
    const score = new Map(found.traces.map(({ beacon }) => [beacon.trace.servers.join(), beacon.score]))
    for (const [k, { stay, jitter }] of kinds.entries()) {
      const missed = (withJoined: boolean) => {
        const caught = new Set(
          made
            .filter(({ joined, servers }) => (withJoined || !joined) && (score.get(servers) ?? 0) >= ourLine)
            .map(({ caller }) => caller),
        )
        return callersOf(k).filter((caller) => !caught.has(caller)).length / perKind
      }
      rows.push({
        name: `${name}: moves on after ${stay} calls, jitter ±${jitter * 100} %`,
        figure: missed(true),
        unit: 'missed',
        peer: `not joined ${missed(false).toFixed(2)}`,
        asserted: `${perKind} callers, every 300 s`,
      })
    }
    const benign = found.traces.filter(
      ({ truth, beacon }) => truth === 'benign' && beacon.trace.by === 'moves',
    )
    rows.push({
      name: `${name}: benign traces that were joined`,
      figure: benign.length,
      unit: 'traces',
      peer: `${benign.filter(({ beacon }) => beacon.score >= ourLine).length} of them accused`,
      asserted: `${found.traces.filter(({ truth }) => truth === 'benign').length} benign traces`,
    })
  }
  return rows
}

/** One caller for the whole of the ground, a trace for each server that it called. */
function partsOf({ stay, jitter }: (typeof kinds)[number], ground: Ground, caller: number): Trace[] {
  const random = seeded(`churn ${stay} ${jitter} ${caller}`)
  const active = (ground.last - ground.first) / 1e6
  const calls = clockwork(random, { from: 0, active, period: 300, jitter, missed: 0, answered: true })
  const where = { client: random.pick(ground.hosts), port: random.pick([443, 80, 8080, 4444]) }
  const parts: Call[][] = []
  for (let at = 0; at < calls.length; at += stay) parts.push(calls.slice(at, at + stay))
  return parts.map((own, i) =>
    traceOf(own, { ...where, first: ground.first, name: null, number: caller * 1000 + i }),
  )
}
