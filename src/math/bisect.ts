/**
 * One local 2-means split of a run of rows, with the BIC test of X-means.
 *
 * The rows of a node stand together in a working copy, so that a split reads memory in order; a split reorders the
 * rows of its node and of no other. With two centres the nearer one is the side of the plane between them, so an
 * iteration costs one dot product a row.
 */
import { logSize, score } from './bic.ts'
import type { Points } from './points.ts'
import type { Random } from './random.ts'

/** Rows in node order; `ids` says which point each row is. */
export interface Rows {
  readonly values: Float64Array
  readonly ids: Int32Array
  readonly width: number
  /** One byte a row: the side of the split being tried. */
  readonly sides: Uint8Array
  readonly spareValues: Float64Array
  readonly spareIds: Int32Array
}

export interface Node {
  readonly start: number
  readonly end: number
  readonly center: Float64Array
  readonly inertia: number
}

export interface Split {
  readonly left: Node
  readonly right: Node
  /** BIC of two centres less BIC of one, in nats. */
  readonly gain: number
}

export interface SplitRules {
  readonly random: Random
  readonly minSize: number
  readonly varianceFloor: number
}

const LLOYD_ITERATIONS = 30
const POWER_ITERATIONS = 4

export function rowsOf({ values, width }: Points): Rows {
  const count = values.length / width
  return {
    values: values.slice(),
    ids: Int32Array.from({ length: count }, (_, i) => i),
    width,
    sides: new Uint8Array(count),
    spareValues: new Float64Array(values.length),
    spareIds: new Int32Array(count),
  }
}

/** The node of a run of rows. */
export function nodeOf(rows: Rows, start: number, end: number): Node {
  const { values, width } = rows
  const center = new Float64Array(width)
  for (let at = start * width; at < end * width; ) for (let d = 0; d < width; d++) center[d]! += values[at++]!
  for (let d = 0; d < width; d++) center[d]! /= end - start
  let inertia = 0
  for (let at = start * width; at < end * width; ) {
    for (let d = 0; d < width; d++) {
      const off = values[at++]! - center[d]!
      inertia += off * off
    }
  }
  return { start, end, center, inertia }
}

/**
 * The split from the plane through the centre across the main axis. Undefined where the node cannot be split: fewer
 * than three rows (the variance of two centres needs one row more), all rows equal, or a side below `minSize`.
 */
export function splitOf(
  rows: Rows,
  node: Node,
  { random, minSize, varianceFloor }: SplitRules,
): Split | undefined {
  const count = node.end - node.start
  if (count < 3 || !(node.inertia > 0)) return undefined
  const right = twoMeans(rows, node, mainAxis(rows, node, random))
  if (right < 1 || right >= count || Math.min(right, count - right) < minSize) return undefined
  const middle = partition(rows, node)
  const sides = { left: nodeOf(rows, node.start, middle), right: nodeOf(rows, middle, node.end) }
  const fit = { count, width: rows.width, varianceFloor }
  const two = score({
    ...fit,
    clusters: 2,
    sizeTerm: logSize(count - right) + logSize(right),
    inertia: sides.left.inertia + sides.right.inertia,
  })
  const one = score({ ...fit, clusters: 1, sizeTerm: logSize(count), inertia: node.inertia })

  return { ...sides, gain: two - one }
}

/**
 * Lloyd's iterations from the plane through the centre across `direction`; writes `sides`, returns how many are
 * right.
 */
function twoMeans(rows: Rows, node: Node, direction: Float64Array): number {
  const { width } = rows
  const count = node.end - node.start
  const normal = direction.slice()
  const through = node.center.slice()
  const sum = new Float64Array(width)
  let right = 0

  for (let iteration = 0; iteration < LLOYD_ITERATIONS; iteration++) {
    const moved = divide(rows, node, { normal, through, sum, first: iteration === 0 })
    right = moved.right
    if (right === 0 || right === count || moved.changed === 0) return right
    for (let d = 0; d < width; d++) {
      const high = sum[d]! / right
      const low = (node.center[d]! * count - sum[d]!) / (count - right)
      normal[d] = high - low
      through[d] = (high + low) / 2
    }
  }

  return right
}

interface Plane {
  readonly normal: Float64Array
  readonly through: Float64Array
  /** Out: the sum of the rows to the right of the plane. */
  readonly sum: Float64Array
  readonly first: boolean
}

function divide(rows: Rows, node: Node, { normal, through, sum, first }: Plane) {
  const { values, sides, width } = rows
  sum.fill(0)
  let right = 0
  let changed = 0

  for (let i = node.start, at = node.start * width; i < node.end; i++, at += width) {
    let dot = 0
    for (let d = 0; d < width; d++) dot += (values[at + d]! - through[d]!) * normal[d]!
    const side = dot > 0 ? 1 : 0
    if (first || sides[i] !== side) {
      sides[i] = side
      changed++
    }
    if (side === 0) continue
    right++
    for (let d = 0; d < width; d++) sum[d]! += values[at + d]!
  }

  return { right, changed }
}

/** Puts the left rows of a node before the right ones, each in the order they had; returns the border. */
function partition(rows: Rows, node: Node): number {
  const { values, ids, sides, width, spareValues, spareIds } = rows
  let kept = node.start
  let moved = 0

  for (let i = node.start; i < node.end; i++) {
    const from = i * width
    if (sides[i] === 1) {
      spareIds[moved] = ids[i]!
      for (let d = 0; d < width; d++) spareValues[moved * width + d] = values[from + d]!
      moved++
      continue
    }
    if (kept < i) {
      ids[kept] = ids[i]!
      for (let d = 0; d < width; d++) values[kept * width + d] = values[from + d]!
    }
    kept++
  }

  ids.set(spareIds.subarray(0, moved), kept)
  values.set(spareValues.subarray(0, moved * width), kept * width)

  return kept
}

/** The direction of most variance: power iteration on the covariance from a random direction, the paper's own. */
function mainAxis(rows: Rows, node: Node, random: Random): Float64Array {
  let axis: Float64Array = Float64Array.from({ length: rows.width }, () => random.normal())
  for (let iteration = 0; iteration < POWER_ITERATIONS; iteration++) axis = turned(rows, node, axis)
  return axis
}

function turned(rows: Rows, node: Node, axis: Float64Array): Float64Array {
  const { values, width } = rows
  const { center } = node
  const next = new Float64Array(width)
  for (let at = node.start * width; at < node.end * width; at += width) {
    let dot = 0
    for (let d = 0; d < width; d++) dot += (values[at + d]! - center[d]!) * axis[d]!
    for (let d = 0; d < width; d++) next[d]! += (values[at + d]! - center[d]!) * dot
  }
  let length = 0
  for (const value of next) length += value * value
  length = Math.sqrt(length)
  if (!(length > 0)) return axis
  for (let d = 0; d < width; d++) next[d]! /= length
  return next
}
