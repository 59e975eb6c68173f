/// <reference lib="dom" />
/** The ranked list: only the rows that are in sight are in the page, so that 100,000 stay fluid. */
import { html, nothing, type TemplateResult } from 'lit-html'
import { repeat } from 'lit-html/directives/repeat.js'
import type { Verb } from '../../model/review/decision.ts'
import { sayCount, sayMany } from '../../model/words/say.ts'
import type { HostRow, HostsView } from '../views.ts'
import { get } from './api.ts'
import type { About, Frame, Page, Where } from './page.ts'
import { addressPart, badge, chips, confidence, empty, hostLink, shown } from './parts.ts'

const rowHeight = 34
const pageSize = 200
const beyond = 12

/** What is known of the list at one address. */
interface List {
  readonly key: string
  total: number
  readonly rows: Map<number, HostRow>
  readonly asked: Set<number>
  selected: number
  top: number
  height: number
  /** Rows shown where rows have no fixed height. */
  shown: number
}

let list: List | null = null

const narrow = matchMedia('(max-width: 40rem)')

/** The address of the data of one part, without offset and limit where `offset` is null. */
function sourceOf({ query }: Where, offset: number | null): string {
  const kept = new URLSearchParams([...query].filter(([, value]) => value !== ''))
  if (offset !== null) {
    kept.set('offset', String(offset))
    kept.set('limit', String(pageSize))
  }
  return `/hosts.json?${kept}`
}

function opened(data: HostsView, where: Where): List {
  const key = sourceOf(where, null)

  if (list?.key !== key || list.rows.get(data.offset) !== data.rows[0]) {
    const kept = list?.key === key ? list : null
    list = {
      key,
      total: data.total,
      rows: new Map(),
      asked: new Set(),
      selected: Math.min(kept?.selected ?? 0, Math.max(0, data.total - 1)),
      top: kept?.top ?? 0,
      height: kept?.height ?? 700,
      shown: pageSize,
    }
    for (const [i, row] of data.rows.entries()) list.rows.set(data.offset + i, row)
    list.asked.add(0)
  }

  return list
}

/** Asks for the parts that the rows from `from` to `to` are in. */
function want(own: List, where: Where, frame: Frame, from: number, to: number): void {
  for (
    let part = Math.floor(from / pageSize);
    part <= Math.floor(Math.max(from, to - 1) / pageSize);
    part++
  ) {
    if (own.asked.has(part) || part * pageSize >= own.total) continue
    own.asked.add(part)
    get<HostsView>(sourceOf(where, part * pageSize)).then(
      (data) => {
        for (const [i, row] of data.rows.entries()) own.rows.set(data.offset + i, row)
        if (own === list) frame.redraw()
      },
      () => own.asked.delete(part),
    )
  }
}

/** Puts a filter in the address. */
function filter(where: Where, frame: Frame, name: string, value: string): void {
  const query = new URLSearchParams(where.query)
  if (value === '') query.delete(name)
  else query.set(name, value)
  frame.go(`/hosts${query.size > 0 ? `?${query}` : ''}`, { replace: true })
}

let typing: ReturnType<typeof setTimeout> | undefined

const choice = (
  name: string,
  label: string,
  facet: Readonly<Record<string, number>>,
  { where, frame }: { where: Where; frame: Frame },
): TemplateResult => {
  const chosen = where.query.get(name) ?? ''
  const values = Object.entries(facet)
  if (chosen !== '' && !values.some(([value]) => value === chosen)) values.push([chosen, 0])
  return html`<label>${label}<select name=${name} .value=${chosen}
@change=${(event: Event) => filter(where, frame, name, (event.target as HTMLSelectElement).value)}>
<option value="" ?selected=${chosen === ''}>any</option>${values.map(
    ([value, count]) => html`<option value=${value}
?selected=${value === chosen}>${value} (${sayCount(count)})</option>`,
  )}</select></label>`
}

const text = (
  name: string,
  label: string,
  hint: string,
  { where, frame }: { where: Where; frame: Frame },
): TemplateResult =>
  html`<label>${label}<input type="search" name=${name} placeholder=${hint} .value=${where.query.get(name) ?? ''}
@input=${(event: Event) => {
    clearTimeout(typing)
    const { value } = event.target as HTMLInputElement
    typing = setTimeout(() => filter(where, frame, name, value.trim()), 200)
  }}></label>`

const time = (
  name: string,
  label: string,
  { where, frame }: { where: Where; frame: Frame },
): TemplateResult =>
  html`<label>${label}<input type="datetime-local" name=${name} .value=${where.query.get(name) ?? ''}
@change=${(event: Event) => filter(where, frame, name, (event.target as HTMLInputElement).value)}></label>`

