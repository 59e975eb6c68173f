/** The two steps of the clustering on vectors. Gu et al., BotMiner 2008, section 3.3. */
import { assign } from '../math/lloyd.ts'
import { countOf, type Points, takeRows } from '../math/points.ts'
import { robustScale } from '../math/scale.ts'
import { xmeans } from '../math/xmeans.ts'
import { type CflowColumns, coarseVectors, countVectors, shareVectors } from './vectors.ts'

export interface Labels {
  readonly coarse: Int32Array
  /** Number of the fine cluster within the coarse one. */
  readonly fine: Int32Array
}

export interface Fitted extends Labels {
  readonly coarseCount: number
  readonly fineCount: number
  /** Gives other C-flows to the nearest coarse cluster, and in it to the nearest fine one. Makes no new clusters. */
  assign(others: CflowColumns): Labels
}

interface TwoStepOptions {
  readonly mode: 'default' | 'paper'
  readonly seed: number
}

export function twoStep(cflows: CflowColumns, { mode, seed }: TwoStepOptions): Fitted {
  const wide = coarseVectors(cflows)
  const scaled = mode === 'paper' ? (points: Points) => points : robustScale(wide)
  const vectorsOf = mode === 'paper' ? countVectors : shareVectors
  const first = xmeans(scaled(wide), { seed })
  const vectors = vectorsOf(cflows)
  const fine = new Int32Array(cflows.count)
  const fineCenters: Points[] = []

  for (const members of membersOf(first.labels, first.sizes.length)) {
    const second = refine(takeRows(vectors, members), seed)
    fineCenters.push(second.centers)
    members.forEach((row, i) => {
      fine[row] = second.labels[i]!
    })
  }

  return {
    coarse: first.labels,
    fine,
    coarseCount: first.sizes.length,
    fineCount: fineCenters.reduce((sum, centers) => sum + countOf(centers), 0),
    assign: (others) =>
      assigned(scaled(coarseVectors(others)), vectorsOf(others), {
        coarseCenters: first.centers,
        fineCenters,
      }),
  }
}

const refine = (points: Points, seed: number) =>
  xmeans(points, {
    seed,
    kMax: Math.max(1, Math.ceil(Math.sqrt(points.values.length / points.width))),
  })

interface Centers {
  readonly coarseCenters: Points
  readonly fineCenters: readonly Points[]
}

function assigned(wide: Points, vectors: Points, { coarseCenters, fineCenters }: Centers): Labels {
  const coarse = nearestOf(wide, coarseCenters)
  const fine = new Int32Array(coarse.length)

  membersOf(coarse, fineCenters.length).forEach((members, cluster) => {
    const labels = nearestOf(takeRows(vectors, members), fineCenters[cluster]!)
    members.forEach((row, i) => {
      fine[row] = labels[i]!
    })
  })
  return { coarse, fine }
}

function nearestOf(points: Points, centers: Points): Int32Array {
  const labels = new Int32Array(countOf(points)).fill(-1)
  assign(points, centers, labels)
  return labels
}

/** The rows of each label, ascending. */
function membersOf(labels: Int32Array, count: number): Int32Array[] {
  const sizes = new Int32Array(count)
  for (const label of labels) sizes[label]!++
  const members = Array.from(sizes, (size) => new Int32Array(size))
  const filled = new Int32Array(count)
  labels.forEach((label, row) => {
    members[label]![filled[label]!++] = row
  })
  return members
}
