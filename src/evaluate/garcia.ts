/**
 * The measures of Garcia et al., "An empirical comparison of botnet detection methods", Computers & Security 45, 2014,
 * section 6: by frames of time and by address, an early detection worth more than a late one.
 */

/** What is so and what was said of one address in one frame in which it sent something. */
export interface Frame {
  /** Number of the frame, from 1. */
  readonly frame: number
  readonly host: string
  readonly bot: boolean
  readonly flagged: boolean
}

export interface TimeWeighted {
  readonly tTP: number
  readonly tFN: number
  readonly tFP: number
  readonly tTN: number
  readonly TPR: number | null
  readonly FPR: number | null
  readonly precision: number | null
  readonly accuracy: number | null
  readonly error: number | null
  /** The F1 of the above. */
  readonly FM1: number | null
  readonly frames: number
}

/** Seconds of a frame, as in the paper. */
export const frameSeconds = 300
const alpha = 0.01

/** The worth of what happens in frame n: near 2 at first, 1 in the end. */
export const correcting = (frame: number): number => Math.exp(-alpha * frame) + 1

/**
 * Sums over frames; in each, shares of its bots and of its normal addresses. A frame without bots adds nothing to the
 * first two sums, one without normal addresses nothing to the others. Background addresses must not be among `seen`.
 */
export function timeWeighted(seen: Iterable<Frame>): TimeWeighted {
  const frames = new Map<number, { tp: number; fn: number; fp: number; tn: number }>()

  for (const { frame, bot, flagged } of seen) {
    const counts = frames.get(frame) ?? { tp: 0, fn: 0, fp: 0, tn: 0 }
    counts[bot ? (flagged ? 'tp' : 'fn') : flagged ? 'fp' : 'tn']++
    frames.set(frame, counts)
  }

  let [tTP, tFN, tFP, tTN] = [0, 0, 0, 0]

  for (const [frame, { tp, fn, fp, tn }] of frames) {
    if (tp + fn > 0) {
      tTP += (tp * correcting(frame)) / (tp + fn)
      tFN += (fn * correcting(frame)) / (tp + fn)
    }
    if (fp + tn > 0) {
      tFP += fp / (fp + tn)
      tTN += tn / (fp + tn)
    }
  }

  const of = (part: number, whole: number) => (whole === 0 ? null : part / whole)
  const all = tTP + tFN + tFP + tTN

  return {
    tTP,
    tFN,
    tFP,
    tTN,
    TPR: of(tTP, tTP + tFN),
    FPR: of(tFP, tFP + tTN),
    precision: of(tTP, tTP + tFP),
    accuracy: of(tTP + tTN, all),
    error: of(tFP + tFN, all),
    // 2PR/(P+R) with P and R as above.
    FM1: of(2 * tTP, 2 * tTP + tFP + tFN),
    frames: frames.size,
  }
}
