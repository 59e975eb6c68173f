/**
 * The two halves of a Lloyd pass, which k-means and X-means share.
 *
 * Assignment is exact and skips most centres by the triangle inequality: with d the distance of a point to the
 * centre it had, no centre further than 2d from that one can be nearer (Phillips, "Acceleration of k-means and
 * related clustering algorithms", ALENEX 2002, "sort-means"). Looking for each centre's neighbours costs O(k² d) a
 * pass and is left out where there are few centres.
 */
import { countOf, type Points, squaredBetween } from './points.ts'

/** From this many centres on, finding the near ones costs less than looking at all. */
const ORDER_FROM = 24

/** Neighbours a centre keeps in order; a point that would need more looks at every centre. */
const NEIGHBOURS = 512

/** Room for rounding in the bound, so that a pruned centre is never the nearest nor an equal one. */
const SLACK = 1 + 1e-9

/**
 * Gives every point the label of its nearest centre, ties to the lower label; labels of -1 are unknown.
 * Writes `labels`; returns how many changed.
 */
export function assign(points: Points, centers: Points, labels: Int32Array): number {
  const k = countOf(centers)
  const pruned = k >= ORDER_FROM && labels.length > k && labels.every((label) => label >= 0)
  return pruned ? assignNear(points, centers, labels) : assignAny(points, centers, labels)
}

function assignAny(points: Points, centers: Points, labels: Int32Array): number {
  const k = countOf(centers)
  let changed = 0
  for (let i = 0; i < labels.length; i++) {
    const label = nearest(points, i, centers, k)
    if (label === labels[i]) continue
    labels[i] = label
    changed++
  }
  return changed
}

function assignNear(points: Points, centers: Points, labels: Int32Array): number {
  const k = countOf(centers)
  const own = Float64Array.from(labels, (label, i) => squaredBetween(points, i, centers, label))
  const reach = new Float64Array(k)
  for (let i = 0; i < labels.length; i++) reach[labels[i]!] = Math.max(reach[labels[i]!]!, own[i]! * SLACK)
  const near = Array.from(reach, (limit, c) => neighboursOf(centers, c, limit))
  let changed = 0
  for (let i = 0; i < labels.length; i++) {
    const before = labels[i]!
    const label = nearby(points, i, { centers, before, own: own[i]!, near: near[before]! })
    if (label === before) continue
    labels[i] = label
    changed++
  }
  return changed
}

/** The mean of every label's points; a label with none keeps its centre. */
export function recenter(points: Points, labels: Int32Array, centers: Points): Points {
  const { width, values } = points
  const k = countOf(centers)
  const sums = new Float64Array(k * width)
  const sizes = sizesOf(labels, k)
  for (let i = 0; i < labels.length; i++) {
    let to = labels[i]! * width
    for (let from = i * width; from < (i + 1) * width; from++) sums[to++]! += values[from]!
  }
  for (let c = 0; c < k; c++) {
    const size = sizes[c]!
    for (let d = c * width; d < (c + 1) * width; d++) {
      sums[d] = size === 0 ? centers.values[d]! : sums[d]! / size
    }
  }
  return { values: sums, width }
}

/** Sum over points of the squared distance to the own centre. */
export function inertiaOf(points: Points, labels: Int32Array, centers: Points): number {
  let sum = 0
  for (let i = 0; i < labels.length; i++) sum += squaredBetween(points, i, centers, labels[i]!)
  return sum
}

/** Points with each of the labels 0 to k - 1. */
export function sizesOf(labels: Int32Array, k: number): Int32Array {
  const sizes = new Int32Array(k)
  for (const label of labels) sizes[label]!++
  return sizes
}

function nearest(points: Points, i: number, centers: Points, k: number): number {
  let best = 0
  let least = squaredBetween(points, i, centers, 0)
  for (let c = 1; c < k; c++) {
    const distance = squaredBetween(points, i, centers, c)
    if (distance >= least) continue
    best = c
    least = distance
  }
  return best
}

interface Neighbours {
  /** The other centres that any point of this one could be nearer to, nearest first. */
  readonly ids: Int32Array
  /** A quarter of the squared distance to each of them: past d², it cannot be nearer. */
  readonly bounds: Float64Array
  /** True where none had to be left out. */
  readonly whole: boolean
}

interface Place {
  readonly centers: Points
  readonly before: number
  readonly own: number
  readonly near: Neighbours
}

function nearby(points: Points, i: number, { centers, before, own, near }: Place): number {
  const { ids, bounds } = near
  const limit = own * SLACK
  let best = before
  let least = own
  for (let at = 0; at < ids.length; at++) {
    if (bounds[at]! > limit) return best
    const c = ids[at]!
    const distance = squaredBetween(points, i, centers, c)
    if (distance > least || (distance === least && c > best)) continue
    best = c
    least = distance
  }
  return near.whole ? best : nearest(points, i, centers, countOf(centers))
}

function neighboursOf(centers: Points, c: number, limit: number): Neighbours {
  const k = countOf(centers)
  const found: { id: number; bound: number }[] = []
  for (let id = 0; id < k; id++) {
    const bound = squaredBetween(centers, c, centers, id) / 4
    if (id !== c && bound <= limit) found.push({ id, bound })
  }
  found.sort((a, b) => a.bound - b.bound || a.id - b.id)
  const kept = found.slice(0, NEIGHBOURS)
  return {
    ids: Int32Array.from(kept, (each) => each.id),
    bounds: Float64Array.from(kept, (each) => each.bound),
    whole: kept.length === found.length,
  }
}
