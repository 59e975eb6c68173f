/** Two analyses of one network: what is new, raised, lowered, gone and back. */
import type { Answer } from '../model/answer.ts'
import type { Endpoint } from '../model/endpoint.ts'
import type { Finding } from '../model/finding.ts'
import { badness, worstFirst } from '../model/rank.ts'
import type { Changed, Comparison, HostChange } from '../model/review/comparison.ts'

/** A confidence that moves by less is the same. */
const leastMove = 0.1

/** Findings by what stays the same from day to day: ids of activities hold their epoch. */
interface Known {
  find(finding: Finding): Finding | undefined
}

const placeOf = ({ address, port, protocol, name }: Endpoint): string =>
  `${name ?? address}:${port}/${protocol}`

function knownIn(findings: readonly Finding[]): Known {
  // Made where they are asked for: of 100,000 findings they take a while.
  let byId: ReadonlyMap<string, Finding> | null = null
  let byHost: ReadonlyMap<string, readonly { readonly finding: Finding }[]> | null = null

  return {
    find(finding) {
      if (findings.length === 0) return undefined
      byId ??= new Map(findings.map((each) => [each.id, each]))
      const same = byId.get(finding.id)
      if (same) return same
      byHost ??= Map.groupBy(
        findings.flatMap((each) => each.hosts.map((host) => ({ host, finding: each }))),
        ({ host, finding: { kind } }) => `${kind} ${host}`,
      )
      for (const host of finding.hosts) {
        const found = (byHost.get(`${finding.kind} ${host}`) ?? []).find((each) =>
          isSame(each.finding, finding),
        )
        if (found) return found.finding
      }
      return undefined
    },
  }
}

/** Same kind is given. A group is the same where half of the smaller one is; one host where it calls a same place. */
function isSame(a: Finding, b: Finding): boolean {
  if (a.hosts.length > 1 || b.hosts.length > 1) {
    const other = new Set(b.hosts)
    const shared = a.hosts.filter((host) => other.has(host)).length
    return shared >= Math.min(a.hosts.length, b.hosts.length) / 2
  }
  if (a.cnc.length === 0 && b.cnc.length === 0) return true
  const places = new Set(b.cnc.map(placeOf))
  return a.cnc.some((each) => places.has(placeOf(each)))
}

type Weighed = Pick<Finding, 'severity' | 'confidence'>

/** 1 where `now` is worse, -1 where it is better, 0 where it is the same. */
function moved(now: Weighed, then: Weighed): -1 | 0 | 1 {
  const steps = badness(now.severity) - badness(then.severity)
  if (steps !== 0) return steps > 0 ? 1 : -1
  const move = now.confidence - then.confidence
  if (Math.abs(move) < leastMove - 1e-9) return 0
  return move > 0 ? 1 : -1
}

const weighed = ({ severity, confidence }: Weighed) => ({ severity, confidence })

/**
 * What changed from `before` to `answer`. `older` are answers before that: a finding that was gone and is found again
 * is back, not new. Without `before` all is new.
 */
export function compare(answer: Answer, before: Answer | null, older: readonly Answer[] = []): Comparison {
  const then = knownIn(before?.findings ?? [])
  const now = knownIn(answer.findings)
  const once = knownIn(older.flatMap(({ findings }) => findings))

  const present = answer.findings.flatMap((finding): Changed[] => {
    const earlier = then.find(finding)
    if (!earlier) return [{ change: once.find(finding) ? 'back' : 'new', finding, was: null }]
    const move = moved(finding, earlier)
    if (move === 0) return []
    return [{ change: move > 0 ? 'raised' : 'lowered', finding, was: weighed(earlier) }]
  })
  const gone = (before?.findings ?? []).flatMap((finding): Changed[] =>
    now.find(finding) ? [] : [{ change: 'gone', finding, was: weighed(finding) }],
  )
  const inOrder = (a: Changed, b: Changed) => worstFirst(a.finding, b.finding)
  return {
    analysis: answer.analysis.id,
    before: before?.analysis.id ?? null,
    findings: [...present.toSorted(inOrder), ...gone.toSorted(inOrder)],
    hosts: hostChanges(answer, before, older),
  }
}

function hostChanges(answer: Answer, before: Answer | null, older: readonly Answer[]): HostChange[] {
  const then = new Map((before?.hosts ?? []).map((each) => [each.host, each]))
  const now = new Set(answer.hosts.map(({ host }) => host))
  const once = new Set(older.flatMap(({ hosts }) => hosts.map(({ host }) => host)))

  const present = answer.hosts.flatMap((each): HostChange[] => {
    const earlier = then.get(each.host)
    if (!earlier)
      return [{ change: once.has(each.host) ? 'back' : 'new', host: each.host, is: weighed(each), was: null }]
    const move = moved(each, earlier)
    if (move === 0) return []
    return [
      { change: move > 0 ? 'raised' : 'lowered', host: each.host, is: weighed(each), was: weighed(earlier) },
    ]
  })

  const gone = (before?.hosts ?? [])
    .filter(({ host }) => !now.has(host))
    .map((each): HostChange => ({ change: 'gone', host: each.host, is: null, was: weighed(each) }))

  return [...present, ...gone]
}
