/** When hosts spoke and when they were accused: the same evaluation, window by window. */
import type { Answer } from '../model/answer.ts'
import type { Truth } from '../model/truth.ts'
import { addresses, addressText, sql } from '../store/sql.ts'
import type { Store } from '../store/store.ts'
import { type Shares, shares } from './evaluate.ts'
import { type Frame, frameSeconds, type TimeWeighted, timeWeighted } from './garcia.ts'

/** One stretch of time in which a detector accuses a host, in microseconds. */
export interface Accusation {
  readonly host: string
  readonly from: number
  readonly to: number
}

/** A detector beside ours: by name, whom it accuses and when. */
export interface Peer {
  readonly name: string
  readonly accusations: readonly Accusation[]
}

export interface Window extends Shares {
  readonly from: number
  readonly to: number
  /** Bots and clean hosts that spoke in it. */
  readonly bots: number
  readonly clean: number
}

interface FirstDetection {
  readonly host: string
  readonly botnet: string
  /**
   * Hours from the bot's first call to its C&C (to anybody, where the truth names none) until the records of the first
   * finding that accuses it were complete: the longest that a run at that moment would have waited. Null where it
   * is missed.
   */
  readonly hours: number | null
}

export interface Timed {
  readonly windows: readonly Window[]
  readonly weighted: readonly { readonly name: string; readonly result: TimeWeighted }[]
  readonly firstDetections: readonly FirstDetection[]
}

/** The times at which each accused host was accused: those of the findings that accuse it. */
function accusationsOf({ hosts, findings }: Answer): Accusation[] {
  const byId = new Map(findings.map((each) => [each.id, each]))
  return hosts.flatMap(({ host, findings: own }) =>
    own.flatMap((id) => {
      const found = byId.get(id)
      return found ? [{ host, from: found.from, to: found.to }] : []
    }),
  )
}

/**
 * Windows, time-weighted measures with AllPositive and `peers` beside ours, and times to detection.
 *
 * `judged` are the hosts that the truth speaks about. A host is flagged in a frame if it sent something then and the
 * frame meets an accusation. AllPositive flags everybody always.
 */
export async function timed(
  store: Store,
  given: { answer: Answer; truth: Truth; judged: readonly string[]; peers: readonly Peer[] },
): Promise<Timed> {
  const { answer, truth, judged, peers } = given
  const from = answer.analysis.from ?? 0
  const to = answer.analysis.to ?? from
  const bots = new Set(truth.botnets.flatMap(({ hosts }) => hosts))
  const own = accusationsOf(answer)
  const spoke = await framesOf(store, judged, from)
  const seenBy = (accusations: readonly Accusation[]) => seen(spoke, { bots, accusations, from })
  const all = spoke.map(({ host, frame }): Frame => ({ host, frame, bot: bots.has(host), flagged: true }))

  return {
    windows: windowsOf(seenBy(own), from, to),
    weighted: [
      { name: 'gannet, while the evidence lasts', result: timeWeighted(seenBy(own)) },
      {
        name: 'gannet, from the first evidence on',
        result: timeWeighted(seenBy(own.map((each) => ({ ...each, to: Number.POSITIVE_INFINITY })))),
      },
      ...peers.map(({ name, accusations }) => ({ name, result: timeWeighted(seenBy(accusations)) })),
      { name: 'AllPositive', result: timeWeighted(all) },
    ],
    firstDetections: await firstDetections(store, truth, own),
  }
}

interface Spoke {
  readonly host: string
  readonly frame: number
}

async function framesOf(store: Store, hosts: readonly string[], from: number): Promise<Spoke[]> {
  if (hosts.length === 0) return []
  return store.rows<{ host: string; frame: number }>(sql`
    SELECT ${addressText('client')} AS host, toFloat64(intDiv(start - ${from}, ${frameSeconds * 1e6}) + 1) AS frame
    FROM flow WHERE client IN ${addresses(hosts)} AND start >= ${from} GROUP BY client, frame ORDER BY host, frame`)
}

function seen(
  spoke: readonly Spoke[],
  {
    bots,
    accusations,
    from,
  }: { bots: ReadonlySet<string>; accusations: readonly Accusation[]; from: number },
): Frame[] {
  const byHost = Map.groupBy(accusations, ({ host }) => host)
  const frame = frameSeconds * 1e6
  return spoke.map(({ host, frame: number }) => {
    const begin = from + (number - 1) * frame
    const flagged = (byHost.get(host) ?? []).some((each) => each.from < begin + frame && each.to >= begin)
    return { host, frame: number, bot: bots.has(host), flagged }
  })
}

/** At most 24 windows of whole frames, at least an hour each. */
function windowsOf(rows: readonly Frame[], from: number, to: number): Window[] {
  const frame = frameSeconds * 1e6
  const width = Math.max(12, Math.ceil((to - from) / frame / 24))
  const groups = Map.groupBy(rows, (row) => Math.floor((row.frame - 1) / width))

  return [...groups]
    .sort((a, b) => a[0] - b[0])
    .map(([number, own]) => {
      const hosts = Map.groupBy(own, ({ host }) => host)
      const all = [...hosts.values()].map((frames) => ({
        bot: frames[0]!.bot,
        flagged: frames.some(({ flagged }) => flagged),
      }))
      const n = (bot: boolean, flagged: boolean) =>
        all.filter((each) => each.bot === bot && each.flagged === flagged).length
      return {
        from: from + number * width * frame,
        to: Math.min(to, from + (number + 1) * width * frame),
        bots: n(true, true) + n(true, false),
        clean: n(false, true) + n(false, false),
        ...shares(n(true, true), n(false, true), n(true, false)),
      }
    })
}

async function firstDetections(
  store: Store,
  truth: Truth,
  accusations: readonly Accusation[],
): Promise<FirstDetection[]> {
  const found: FirstDetection[] = []

  for (const { id, hosts, cnc } of truth.botnets) {
    if (hosts.length === 0) continue
    const servers = [...new Set(cnc.map((each) => each.replace(/\/\w+$/, '').replace(/:\d+$/, '')))]
    const only = servers.length > 0 ? sql`AND server IN ${addresses(servers)}` : sql``
    const rows = await store.rows<{ host: string; first: number }>(sql`
      SELECT ${addressText('client')} AS host, toFloat64(min(start)) AS first
      FROM flow WHERE client IN ${addresses(hosts)} ${only} GROUP BY client`)
    const firsts = new Map(rows.map(({ host, first }) => [host, first]))
    for (const host of hosts) {
      const own = accusations.filter((each) => each.host === host).map(({ to }) => to)
      const first = firsts.get(host)
      const hours =
        own.length > 0 && first !== undefined ? Math.max(0, (Math.min(...own) - first) / 3.6e9) : null
      found.push({ host, botnet: id, hours })
    }
  }

  return found
}
