/** Boosted oblivious trees and a random forest, small: for the name classifier and its baseline. */

import type { Tree } from '../../src/dns/dga-classifier.ts'
import type { Random } from '../../src/math/random.ts'

export interface Samples {
  /** One row a sample. */
  readonly values: readonly Float64Array[]
  readonly positive: readonly boolean[]
  readonly weights: readonly number[]
}

/** Values of each feature as numbers of bins, by quantiles. */
interface Binned {
  readonly rows: number
  readonly features: number
  /** Column by column. */
  readonly bins: Uint8Array
  /** Upper edge of each bin but the last, by feature. */
  readonly edges: readonly (readonly number[])[]
}

export function binned(values: readonly Float64Array[], most = 64): Binned {
  const rows = values.length
  const features = values[0]?.length ?? 0
  const bins = new Uint8Array(rows * features)
  const edges = Array.from({ length: features }, (_, feature) => {
    const column = Float64Array.from(values, (row) => row[feature] as number)
    const sorted = column.slice().sort()
    const cuts = new Set<number>()
    for (let i = 1; i < most; i++) cuts.add(sorted[Math.floor((i * rows) / most)] as number)
    const own = [...cuts].filter((cut) => cut < (sorted[rows - 1] as number)).sort((a, b) => a - b)
    for (let row = 0; row < rows; row++) bins[feature * rows + row] = placeIn(own, column[row] as number)
    return own
  })
  return { rows, features, bins, edges }
}

/** How many of the sorted cuts the value is over. */
function placeIn(cuts: readonly number[], value: number): number {
  let [low, high] = [0, cuts.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (value > (cuts[middle] as number)) low = middle + 1
    else high = middle
  }
  return low
}

export interface BoostOptions {
  readonly trees: number
  readonly depth: number
  readonly rate: number
  readonly ridge: number
}

/** Minimises the weighted log loss by Newton steps, one oblivious tree a step. */
export function boosted(samples: Samples, options: BoostOptions): { bias: number; trees: Tree[] } {
  const { values, positive, weights } = samples
  const data = binned(values)
  const total = (side: boolean) =>
    weights.reduce((sum, weight, i) => sum + (positive[i] === side ? weight : 0), 0)
  const bias = Math.log(total(true) / total(false))
  const sums = new Float64Array(data.rows).fill(bias)
  const slopes = new Float64Array(data.rows)
  const bends = new Float64Array(data.rows)
  const trees: Tree[] = []
  for (let round = 0; round < options.trees; round++) {
    for (let row = 0; row < data.rows; row++) {
      const chance = 1 / (1 + Math.exp(-(sums[row] as number)))
      slopes[row] = (weights[row] as number) * ((positive[row] ? 1 : 0) - chance)
      bends[row] = (weights[row] as number) * chance * (1 - chance)
    }
    trees.push(nextTree(data, { slopes, bends, sums }, options))
  }
  return { bias, trees }
}

interface Gradients {
  readonly slopes: Float64Array
  readonly bends: Float64Array
  readonly sums: Float64Array
}

function nextTree(
  data: Binned,
  { slopes, bends, sums }: Gradients,
  { depth, rate, ridge }: BoostOptions,
): Tree {
  const leafOf = new Uint8Array(data.rows)
  const features: number[] = []
  const thresholds: number[] = []
  for (let level = 0; level < depth; level++) {
    const { feature, bin } = bestQuestion(data, { slopes, bends, leafOf, leaves: 1 << level, ridge })
    features.push(feature)
    thresholds.push(data.edges[feature]![bin]!)
    for (let row = 0; row < data.rows; row++)
      if ((data.bins[feature * data.rows + row] as number) > bin) leafOf[row]! |= 1 << level
  }
  const up = new Float64Array(1 << depth)
  const under = new Float64Array(1 << depth)
  for (let row = 0; row < data.rows; row++) {
    up[leafOf[row]!]! += slopes[row]!
    under[leafOf[row]!]! += bends[row]!
  }
  const leaves = Array.from(up, (sum, leaf) => rounded((rate * sum) / (under[leaf]! + ridge)))
  for (let row = 0; row < data.rows; row++) sums[row]! += leaves[leafOf[row]!]!
  return { features, thresholds, leaves }
}

const rounded = (value: number): number => Math.round(value * 1e4) / 1e4

interface Asking {
  readonly slopes: Float64Array
  readonly bends: Float64Array
  readonly leafOf: Uint8Array
  readonly leaves: number
  readonly ridge: number
}

/** The question that, asked of all leaves at once, gains most. */
function bestQuestion(data: Binned, { slopes, bends, leafOf, leaves, ridge }: Asking) {
  const width = 64
  let best = { feature: 0, bin: 0, gain: Number.NEGATIVE_INFINITY }
  for (let feature = 0; feature < data.features; feature++) {
    const cuts = data.edges[feature]!.length
    if (cuts === 0) continue
    const up = new Float64Array(leaves * width)
    const under = new Float64Array(leaves * width)
    const offset = feature * data.rows
    for (let row = 0; row < data.rows; row++) {
      const at = leafOf[row]! * width + data.bins[offset + row]!
      up[at]! += slopes[row]!
      under[at]! += bends[row]!
    }
    const gains = new Float64Array(cuts)
    for (let leaf = 0; leaf < leaves; leaf++) gainsOf(up, under, { at: leaf * width, cuts, ridge, gains })
    for (let bin = 0; bin < cuts; bin++)
      if (gains[bin]! > best.gain) best = { feature, bin, gain: gains[bin]! }
  }
  return best
}

