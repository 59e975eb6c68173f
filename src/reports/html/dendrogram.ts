/** The tree of hosts joined by likeness, with the height at which it was cut. */
import { scaleLinear } from 'd3-scale'
import type { Dendrogram } from '../../model/answer.ts'
import { sayMany, sayNumber, sayShort } from '../../model/words/say.ts'
import { bottomAxis, greatest, type Picture, shortened, WIDTH } from './chart.ts'
import { html, type Markup } from './markup.ts'

const TREE_LEFT = 122
const RIGHT = WIDTH - 14
const TOP = 22
/** Over this many rows the hosts outside the botnet are drawn as one row for each branch of them. */
const MANY_HOSTS = 30
const MOST_ROWS = 300

interface Node {
  readonly children: readonly [number, number] | null
  readonly height: number
  readonly hosts: number
  readonly members: number
}

/** The picture for one botnet, or null where the tree does not hold it or is too large to be read. */
export function dendrogramPicture(tree: Dendrogram, botnet: string): Picture | null {
  const nodes = nodesOf(tree, botnet)
  const members = tree.botnetOf.filter((each) => each === botnet).length
  const fold = tree.hosts.length > MANY_HOSTS
  const rows = rowsOf(nodes, (node) => fold && node.members === 0)
  if (members === 0 || rows.length > MOST_ROWS) return null
  const pitch = rows.length > 60 ? 9 : 17
  const bottom = TOP + rows.length * pitch + 4
  const highest = Math.max(greatest(nodes.map(({ height }) => height)), greatest([tree.cut]), 1e-9)
  const x = scaleLinear([0, highest * 1.03], [TREE_LEFT, RIGHT]).clamp(true)
  const cut = x(tree.cut)

  return {
    title: 'Who is like whom',
    see:
      `The ${sayMany(members, 'member')} join left of the cut at ` +
      `${sayNumber(tree.cut)}, more alike than other hosts are; dotted joins were not made.`,
    height: bottom + 36,
    drawing: html`${branches(nodes, rows, { x, y: (row) => TOP + (row + 0.5) * pitch, cut: tree.cut })}
${rows.map((row, i) => label(nodes[row], tree.hosts[row], { y: TOP + (i + 0.5) * pitch, plain: pitch < 12 }))}
<path class="cut" d="M${cut} ${TOP - 6}V${bottom}"/><text class="middle strong"
  x="${Math.min(cut, RIGHT - 24)}" y="${TOP - 10}">cut ${sayNumber(tree.cut)}</text>
${bottomAxis(
  x.ticks(5).map((tick) => ({ at: x(tick), label: sayShort(tick) })),
  { left: TREE_LEFT, right: RIGHT, y: bottom, name: 'height of the join: less alike →' },
)}`,
  }
}

/** Leaves first, then joins; a join of something that is not there, or is joined already, is left out. */
function nodesOf({ hosts, merges, botnetOf }: Dendrogram, botnet: string): Node[] {
  const nodes: Node[] = hosts.map((_, i) => ({
    children: null,
    height: 0,
    hosts: 1,
    members: botnetOf[i] === botnet ? 1 : 0,
  }))

  const joined = new Set<number>()

  for (const { a, b, height } of merges) {
    const left = nodes[a]
    const right = nodes[b]
    const sound = left && right && a !== b && !joined.has(a) && !joined.has(b)
    if (!sound) {
      nodes.push({ children: null, height: 0, hosts: 0, members: 0 })
      joined.add(nodes.length - 1)
      continue
    }
    joined.add(a).add(b)
    nodes.push({
      children: [a, b],
      height,
      hosts: left.hosts + right.hosts,
      members: left.members + right.members,
    })
  }

  return nodes
}

/** Nodes that get a row of their own, from top to bottom: leaves, and branches that `folded` keeps shut. */
function rowsOf(nodes: readonly Node[], folded: (node: Node) => boolean): number[] {
  const child = new Set(nodes.flatMap(({ children }) => children ?? []))
  const open = nodes.map((_, i) => i).filter((i) => !child.has(i) && (nodes[i]?.hosts ?? 0) > 0)
  const rows: number[] = []
  while (open.length > 0) {
    const at = open.shift() ?? 0
    const node = nodes[at]
    if (!node) continue
    if (node.children === null || folded(node)) rows.push(at)
    else
      open.unshift(...node.children.toSorted((a, b) => (nodes[b]?.members ?? 0) - (nodes[a]?.members ?? 0)))
  }
  return rows
}

interface Place {
  x(height: number): number
  y(row: number): number
  readonly cut: number
}

function branches(nodes: readonly Node[], rows: readonly number[], { x, y, cut }: Place): Markup[] {
  const centre = new Map(rows.map((node, row) => [node, y(row)]))
  const drawn: Markup[] = []
  nodes.forEach((node, i) => {
    if (node.children === null || centre.has(i)) return
    const [a, b] = node.children
    const top = centre.get(a)
    const low = centre.get(b)
    if (top === undefined || low === undefined) return
    centre.set(i, (top + low) / 2)
    const inside = node.members === node.hosts && node.height <= cut
    const style = `${inside ? 'line-accused' : 'line-rest'}${node.height > cut ? ' faint' : ''}`
    const from = (child: number) => x(rows.includes(child) ? 0 : (nodes[child]?.height ?? 0))
    drawn.push(html`<path class="line ${style}" d="M${from(a)} ${top}H${x(node.height)}V${low}H${from(b)}"/>`)
  })
  return drawn
}

function label(
  node: Node | undefined,
  host: string | undefined,
  { y, plain }: { y: number; plain: boolean },
): Markup {
  const member = (node?.members ?? 0) > 0
  if (plain && !member) return html``
  const name = host === undefined ? sayMany(node?.hosts ?? 0, 'other host') : shortened(host, 17)
  return html`<text class="end${member ? ' text-accused' : ''}" x="${TREE_LEFT - 6}" y="${y + 4}">${name}</text>`
}
