/// <reference lib="dom" />
/** Small pieces that several pages show. All text goes through lit-html, which writes text as text. */
import { html, nothing, svg, type TemplateResult } from 'lit-html'
import type { Endpoint } from '../../model/endpoint.ts'
import type { Micros } from '../../model/units.ts'
import { confidenceWord, sayConfidence, sayCount, sayEndpoint, sayInstant } from '../../model/words/say.ts'
import { printable } from '../../reports/printable.ts'
import type { ContactRow } from '../contacts/views.ts'
import type { DrawnPicture, HostRow } from '../views.ts'

/** Text of the traffic with nothing in it that hides or reorders. */
export const shown = printable

/** Text as a part of an address; half a character, which an address cannot hold, is replaced. */
export const addressPart = (text: string): string => encodeURIComponent(text.toWellFormed())

export const badge = (severity: string | null): TemplateResult =>
  severity === null
    ? html`<span class="quiet">–</span>`
    : html`<span class="badge ${severity}">${severity}</span>`

/** A bar, the word and the number: the same wherever a confidence is shown. */
export const confidence = (value: number): TemplateResult =>
  html`<span class="conf"><svg class="meter" viewBox="0 0 50 10" aria-hidden="true">${svg`<rect class="fill-rest"
opacity="0.35" width="50" height="10" rx="2"/><rect class="fill-accused" width=${Math.round(value * 50)}
height="10" rx="2"/>`}</svg><span class="word">${confidenceWord(value)}</span> <span class="quiet">${sayConfidence(
    value,
  )}</span></span>`

export const instant = (at: number | null): string => (at === null ? '–' : sayInstant(at as Micros))

export const hostLink = (host: string): TemplateResult =>
  html`<a class="mono" href="/hosts/${addressPart(host)}">${shown(host)}</a>`

export const nameLink = (name: string): TemplateResult =>
  html`<a class="mono" href="/names/${addressPart(name)}">${shown(name)}</a>`

export const botnetLink = (id: string): TemplateResult =>
  html`<a class="mono" href="/botnets/${addressPart(id)}">${shown(id)}</a>`

export const findingLink = (id: string): TemplateResult =>
  html`<a class="mono" href="/findings/${addressPart(id)}">${shown(id)}</a>`

export const place = (endpoint: Endpoint): TemplateResult =>
  html`<span class="mono">${shown(sayEndpoint({ ...endpoint, name: null }))}</span>${
    endpoint.name === null ? nothing : html` (${nameLink(endpoint.name)})`
  }`

export function traceAddress(host: string, { address, port, protocol }: Endpoint): string {
  const query = new URLSearchParams({ host, address, port: String(port), protocol })
  return `/trace?${query}`
}

/** Who is behind a service, as far as lists know. */
const behind = ({ owner, name, popularity }: ContactRow): string =>
  [
    owner ?? 'owner unknown',
    ...(name === null
      ? []
      : [
          popularity === null
            ? 'in no list of popular names'
            : `among the ${sayCount(popularity)} most popular`,
        ]),
  ].join('; ')

export const contactTable = (rows: readonly ContactRow[], withHost: boolean): TemplateResult => html`
<table class="stack" aria-busy=${rows.some(({ callers }) => callers === null) ? 'true' : 'false'}><thead>
<tr>${withHost ? html`<th scope="col">Host</th>` : nothing}<th scope="col">Where</th>
<th scope="col">Score</th><th scope="col">Why</th><th scope="col">First seen (UTC)</th>
<th scope="col" class="number">Callers</th><th scope="col">Look</th></tr></thead>
<tbody>${rows.map(
  (row) => html`<tr>${withHost ? html`<th scope="row">${hostLink(row.host)}</th>` : nothing}
<td>${place(row)}<br><span class="quiet">${shown(behind(row))}</span></td>
<td data-name="Score">${confidence(row.score)}</td>
<td data-name="Why" class="reasons">${row.reasons
    .slice(0, 3)
    .map((reason, i) => html`${i > 0 ? html`<br>` : nothing}${shown(reason)}`)}</td>
<td data-name="First seen">${row.callers === null ? '…' : instant(row.firstSeen)}</td>
<td data-name="Callers" class="number">${row.callers === null ? '…' : sayCount(row.callers)}</td>
<td><a href=${traceAddress(row.host, row)}>trace</a>${
    row.finding === null ? nothing : html` · ${findingLink(row.finding)}`
  }</td></tr>`,
)}</tbody></table>`

