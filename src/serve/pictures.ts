/** Pictures of the HTML report, drawn for the pages, and those that the pages alone have. */
import type { Contacts } from '../model/answer.ts'
import type { Micros } from '../model/units.ts'
import { sayBytes, sayCount, sayInstant, sayMany, saySpan } from '../model/words/say.ts'
import { bottomAxis, leftAxis, type Picture, shortened, WIDTH } from '../reports/html/chart.ts'
import { html, textOf } from '../reports/html/markup.ts'
import { timeTicks } from '../reports/html/time-axis.ts'
import type { FlowRow } from './contacts/views.ts'
import type { TimeBin } from './records.ts'
import type { DrawnPicture } from './views.ts'

/** The drawing as SVG that stands alone as XML. */
export const drawn = ({ title, see, height, drawing }: Picture): DrawnPicture => ({
  title,
  see,
  svg: textOf(
    html`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img"
aria-label="${`${title}: ${see}`}">${drawing}</svg>`,
  ).trim(),
})

export const drawnAll = (pictures: readonly (Picture | null)[]): DrawnPicture[] =>
  pictures.flatMap((each) => (each === null ? [] : [drawn(each)]))

const LEFT = 48
const RIGHT = WIDTH - 10
const TOP = 14
const BOTTOM = 120

interface Span {
  readonly from: number
  readonly to: number
  readonly step: number
}

/** Flows in time: a bar a bin, so that a gap in the records is seen. */
export function flowsPicture(bins: readonly TimeBin[], span: Span): Picture | null {
  if (bins.length === 0 || span.to <= span.from) return null
  const all = Math.ceil((span.to - span.from) / span.step)
  const empty = all - bins.length
  const gap =
    empty > 0
      ? `${sayMany(empty, 'bar')} of ${sayCount(all)} ` +
        `${empty === 1 ? 'is' : 'are'} empty: no flow was read of these times.`
      : 'No time is without flows.'

  const { most, ...rest } = barsOf(bins, span, { what: 'flow', fill: 'fill-accused' })
  return {
    title: 'Flows read, in time',
    see: `One bar is ${saySpan(span.step as Micros)}, the highest ${sayMany(most, 'flow')}. ${gap}`,
    ...rest,
  }
}

/** Records left out, in time; null where none was. */
export function rejectsPicture(
  { bins, timeless }: { readonly bins: readonly TimeBin[]; readonly timeless: number },
  span: Span,
): Picture | null {
  if (bins.length === 0 || span.to <= span.from) return null
  const { most, ...rest } = barsOf(bins, span, { what: 'record', fill: 'fill-rest' })
  const others =
    timeless > 0
      ? ` ${sayMany(timeless, 'other')} ${timeless === 1 ? 'is' : 'are'} of inputs without flows.`
      : ''

  return {
    title: 'Records left out, in time',
    see:
      `Those of an input are spread evenly over the time of its flows. The highest bar is ` +
      `about ${sayMany(most, 'record')}.${others}`,
    ...rest,
  }
}

function barsOf(
  bins: readonly TimeBin[],
  { from, to, step }: Span,
  { what, fill }: { readonly what: string; readonly fill: string },
): Pick<Picture, 'height' | 'drawing'> & { readonly most: number } {
  const most = Math.ceil(Math.max(1, ...bins.map(({ count }) => count)))
  const x = (at: number) => LEFT + ((RIGHT - LEFT) * (at - from)) / (to - from)
  const y = (count: number) => BOTTOM - ((BOTTOM - TOP) * count) / most

  const bars = bins.map(({ start, count }) => {
    const left = Math.max(LEFT, x(start))
    const width = Math.max(0.6, Math.min(RIGHT, x(start + step)) - left - 0.4)
    return html`<rect class="${fill}" x="${left}" y="${y(count)}" width="${width}" height="${BOTTOM - y(count)}">
<title>${sayInstant(start as Micros)}: ${sayMany(Math.ceil(count), what)}</title></rect>`
  })

  return {
    most,
    height: BOTTOM + 36,
    drawing: html`${leftAxis([{ at: y(most), label: sayCount(most) }], LEFT, RIGHT)}${bars}
${bottomAxis(
  timeTicks(from as Micros, to as Micros).map(({ at, label }) => ({ at: x(at), label })),
  { left: LEFT, right: RIGHT, y: BOTTOM, name: 'UTC' },
)}`,
  }
}

