/// <reference lib="dom" />
/** The map of C-clusters: what is near each other talks alike; what is coloured also acts. */
import { html, nothing, svg, type TemplateResult } from 'lit-html'
import { sayCount, sayMany, sayShare } from '../../model/words/say.ts'
import type { ClusterRow, CplaneView } from '../views.ts'
import { isRunning } from './jobs.ts'
import type { Frame, Page, Where } from './page.ts'
import { addressPart, empty, hostLink, instant, shown, traceAddress } from './parts.ts'

const narrow = matchMedia('(max-width: 40rem)')
const margin = 22

const overlap = ({ active, hosts }: ClusterRow): number => (hosts > 0 ? active / hosts : 0)

/** How much of a cluster acts, beside how much of the whole epoch does. */
const levels = [
  { style: 'none', label: 'no more than of all hosts' },
  { style: 'few', label: 'more' },
  { style: 'many', label: 'half or more' },
  { style: 'all', label: 'all' },
] as const

const styleOf = (row: ClusterRow, usual: number): string =>
  levels[overlap(row) === 1 ? 3 : overlap(row) >= 0.5 ? 2 : overlap(row) > usual ? 1 : 0].style

const isBots = ({ bots, hosts }: ClusterRow): boolean => bots > 0 && bots * 2 >= hosts

/** The same address with other parameters; an empty one is left out. */
function at({ query }: Where, changes: Readonly<Record<string, string>>): string {
  const own = new URLSearchParams({ ...Object.fromEntries(query), ...changes })
  for (const [name, value] of [...own]) if (value === '') own.delete(name)
  return `/cplane${own.size > 0 ? `?${own}` : ''}`
}

function inView({ query }: Where, rows: readonly ClusterRow[]): readonly ClusterRow[] {
  const transport = query.get('transport') ?? ''
  const least = Number(query.get('hosts') ?? '1')
  const active = query.get('active') === '1'
  return rows.filter(
    (row) =>
      (transport === '' || row.transport === transport) && row.hosts >= least && (!active || row.active > 0),
  )
}

const sentence = (row: ClusterRow): string =>
  `${row.id}: ${sayMany(row.hosts, 'host')}, ${sayCount(row.active)} with activities, ` +
  `${sayMany(row.cflows, 'C-flow')}`

interface Scale {
  readonly x: (value: number) => number
  readonly y: (value: number) => number
}

/** Both axes run over all but the farthest hundredth, which stands at the edge. */
function scaleOf(rows: readonly ClusterRow[], width: number, height: number): Scale {
  const along = (values: readonly number[], from: number, to: number) => {
    const sorted = values.toSorted((a, b) => a - b)
    const low = sorted[Math.floor(sorted.length * 0.005)] ?? 0
    const high = sorted[Math.ceil(sorted.length * 0.995) - 1] ?? 1
    return (value: number) =>
      from + ((to - from) * (Math.min(high, Math.max(low, value)) - low)) / (high - low || 1)
  }

  return {
    x: along(
      rows.map(({ x }) => x),
      margin,
      width - margin,
    ),
    y: along(
      rows.map(({ y }) => y),
      height - margin,
      margin,
    ),
  }
}

function mark(row: ClusterRow, where: Where, { x, y }: Scale, data: CplaneView): TemplateResult {
  const radius = 2.4 + 1.1 * Math.log2(row.hosts)
  const [cx, cy] = [x(row.x).toFixed(1), y(row.y).toFixed(1)]
  return svg`<a href=${at(where, { cluster: row.id })} tabindex="-1"><title>${sentence(row)}</title>
<circle class="mark ${styleOf(row, data.active / data.hosts)} ${isBots(row) ? 'bots' : ''}" cx=${cx} cy=${cy}
r=${radius.toFixed(1)}/>${
    row.holds || row.id === data.chosen?.id
      ? svg`<circle class="ring" cx=${cx} cy=${cy} r=${(radius + 4).toFixed(1)}/>`
      : nothing
  }</a>`
}

const legend = (): TemplateResult =>
  html`<p class="legend">Share of the cluster’s hosts with activities: ${levels.map(
    ({ style, label }) =>
      html`<span><svg viewBox="0 0 14 14" aria-hidden="true">${svg`<circle class="mark ${style}"
cx="7" cy="7" r="5"/>`}</svg> ${label}</span>`,
  )} <span><svg viewBox="0 0 14 14" aria-hidden="true">${svg`<circle class="mark all bots" cx="7" cy="7"
