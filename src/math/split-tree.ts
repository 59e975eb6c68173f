/**
 * The tree of splits that X-means grows and prunes.
 *
 * Splitting as long as each single split gains stops at once where many groups together look like one Gaussian
 * (1,500 groups strewn at random: K = 1). So a split that gains nothing is looked through: its halves are tried too,
 * `lookahead` levels deep, and afterwards every branch is kept whose gains add up to more than nothing.
 */
import { type Node, nodeOf, type Rows, type Split, type SplitRules, splitOf } from './bisect.ts'
import { Heap } from './heap.ts'

interface TreeRules extends SplitRules {
  readonly kMin: number
  readonly kMax: number
  readonly lookahead: number
}

interface Branch {
  readonly node: Node
  readonly parent: number
  /** Of its own split, in nats of BIC. */
  gain: number
  /** Places of the halves in the list; 0 (the root, nobody's half) for a leaf. */
  left: number
  right: number
  /** Split to reach kMin: never pruned. */
  forced: boolean
}

/** The nodes that make the clusters. A parent stands before its halves in every list here. */
export function grownLeaves(rows: Rows, rules: TreeRules): Node[] {
  const root = nodeOf(rows, 0, rows.ids.length)
  const branches: Branch[] = [leaf(root, -1)]
  grow(rows, branches, { ...rules, from: force(rows, branches, rules) })
  prune(branches)
  collapse(branches, rules.kMax)
  return leavesOf(branches).map((at) => branches[at]!.node)
}

const leaf = (node: Node, parent: number): Branch => ({
  node,
  parent,
  gain: 0,
  left: 0,
  right: 0,
  forced: false,
})

function divide(branches: Branch[], at: number, { left, right, gain }: Split): void {
  const branch = branches[at]!
  branch.gain = gain
  branch.left = branches.push(leaf(left, at)) - 1
  branch.right = branches.push(leaf(right, at)) - 1
}

/** Splits, best first, until there are kMin leaves or none can be split; the leaves. */
function force(rows: Rows, branches: Branch[], rules: TreeRules): number[] {
  if (rules.kMin === 1) return [0]
  const splits = new Map<number, Split>()
  const waiting = new Heap()

  const offer = (at: number) => {
    const split = splitOf(rows, branches[at]!.node, rules)
    if (!split) return
    splits.set(at, split)
    waiting.push(at, -split.gain)
  }

  offer(0)

  for (let leaves = 1; leaves < rules.kMin && waiting.size > 0; leaves++) {
    const at = waiting.pop()
    divide(branches, at, splits.get(at)!)
    branches[at]!.forced = true
    offer(branches[at]!.left)
    offer(branches[at]!.right)
  }

  return branches.flatMap((branch, at) => (branch.left === 0 ? [at] : []))
}

function grow(rows: Rows, branches: Branch[], rules: TreeRules & { from: readonly number[] }): void {
  const stack = rules.from.map((at) => ({ at, splitsLeft: rules.lookahead }))
  for (let next = stack.pop(); next; next = stack.pop()) {
    const split = splitOf(rows, branches[next.at]!.node, rules)
    if (!split) continue
    const splitsLeft = split.gain > 0 ? rules.lookahead : next.splitsLeft - 1
    if (splitsLeft < 0) continue
    divide(branches, next.at, split)
    stack.push({ at: branches[next.at]!.right, splitsLeft }, { at: branches[next.at]!.left, splitsLeft })
  }
}

/** From the bottom up, makes a leaf of every branch whose splits together gain nothing. */
function prune(branches: Branch[]): void {
  const worth = new Float64Array(branches.length)
  for (let at = branches.length - 1; at >= 0; at--) {
    const branch = branches[at]!
    if (branch.left === 0) continue
    const total = branch.gain + worth[branch.left]! + worth[branch.right]!
    if (total > 0 || branch.forced) worth[at] = total
    else fold(branch)
  }
}

function fold(branch: Branch): void {
  branch.left = 0
  branch.right = 0
}

/** The leaves that can be reached from the root, in list order. */
function leavesOf(branches: readonly Branch[]): number[] {
  const reached = new Uint8Array(branches.length)
  reached[0] = 1
  const found: number[] = []
  branches.forEach(({ left, right }, at) => {
    if (reached[at] === 0) return
    if (left === 0) found.push(at)
    else reached[left] = reached[right] = 1
  })
  return found
}

/** Folds the split that gains least, of those between two leaves, until kMax leaves are left. */
function collapse(branches: Branch[], kMax: number): void {
  const leaves = leavesOf(branches)
  const waiting = new Heap()
  const halves = new Uint8Array(branches.length)
  const offer = (at: number) => {
    // A branch comes up for folding when its second half has become a leaf.
    if (at >= 0 && ++halves[at]! === 2 && !branches[at]!.forced) waiting.push(at, branches[at]!.gain)
  }
  for (const at of leaves) offer(branches[at]!.parent)
  for (let clusters = leaves.length; clusters > kMax && waiting.size > 0; clusters--) {
    const at = waiting.pop()
    fold(branches[at]!)
    offer(branches[at]!.parent)
  }
}