const filters = ({ facets }: HostsView, where: Where, frame: Frame): TemplateResult => {
  const on = { where, frame }
  const fresh = where.query.get('new') === '1'
  return html`<form class="filters" role="search" aria-label="Filter the list"
@submit=${(event: Event) => event.preventDefault()}>
${text('text', 'Text', 'address, name, reason …', on)}${text('cidr', 'Network', '10.1.0.0/16', on)}
${choice('state', 'State', facets.state, on)}${choice('kind', 'Kind', facets.kind, on)}
${choice('severity', 'Severity', facets.severity, on)}
${choice('confidence', 'Confidence', { '0.95': 0, '0.8': 0, '0.55': 0, '0.2': 0 }, on)}
${choice('technique', 'ATT&CK', facets.technique, on)}
${Object.keys(facets.tag).length > 0 || where.query.has('tag') ? choice('tag', 'Tag', facets.tag, on) : nothing}
<span class="pair">${time('from', 'Seen from (UTC)', on)}${time('to', 'to', on)}</span>
<label class="inline"><input type="checkbox" .checked=${fresh}
@change=${() => filter(where, frame, 'new', fresh ? '' : '1')}>new only</label>
${where.query.size > 0 ? html`<button type="button" @click=${() => frame.go('/hosts')}>Clear</button>` : nothing}
</form>`
}

const heads = [
  ['rank', '#', 'c-rank'],
  ['host', 'Host', 'c-host'],
  ['severity', 'Severity', 'c-sev'],
  ['confidence', 'Confidence', 'c-conf'],
  [null, 'Kinds', 'c-kind'],
  [null, 'Calls', 'c-place'],
  [null, 'Why', 'c-why'],
] as const

function head(where: Where, frame: Frame): TemplateResult {
  const sort = where.query.get('sort') ?? 'rank'
  const order = where.query.get('order') ?? (sort === 'rank' || sort === 'host' ? 'asc' : 'desc')

  const by = (name: string) => {
    const first = name === 'rank' || name === 'host' ? 'asc' : 'desc'
    const next = sort === name ? (order === 'asc' ? 'desc' : 'asc') : first
    const query = new URLSearchParams(where.query)
    query.set('sort', name)
    query.set('order', next)
    frame.go(`/hosts?${query}`, { replace: true })
  }

  return html`<thead><tr>${heads.map(([name, label, style]) =>
    name === null
      ? html`<th scope="col" class=${style}>${label}</th>`
      : html`<th scope="col" class=${style}
aria-sort=${sort !== name ? 'none' : order === 'asc' ? 'ascending' : 'descending'}><button type="button"
@click=${() => by(name)}>${label}${sort === name ? (order === 'asc' ? ' ↑' : ' ↓') : ''}</button></th>`,
  )}</tr></thead>`
}

function rowView(own: List, at: number, frame: Frame): TemplateResult {
  const row = own.rows.get(at)
  const selected = at === own.selected
  if (!row)
    return html`<tr aria-rowindex=${at + 2}><td class="c-rank quiet">${sayCount(at + 1)}</td>
<td colspan="6" class="quiet">…</td></tr>`
  return html`<tr aria-rowindex=${at + 2} aria-selected=${selected ? 'true' : 'false'}
tabindex=${selected ? '0' : '-1'} data-at=${at} @click=${(event: Event) => {
    own.selected = at
    if (!(event.target as Element).closest('a')) frame.redraw()
  }} @dblclick=${() => frame.go(`/hosts/${addressPart(row.host)}`)}>
<td class="c-rank quiet">${sayCount(row.rank)}</td><th scope="row" class="c-host">${hostLink(row.host)}</th>
<td class="c-sev">${badge(row.severity)}</td>
<td class="c-conf">${confidence(row.confidence)}</td><td class="c-kind">${row.kinds.join(', ')}</td>
<td class="c-place mono" title=${shown(row.places.join('\n'))}>${shown(row.places[0] ?? '')}</td>
<td class="c-why" title=${shown(row.why)}>${chips(row)}${shown(row.why)}</td></tr>`
}