/** Every format in which findings are taken away, most wanted first. */
const exportNames = [
  ['blocklist', 'Block list'],
  ['domains', 'Names'],
  ['suricata', 'Suricata'],
  ['zeek-intel', 'Zeek intel'],
  ['rpz', 'DNS RPZ'],
  ['stix', 'STIX 2.1'],
  ['misp', 'MISP'],
  ['csv', 'CSV'],
  ['navigator', 'ATT&CK layer'],
  ['jsonl', 'JSON lines'],
  ['json', 'JSON'],
  ['ecs', 'ECS'],
  ['ocsf', 'OCSF'],
  ['cef', 'CEF'],
  ['leef', 'LEEF'],
  ['html', 'HTML report'],
] as const

/** A link for each format: of all findings, or of one botnet. */
export const exportLinks = (botnet: string | null): TemplateResult =>
  html`<div class="actions">${exportNames.map(
    ([format, label]) => html`<a class="chip"
href="/export/${format}${botnet === null ? '' : `?botnet=${addressPart(botnet)}`}" download>${label}</a>`,
  )}</div>`

export const chips = (row: HostRow): TemplateResult =>
  html`${row.confirmed ? html`<span class="chip confirmed">confirmed</span>` : nothing}${
    row.change
      ? html`<span
class="chip ${row.change}">${row.change}</span>`
      : nothing
  }${
    row.state === 'accused'
      ? nothing
      : html`<span
class="chip ${row.state}">${row.state}</span>`
  }${row.tags.map((tag) => html`<a class="chip" href="/hosts?tag=${addressPart(tag)}">${shown(tag)}</a>`)}`

const parser = new DOMParser()

/** The drawing as nodes: parsed as XML, with nothing kept that could act. */
function drawing(text: string): Node | null {
  const { documentElement: root } = parser.parseFromString(text, 'image/svg+xml')
  if (root.nodeName !== 'svg') return null
  for (const node of root.querySelectorAll('script,style,foreignObject,a,image,use,animate,set'))
    node.remove()
  for (const node of [root, ...root.querySelectorAll('*')])
    for (const name of node.getAttributeNames())
      if (/^on|^style$|href$/i.test(name)) node.removeAttribute(name)
  return document.importNode(root, true)
}

const drawings = new WeakMap<DrawnPicture, Node | null>()

export const picture = (each: DrawnPicture): TemplateResult => {
  if (!drawings.has(each)) drawings.set(each, drawing(each.svg))
  return html`<figure class="picture"><figcaption><b>${each.title}</b> ${each.see}</figcaption>${drawings.get(each)}
</figure>`
}

export const pictures = (all: readonly DrawnPicture[]): TemplateResult | typeof nothing =>
  all.length === 0
    ? nothing
    : html`<div class="figures ${all.length === 1 ? 'wide' : ''}">${all.map(picture)}</div>`

export const empty = (what: string, more: unknown = nothing): TemplateResult =>
  html`<div class="state"><b>${what}</b>${more}</div>`

export const bullets = (texts: readonly string[]): TemplateResult =>
  html`<ul>${texts.map((text) => html`<li>${shown(text)}</li>`)}</ul>`

/** Parts of a whole as one bar: what each indicator adds, and where a host is as likely a bot as not. */
export function signBar(
  parts: readonly { readonly kind: string; readonly logOdds: number }[],
  prior: number,
): TemplateResult {
  const sum = parts.reduce((all, { logOdds }) => all + logOdds, 0)
  const scale = 560 / Math.max(sum, -prior, 1)
  const even = -prior * scale
  let at = 0

  const bars = parts.map(({ kind, logOdds }, i) => {
    const left = at
    const width = logOdds * scale
    at += width
    return svg`<rect class="fill-accused" opacity=${Math.max(0.35, 1 - i * 0.18)} x=${left} y="18"
 width=${Math.max(1, width - 1)} height="16"><title>${kind} ${logOdds.toFixed(1)}</title></rect>
${width > 40 ? svg`<text x=${left + 3} y="48">${kind}</text>` : nothing}`
  })

  const side = even > 90 ? 'end' : 'start'

  return html`<div class="stackbar"><svg viewBox="0 0 580 52" role="img"
 aria-label="What each indicator adds, against what a host needs">${bars}
${svg`<path class="cut" d=${`M${even} 6V36`}/><text class=${side} x=${even + (side === 'end' ? -6 : 6)}
  y="12">even chance</text>`}</svg></div>`
}
