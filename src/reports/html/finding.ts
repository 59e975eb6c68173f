import type { BeaconFigure } from '../../model/answer.ts'
import { techniquesOf } from '../../model/attack.ts'
import type { Endpoint } from '../../model/endpoint.ts'
import type { Evidence, Weighing } from '../../model/evidence.ts'
import type { Finding, Severity } from '../../model/finding.ts'
import type { Micros } from '../../model/units.ts'
import { explain, sayBaseline, sayRally, signed } from '../../model/words/explain.ts'
import { sayConfidence, sayEndpoint, sayInstant } from '../../model/words/say.ts'
import { plainJson } from '../plain-json.ts'
import { unbroken } from '../wrap.ts'
import { intervalsPicture, rasterPicture, spectrumPicture } from './beacon-charts.ts'
import { figure, type Picture } from './chart.ts'
import { html, lines, type Markup } from './markup.ts'

export const badge = (severity: Severity): Markup => html`<span class="badge ${severity}">${severity}</span>`

/** At most `most` endpoints, one a line, and how many more there are. */
export const endpoints = (cnc: readonly Endpoint[], most = cnc.length): Markup =>
  html`${cnc.slice(0, most).map(
    (each, i) => html`${i > 0 && html`<br>`}<span
    class="mono">${sayEndpoint(each)}</span>`,
  )}${cnc.length > most && html`<br>and ${String(cnc.length - most)} more`}`

interface Shown {
  /** Anchor of the finding on this page. */
  readonly anchor: string
  /** Address of a host's row, or null where it has none. */
  rowOf(host: string): string | null
  readonly beacon: BeaconFigure | null
}

/** One finding whole: claim, evidence, doubts, pictures, and in a fold what shows it again. */
export function findingCard(finding: Finding, { anchor, rowOf, beacon }: Shown): Markup {
  const hosts = finding.hosts.map((host, i) => {
    const row = rowOf(host)
    const name = html`<span class="mono">${host}</span>`
    return html`${i > 0 && ', '}${row === null ? name : html`<a href="#${row}">${name}</a>`}`
  })
  const techniques = techniquesOf(finding)

  return html`
<article class="finding" id="${anchor}" aria-labelledby="${anchor}-h">
<h3 id="${anchor}-h">${badge(finding.severity)} ${finding.claim}</h3>
<dl class="facts">
<dt>Confidence</dt><dd>${sayConfidence(finding.confidence)}</dd>
<dt>Hosts</dt><dd>${hosts}</dd>
${finding.cnc.length > 0 && html`<dt>Command and control</dt><dd>${endpoints(finding.cnc)}</dd>`}
${finding.rally && html`<dt>Found by</dt><dd>${sayRally(finding.rally)}</dd>`}
${
  techniques.length > 0 &&
  html`<dt>ATT&amp;CK</dt><dd>${techniques.map(({ id, name }) => `${id} ${name}`).join(', ')}</dd>`
}
<dt>When</dt><dd>${sayInstant(finding.from)} to ${sayInstant(finding.to)} UTC</dd>
<dt>Finding</dt><dd class="mono">${finding.id}</dd>
</dl>
<h4>Because</h4><ul>${finding.evidence.map((each) => html`<li>${unbroken(explain(each))}</li>`)}</ul>
<h4>Unless</h4><ul>${finding.doubts.map((each) => html`<li>${each}</li>`)}</ul>
${finding.evidence.map((each) => each.kind === 'weighing' && reckoning(each))}
${beacon && beaconFigures(beacon, finding.evidence, anchor)}
<details><summary>Flows and queries that show it again</summary>${finding.evidence.map(proof)}</details>
</article>`
}

/** Every feature with its weight, what would have changed the verdict, and the baseline's beside it. */
const reckoning = (weighing: Weighing): Markup => html`
${
  weighing.wouldChange.length > 0 &&
  html`<h4>What would have changed the verdict</h4><ul>${weighing.wouldChange.map(
    (each) => html`<li>${each}</li>`,
  )}</ul>`
}
<p>${sayBaseline(weighing)}</p>
<details><summary>Features and their weights</summary>
<table class="stack"><thead><tr><th scope="col">Feature</th><th scope="col">Meaning</th><th scope="col"
  class="number">Value</th><th scope="col" class="number">Log odds</th></tr></thead>
<tbody>${weighing.reasons.map(
  ({ feature, doc, value, logOdds }) => html`<tr><th
  scope="row">${feature}</th><td>${doc}</td><td data-name="Value" class="number">${value.toFixed(2)}</td><td
    data-name="Log odds" class="number">${signed(logOdds)}</td></tr>`,
)}
<tr><th scope="row">bias</th><td>Before any feature.</td><td data-name="Value" class="number">–</td><td
  data-name="Log odds" class="number">${signed(weighing.bias)}</td></tr></tbody></table></details>`

function beaconFigures(beacon: BeaconFigure, evidence: readonly Evidence[], anchor: string): Markup {
  const rhythm = evidence.find((each) => each.kind === 'rhythm')
  const period: Micros | null = rhythm?.period ?? null
  return figures(anchor, [intervalsPicture(beacon, period), rasterPicture(beacon), spectrumPicture(beacon)])
}

/** Pictures side by side where there is room. */
export function figures(
  anchor: string,
  pictures: readonly (Picture | null)[],
  columns: 'three' | 'two' = 'three',
): Markup {
  const drawn = pictures.filter((each) => each !== null)
  if (drawn.length === 0) return html``
  return html`<div class="figures ${columns}">${drawn.map((picture, i) => figure(`${anchor}-p${i}`, picture))}</div>`
}

function proof({ kind, flows, query }: Evidence): Markup {
  const params = Object.entries(query.params)
  return html`<h4>${kind}</h4>
<pre>${lines(query.sql)}</pre>
${
  params.length > 0 &&
  html`<p>with ${params.map(
    ([name, value], i) => html`${i > 0 && ', '}<code>${name} = ${plainJson(value)}</code>`,
  )}</p>`
}
${flows.length > 0 && html`<p>Some of its flows: <span class="mono">${flows.join(', ')}</span></p>`}`
}