r="5"/>`}</svg> half or more in a botnet</span> <span><svg viewBox="0 0 14 14" aria-hidden="true">${svg`<circle
class="ring" cx="7" cy="7" r="6"/>`}</svg> chosen, or of the host</span></p>`

const axisName = ({ share, made }: CplaneView['axes'][number]): string =>
  `${sayShare(share)} of the variance: ${made
    .map(({ of, weight }) => `${weight < 0 ? 'less' : 'more'} ${of}`)
    .join(', ')}`

function map(data: CplaneView, where: Where): TemplateResult {
  const rows = inView(where, data.clusters)
  const [width, height] = narrow.matches ? [360, 360] : [960, 560]
  const scale = scaleOf(data.clusters, width, height)
  const [across, up] = data.axes
  // The emptiest marks first, so that none hides one with activities.
  const drawn = rows.toSorted((a, b) => overlap(a) - overlap(b) || b.hosts - a.hosts)

  return html`<figure class="map"><figcaption><b>C-clusters</b> ${sayCount(rows.length)} of ${sayMany(
    data.total,
    'cluster',
  )}. Clusters close together have similar traffic; a larger mark has more hosts.
  ${sayShare(data.active / data.hosts)} of all hosts
have activities; a coloured cluster has more of them.</figcaption>
<svg viewBox="0 0 ${width} ${height}" aria-hidden="true"><rect class="frame" width=${width} height=${height} rx="8"/>
${drawn.map((row) => mark(row, where, scale, data))}</svg>
<p class="quiet">Across, ${across ? axisName(across) : ''}.<br>Up, ${up ? axisName(up) : ''}.</p>${legend()}</figure>`
}

const filters = (data: CplaneView, where: Where, frame: Frame): TemplateResult => {
  const change = (name: string) => (event: Event) =>
    frame.go(at(where, { [name]: (event.target as HTMLSelectElement).value.trim() }), { replace: true })
  const choice = (name: string, label: string, values: readonly (readonly [string, string])[]) =>
    html`<label>${label}<select name=${name} @change=${change(name)}>${values.map(
      ([
        value,
        text,
      ]) => html`<option value=${value} ?selected=${value === (where.query.get(name) ?? '')}>${text}
</option>`,
    )}</select></label>`

  return html`<form class="filters" role="search" aria-label="What the map shows"
@submit=${(event: Event) => event.preventDefault()}>
<label>Host<input type="search" name="host" placeholder="10.1.2.3" .value=${data.host ?? ''} @change=${change('host')}>
</label>
${choice('transport', 'Transport', [
  ['', 'any'],
  ['tcp', 'tcp'],
  ['udp', 'udp'],
])}
${choice('hosts', 'Hosts', [
  ['', 'any number'],
  ['2', '2 or more'],
  ['5', '5 or more'],
  ['20', '20 or more'],
])}
${choice('active', 'Activities', [
  ['', 'with or without'],
  ['1', 'with'],
])}
${
  data.epochs.length > 1
    ? choice('epoch', 'Epoch', [
        ['', 'the last'],
        ...data.epochs.map(({ from }, i) => [String(i), instant(from)] as const),
      ])
    : nothing
}</form>`
}

const clusterTable = (rows: readonly ClusterRow[], where: Where): TemplateResult => html`
<table class="stack"><thead><tr><th scope="col">Cluster</th><th scope="col" class="number">Hosts</th>
<th scope="col" class="number">With activities</th><th scope="col" class="number">In a botnet</th>
<th scope="col" class="number">C-flows</th></tr></thead><tbody>${rows.map(
  (row) => html`<tr><th scope="row"><a class="mono" href=${at(where, { cluster: row.id })}>${row.id}</a></th>
<td class="number beside" data-name="Hosts">${sayCount(row.hosts)}</td>
<td class="number beside" data-name="With activities">${sayCount(row.active)}</td>
<td class="number beside" data-name="In a botnet">${sayCount(row.bots)}</td>
<td class="number beside" data-name="C-flows">${sayCount(row.cflows)}</td></tr>`,
)}</tbody></table>`

type Chosen = NonNullable<CplaneView['chosen']>

