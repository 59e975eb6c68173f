/**
 * What was said of a host in the days before the time that is analysed: an order by C&C and what it leads to may lie
 * days apart, where one analysis sees only one of them.
 */
import { type DatedIndicator, weakIndicatorsIn } from '../findings/index.ts'
import type { FindingKind } from '../model/finding.ts'
import { micros } from '../model/units.ts'
import { sayInstant } from '../model/words/say.ts'
import { type SaidBefore, saidByDay } from '../store/analyses.ts'
import type { Work } from './context.ts'

/** Days before the analysed time after which two indicators have nothing to do with each other. */
const mostDays = 14

/** Strength from which an earlier indicator counts; it accuses nobody again by itself. */
const strengths = { least: 0.3, most: 0.49 } as const

/** How a host is led, and what it is made to do: one of each joins. */
const sides: Readonly<Partial<Record<FindingKind, 'led' | 'does'>>> = {
  beacon: 'led',
  family: 'led',
  dga: 'led',
  tunnel: 'led',
  relay: 'led',
  p2p: 'led',
  flux: 'led',
  wildcard: 'led',
  'threat-list': 'led',
  scan: 'does',
  spam: 'does',
  download: 'does',
  exploit: 'does',
  exfiltration: 'does',
}

const day = 86_400e6

/** Indicators of the days before, of analyses of the last of the records; those of all records hold them themselves. */
export async function pastIndicators({ store, options }: Work, from: number): Promise<DatedIndicator[]> {
  if (options.last === undefined || options.mode === 'paper') return []
  const before = (await saidByDay(store, 2 * mostDays)).filter(
    ({ to }) => to <= from + day && to >= from - mostDays * day,
  )
  return before.flatMap((said) => indicatorsOf(said, from))
}

function indicatorsOf({ from: begin, findings, weakIndicators }: SaidBefore, from: number): DatedIndicator[] {
  const all = [
    ...findings.flatMap(weakIndicatorsIn),
    ...weakIndicators.map((each) => ({ ...each, evidence: () => each.evidence ?? [] })),
  ]

  return all
    .filter(
      ({ kind, strength, to }) => sides[kind] && strength >= strengths.least && to >= begin && to < from,
    )
    .map((each) => ({
      ...each,
      strength: Math.min(each.strength, strengths.most),
      description: `${each.description} (until ${sayInstant(micros(each.to)).slice(0, 10)})`,
    }))
}

/** Of the earlier ones those that join an indicator of today on the other side, the strongest of a host and kind. */
export function joining(
  past: readonly DatedIndicator[],
  today: readonly Pick<DatedIndicator, 'host' | 'kind'>[],
): DatedIndicator[] {
  const shown = Map.groupBy(today, ({ host }) => host)
  const known = new Set<string>()

  return past
    .toSorted((a, b) => b.strength - a.strength || b.to - a.to)
    .filter(({ host, kind }) => {
      const own = shown.get(host) ?? []
      const other = sides[kind] === 'led' ? 'does' : 'led'
      const joins = own.some((each) => sides[each.kind] === other) && !own.some((each) => each.kind === kind)
      if (!joins || known.has(`${host} ${kind}`)) return false
      known.add(`${host} ${kind}`)
      return true
    })
}