function body(own: List, where: Where, frame: Frame): TemplateResult {
  const first = narrow.matches ? 0 : Math.max(0, Math.floor(own.top / rowHeight) - beyond)
  const last = narrow.matches
    ? Math.min(own.total, own.shown)
    : Math.min(own.total, Math.ceil((own.top + own.height) / rowHeight) + beyond)
  want(own, where, frame, first, last)
  const rows = Array.from({ length: Math.max(0, last - first) }, (_, i) => first + i)
  const pad = (count: number) =>
    count === 0 || narrow.matches
      ? nothing
      : html`<tr class="pad" aria-hidden="true"><td colspan="7" .style=${`height:${count * rowHeight}px`}></td></tr>`
  return html`<tbody>${pad(first)}${repeat(
    rows,
    (at) => at,
    (at) => rowView(own, at, frame),
  )}${pad(own.total - last)}</tbody>`
}

/** What a host can be decided by: itself, then where it calls. */
export const aboutRow = (row: HostRow): About => ({
  host: row.host,
  subjects: [
    { subject: row.host, doc: 'this host, whatever it does' },
    ...row.places.flatMap((each) => {
      const [service = '', name] = each.split(/ \(|\)/)
      return [
        { subject: service, doc: 'this service, for every host' },
        ...(name ? [{ subject: name, doc: 'this name and all under it' }] : []),
      ]
    }),
  ],
})

const view = (data: HostsView, where: Where, frame: Frame): TemplateResult => {
  const own = opened(data, where)

  return html`<h1>Hosts, ranked</h1>
${filters(data, where, frame)}
<p class="quiet" role="status">${sayMany(own.total, 'host')}${where.query.size > 0 ? ' pass the filter' : ''}. <span
class="keys"><kbd>j</kbd> <kbd>k</kbd> move, <kbd>Enter</kbd> opens, <kbd>a</kbd> allow,
<kbd>c</kbd> confirm, <kbd>n</kbd> note, <kbd>t</kbd> tag, <kbd>/</kbd> filter</span></p>
${
  own.total === 0
    ? empty('No host passes the filter.', html`<p><a href="/hosts">Show all</a></p>`)
    : html`<div class="list" @scroll=${(event: Event) => {
        const { scrollTop, clientHeight } = event.currentTarget as HTMLElement
        own.top = scrollTop
        own.height = clientHeight
        frame.redraw()
      }}><table role="grid" aria-rowcount=${own.total + 1}
aria-label="Hosts, worst first">${head(where, frame)}${body(own, where, frame)}</table></div>
${
  narrow.matches && own.shown < own.total
    ? html`<p><button @click=${() => {
        own.shown += pageSize
        frame.redraw()
      }}>Show more</button></p>`
    : nothing
}`
}`
}

/** Moves the selection, and what is in sight with it. */
function move(own: List, to: number, frame: Frame): void {
  own.selected = Math.max(0, Math.min(own.total - 1, to))
  const box = document.querySelector<HTMLElement>('.list')
  if (box && !narrow.matches) {
    const top = own.selected * rowHeight
    const room = box.clientHeight - rowHeight * 2
    if (top < box.scrollTop) box.scrollTop = top
    else if (top > box.scrollTop + room) box.scrollTop = top - room
    own.top = box.scrollTop
    own.height = box.clientHeight
  }
  frame.redraw()
  document
    .querySelector<HTMLElement>(`.list [data-at="${own.selected}"]`)
    ?.focus({ preventScroll: !narrow.matches })
}

const steps: Readonly<Record<string, number>> = {
  j: 1,
  ArrowDown: 1,
  k: -1,
  ArrowUp: -1,
  PageDown: 15,
  PageUp: -15,
}
const verbs: Readonly<Record<string, Verb>> = { a: 'allow', c: 'confirm', n: 'note', t: 'tag' }

function key(event: KeyboardEvent, frame: Frame): boolean {
  if (!list) return false
  const step = steps[event.key]

  if (step !== undefined) {
    move(list, list.selected + step, frame)
    return true
  }

  if (event.key === '/') {
    document.querySelector<HTMLInputElement>('.filters input')?.focus()
    return true
  }

  const row = list.rows.get(list.selected)
  const verb = verbs[event.key]

  if (verb && row) {
    frame.decide(verb, aboutRow(row))
    return true
  }

  if (event.key === 'Enter' && row && !(event.target as Element).closest('a,button,input,select')) {
    frame.go(`/hosts/${addressPart(row.host)}`)
    return true
  }

  return false
}

export const hostsPage: Page<HostsView> = {
  source: (where) => sourceOf(where, 0),
  title: () => 'Hosts',
  view,
  key,
  drawn(root) {
    const box = root.querySelector<HTMLElement>('.list')
    if (box && list && !narrow.matches) {
      list.height = box.clientHeight
      if (Math.abs(box.scrollTop - list.top) > 1) box.scrollTop = list.top
    }
  },
}