const measured = (value: number): string =>
  value >= 100 ? sayCount(Math.round(value)) : String(Number(value.toPrecision(2)))

/** Rows of one table inside a cluster. */
const most = 25

const inside = (chosen: Chosen, where: Where): TemplateResult => html`
<h2 id="chosen">Cluster <span class="mono">${chosen.id}</span></h2>
<p>${sayMany(chosen.hosts, 'host')}, ${sayCount(chosen.active)} with activities, ${sayCount(chosen.bots)} in a botnet;
${sayMany(chosen.cflows, 'C-flow')}. The medians: ${chosen.medians
  .map(({ name, unit, value }) => `${measured(value)} ${unit} (${name})`)
  .join(', ')}. <a href=${at(where, { cluster: '' })}>Close</a></p>
<div class="split even"><div><h3>Hosts</h3><table class="stack"><thead><tr><th scope="col">Host</th>
<th scope="col" class="number">C-flows</th><th scope="col">Activities</th></tr></thead>
<tbody>${chosen.members.slice(0, most).map(
  ({ host, cflows, activities }) => html`<tr><th scope="row">${hostLink(host)}</th>
<td class="number" data-name="C-flows">${sayCount(cflows)}</td><td>${activities.join(', ')}</td></tr>`,
)}</tbody></table>${
  chosen.hosts > most ? html`<p class="quiet">The first ${most} of ${sayCount(chosen.hosts)}.</p>` : nothing
}
</div>
<div><h3>Services</h3><table class="stack"><thead><tr><th scope="col">Service</th>
<th scope="col" class="number">Hosts</th><th scope="col" class="number">Flows</th></tr></thead>
<tbody>${chosen.services.slice(0, most).map(
  (each) => html`<tr><th scope="row">${
    chosen.members.length === 1
      ? html`<a class="mono" href=${traceAddress(chosen.members[0]!.host, { ...each, name: null })}>${serviceText(each)}
</a>`
      : html`<span class="mono">${serviceText(each)}</span>`
  }</th><td class="number" data-name="Hosts">${sayCount(each.callers)}</td>
<td class="number" data-name="Flows">${sayCount(each.calls)}</td></tr>`,
)}</tbody></table></div></div>`

const serviceText = ({ address, port, protocol }: Chosen['services'][number]): string =>
  shown(`${address.includes(':') ? `[${address}]` : address}:${port}/${protocol}`)

/** Many hosts, and most of them act. */
const worth = (row: ClusterRow): number => row.active * overlap(row)

const view = (data: CplaneView, where: Where, frame: Frame): TemplateResult => {
  if (data.total === 0 && isRunning())
    return html`<h1>C-plane</h1>${empty('An analysis is running.', html`<p>It makes the map anew.</p>`)}`
  if (data.total === 0)
    return html`<h1>C-plane</h1>${empty(
      'No C-flow of this analysis is kept.',
      html`<p>A day without clients that call outside has none, and a stopped analysis takes them away:
<a href="/imports">analyse again</a>.</p>`,
    )}`
  const acting = inView(where, data.clusters)
    .filter(({ active, holds }) => active > 0 || holds)
    .toSorted((a, b) => Number(b.holds) - Number(a.holds) || worth(b) - worth(a))

  return html`<h1>C-plane</h1>${filters(data, where, frame)}
${isRunning() ? html`<p class="warn">An analysis is running: the map may lack clusters until it is done.</p>` : nothing}
${
  data.host === null
    ? nothing
    : html`<p>Rings mark the clusters of <a href="/hosts/${addressPart(data.host)}"
class="mono">${shown(data.host)}</a>.</p>`
}
${map(data, where)}
${data.chosen === null ? nothing : inside(data.chosen, where)}
<h2>Clusters with activities</h2>
${
  acting.length === 0
    ? html`<p>None of these clusters has a host with activities.</p>`
    : clusterTable(acting.slice(0, narrow.matches ? 15 : 40), where)
}`
}

export const cplanePage: Page<CplaneView> = {
  source: ({ query }) => {
    const asked = new URLSearchParams()
    for (const name of ['epoch', 'host', 'cluster']) if (query.get(name)) asked.set(name, query.get(name)!)
    return `/cplane.json${asked.size > 0 ? `?${asked}` : ''}`
  },
  title: () => 'C-plane',
  view,
}