function gainsOf(
  up: Float64Array,
  under: Float64Array,
  { at, cuts, ridge, gains }: { at: number; cuts: number; ridge: number; gains: Float64Array },
): void {
  let allUp = 0
  let allUnder = 0
  for (let bin = 0; bin <= cuts; bin++) {
    allUp += up[at + bin]!
    allUnder += under[at + bin]!
  }
  let leftUp = 0
  let leftUnder = 0
  for (let bin = 0; bin < cuts; bin++) {
    leftUp += up[at + bin]!
    leftUnder += under[at + bin]!
    gains[bin]! += leftUp ** 2 / (leftUnder + ridge) + (allUp - leftUp) ** 2 / (allUnder - leftUnder + ridge)
  }
}

/** A tree of a forest: questions by node, children at `right`, the next node where not over. Leaves have feature -1. */
interface ForestTree {
  readonly feature: number[]
  readonly threshold: number[]
  readonly right: number[]
  readonly chance: number[]
}

interface ForestOptions {
  readonly trees: number
  readonly leastLeaf: number
  readonly random: Random
}

/** Breiman 2001: bootstrap samples, the square root of the features at each node, Gini's index. */
export function forest(
  samples: Samples,
  { trees, leastLeaf, random }: ForestOptions,
): (row: Float64Array) => number {
  const data = binned(samples.values, 128)
  const grown = Array.from({ length: trees }, (_, i) =>
    grow(data, samples, { leastLeaf, random: random.split(i) }),
  )
  return (row) => grown.reduce((sum, tree) => sum + chanceIn(tree, row), 0) / grown.length
}

function chanceIn(tree: ForestTree, row: Float64Array): number {
  let node = 0
  while (tree.feature[node]! >= 0)
    node = row[tree.feature[node]!]! > tree.threshold[node]! ? tree.right[node]! : node + 1
  return tree.chance[node]!
}

function grow(
  data: Binned,
  { positive, weights }: Samples,
  { leastLeaf, random }: { leastLeaf: number; random: Random },
): ForestTree {
  const tree: ForestTree = { feature: [], threshold: [], right: [], chance: [] }
  const tries = Math.max(1, Math.round(Math.sqrt(data.features)))
  const node = (rows: Int32Array): number => {
    const at = tree.feature.length
    let [yes, all] = [0, 0]
    for (const row of rows) {
      all += weights[row]!
      if (positive[row]) yes += weights[row]!
    }
    tree.feature.push(-1)
    tree.threshold.push(0)
    tree.right.push(0)
    tree.chance.push(yes / all)
    if (rows.length < 2 * leastLeaf || yes === 0 || yes === all) return at
    const split = splitOf(data, { rows, positive, weights, random, tries })
    if (!split) return at
    const over = rows.filter((row) => data.bins[split.feature * data.rows + row]! > split.bin)
    const under = rows.filter((row) => data.bins[split.feature * data.rows + row]! <= split.bin)
    if (over.length < leastLeaf || under.length < leastLeaf) return at
    tree.feature[at] = split.feature
    tree.threshold[at] = data.edges[split.feature]![split.bin]!
    node(under)
    tree.right[at] = node(over)
    return at
  }
  node(Int32Array.from({ length: data.rows }, () => random.integer(data.rows)))
  return tree
}

interface Splitting {
  readonly rows: Int32Array
  readonly positive: readonly boolean[]
  readonly weights: readonly number[]
  readonly random: Random
  readonly tries: number
}

function splitOf(data: Binned, { rows, positive, weights, random, tries }: Splitting) {
  let best: { feature: number; bin: number; worth: number } | null = null
  for (let attempt = 0; attempt < tries; attempt++) {
    const feature = random.integer(data.features)
    const cuts = data.edges[feature]!.length
    if (cuts === 0) continue
    const yes = new Float64Array(cuts + 1)
    const all = new Float64Array(cuts + 1)
    for (const row of rows) {
      const bin = data.bins[feature * data.rows + row]!
      all[bin]! += weights[row]!
      if (positive[row]) yes[bin]! += weights[row]!
    }
    const [sumYes, sumAll] = [yes.reduce((a, b) => a + b, 0), all.reduce((a, b) => a + b, 0)]
    let [leftYes, leftAll] = [0, 0]
    for (let bin = 0; bin < cuts; bin++) {
      leftYes += yes[bin]!
      leftAll += all[bin]!
      if (leftAll === 0 || leftAll === sumAll) continue
      // Purity of both sides: Gini's index but for constants.
      const worth = purity(leftYes, leftAll) + purity(sumYes - leftYes, sumAll - leftAll)
      if (!best || worth > best.worth) best = { feature, bin, worth }
    }
  }
  return best
}

const purity = (yes: number, all: number): number => (yes * yes + (all - yes) * (all - yes)) / all
