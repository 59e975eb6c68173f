/** Recall of both scores where both raise as many false alarms. */
import type { GroundScores, Scored } from './grounds.ts'
import type { Kind } from './kinds.ts'

/** Thresholds that both scores are in use at. */
export const inUse = { ours: 0.5, rita: 0.7 } as const

/** Recall of both at one number of false alarms. */
export interface Recall {
  readonly ours: number
  readonly rita: number
}

export interface Compared {
  readonly kind: Kind
  readonly callers: number
  /** At as many false alarms as RITA raises at 0.7. */
  readonly atTheirs: Recall
  /** At as many false alarms as Gannet raises at 0.5. */
  readonly atOurs: Recall
}

export interface ComparedGround {
  readonly alarms: { readonly atTheirs: number; readonly atOurs: number }
  readonly kinds: readonly Compared[]
}

export function compared({ ours, rita, kinds }: GroundScores): ComparedGround {
  const alarms = {
    atTheirs: rita.filter((score) => score >= inUse.rita).length,
    atOurs: ours.filter((score) => score >= inUse.ours).length,
  }
  const lowered = { ours: over(ours, alarms.atTheirs), rita: over(rita, alarms.atOurs) }

  return {
    alarms,
    kinds: kinds.map(({ kind, callers }) => ({
      kind,
      callers: callers.length,
      atTheirs: {
        ours: share(callers, (each) => lowered.ours(each.ours)),
        rita: share(callers, (each) => each.rita >= inUse.rita),
      },
      atOurs: {
        ours: share(callers, (each) => each.ours >= inUse.ours),
        rita: share(callers, (each) => lowered.rita(each.rita)),
      },
    })),
  }
}

/**
 * Whether a score is over the lowest threshold that no more than `allowed` of the benign ones are over, from the
 * highest.
 */
function over(benign: readonly number[], allowed: number): (score: number) => boolean {
  const excess = benign[allowed] ?? 0
  return (score) => score > excess
}

const share = (all: readonly Scored[], isFound: (each: Scored) => boolean): number =>
  all.length === 0 ? 0 : all.filter(isFound).length / all.length