/** Bytes of each flow in time, both ways, on a logarithmic axis. */
export function sizesPicture(flows: readonly FlowRow[]): Picture | null {
  const known = flows.filter(({ sent, received }) => (sent ?? 0) + (received ?? 0) > 0)
  const [first, last] = [known[0], known.at(-1)]
  if (!first || !last) return null
  const span = Math.max(1, last.start - first.start)
  const most = Math.max(10, ...known.map(({ sent, received }) => Math.max(sent ?? 0, received ?? 0)))
  const x = (at: number) => LEFT + ((RIGHT - LEFT) * (at - first.start)) / span
  const y = (bytes: number) => BOTTOM - ((BOTTOM - TOP) * Math.log10(Math.max(1, bytes))) / Math.log10(most)
  const dots = (of: 'sent' | 'received', style: string) =>
    html`<path class="line dots ${style}" d="${known
      .filter((flow) => (flow[of] ?? 0) > 0)
      .map((flow) => `M${x(flow.start).toFixed(1)} ${y(flow[of] ?? 0).toFixed(1)}h0.01`)
      .join('')}"/>`
  const sizes = new Set(known.map(({ sent }) => sent))
  const ticks = [1, 100, 1e4, 1e6, 1e8, 1e10].filter((each) => each <= most)

  return {
    title: 'Sizes',
    see:
      `${sayMany(sizes.size, 'different size')} sent in ${sayMany(known.length, 'flow')}: a level row of dots is the ` +
      'same size again and again. Sent in the first colour, received in the second.',
    height: BOTTOM + 36,
    drawing: html`${leftAxis(
      ticks.map((each) => ({ at: y(each), label: sayBytes(each) })),
      LEFT,
      RIGHT,
    )}${dots('sent', 'line-accused')}${dots('received', 'line-cnc')}
${bottomAxis(
  timeTicks(first.start as Micros, last.start as Micros).map(({ at, label }) => ({ at: x(at), label })),
  { left: LEFT, right: RIGHT, y: BOTTOM, name: 'UTC; upright: bytes (logarithmic)' },
)}`,
  }
}

const ROW = 30
const MOST_GROUPS = 14
const GROUP_X = 150
const SERVER_X = 262

/**
 * Who calls which servers, readable at any number of members: members that call the same servers are one mark, its size
 * grows with their number.
 */
export function topologyPicture({ links }: Contacts): Picture | null {
  const cnc = links.filter((each) => each.cnc)
  const used = cnc.length > 0 ? cnc : links
  if (used.length === 0) return null
  const serversOf = Map.groupBy(used, ({ host }) => host)

  const groups = [
    ...Map.groupBy([...serversOf], ([, own]) =>
      [...new Set(own.map(({ server }) => server))].toSorted().join('\n'),
    ).entries(),
  ]
    .map(([servers, members]) => ({ servers: servers.split('\n'), members: members.map(([host]) => host) }))
    .toSorted((a, b) => b.members.length - a.members.length)

  const shown = groups.slice(0, MOST_GROUPS)
  const counts = new Map<string, number>()

  for (const { servers, members } of groups)
    for (const each of servers) counts.set(each, (counts.get(each) ?? 0) + members.length)

  const servers = [...counts].toSorted(([, a], [, b]) => b - a).slice(0, MOST_GROUPS)
  const rows = Math.max(shown.length, servers.length)
  const groupY = (i: number) => TOP + 14 + ((i + 0.5) * rows * ROW) / shown.length
  const serverY = new Map(
    servers.map(([name], i) => [name, TOP + 14 + ((i + 0.5) * rows * ROW) / servers.length]),
  )
  const radius = (members: number) => 4 + 2 * Math.log2(1 + members)
  const hidden = groups.length - shown.length

  return {
    title: 'Topology',
    see:
      `${sayMany(serversOf.size, 'member')} in ${sayMany(groups.length, 'group')} by the servers they call, ` +
      `${sayMany(counts.size, 'server')}.${hidden > 0 ? ` ${sayMany(hidden, 'smaller group')} not drawn.` : ''}`,
    height: TOP + 14 + rows * ROW + 8,
    drawing: html`<text class="end strong" x="${GROUP_X}" y="12">members</text>
<text class="strong" x="${SERVER_X}" y="12">servers</text>
${shown.map(({ servers: own, members }, i) =>
  own.flatMap((name) => {
    const to = serverY.get(name)
    return to === undefined
      ? []
      : [
          html`<path class="${cnc.length > 0 ? 'line-cnc' : 'line-rest'}" fill="none" opacity="0.55"
stroke-width="${1 + Math.log2(1 + members.length) / 2}"
d="M${GROUP_X} ${groupY(i)}C${206} ${groupY(i)} ${206} ${to} ${SERVER_X} ${to}"/>`,
        ]
  }),
)}
${shown.map(
  ({ members }, i) => html`<circle class="fill-accused" cx="${GROUP_X}" cy="${groupY(i)}"
r="${radius(members.length)}"><title>${members.slice(0, 40).join(', ')}${members.length > 40 ? ' …' : ''}
</title></circle><text class="end text-accused" x="${GROUP_X - radius(members.length) - 5}"
y="${groupY(i) + 4}">${members.length === 1 ? shortened(members[0] ?? '', 18) : sayMany(members.length, 'member')}
</text>`,
)}
${servers.map(
  ([name, members]) => html`<path class="fill-cnc"
d="M${SERVER_X} ${(serverY.get(name) ?? 0) - 6}l6 6l-6 6l-6 -6z"/><text class="text-cnc" x="${SERVER_X + 9}"
y="${(serverY.get(name) ?? 0) + 4}">${shortened(name, 18)}<title>${name}: ${sayMany(members, 'member')}
</title></text>`,
)}`,
  }
}
