/// <reference lib="dom" />
import { html, nothing, type TemplateResult } from 'lit-html'
import { signed } from '../../model/words/explain.ts'
import { sayMany } from '../../model/words/say.ts'
import type { PrintedFinding } from '../../reports/json.ts'
import type { FindingView } from '../views.ts'
import type { Page } from './page.ts'
import {
  addressPart,
  badge,
  bullets,
  confidence,
  findingLink,
  hostLink,
  instant,
  pictures,
  place,
  shown,
  traceAddress,
} from './parts.ts'

/** One finding whole: what it claims, why, what else it may be, and the arithmetic one click below. */
export const findingCard = (finding: PrintedFinding): TemplateResult => html`
<article class="finding" id=${finding.id}>
<h3>${badge(finding.severity)} ${shown(finding.claim)}</h3>
<dl class="facts">
<dt>Confidence</dt><dd>${confidence(finding.confidence)}</dd>
${
  finding.hosts.length > 1
    ? html`<dt>Hosts</dt>
<dd>${finding.hosts.slice(0, 12).map((host, i) => html`${i > 0 ? ', ' : ''}${hostLink(host)}`)}${
        finding.hosts.length > 12 ? ` and ${sayMany(finding.hosts.length - 12, 'other')}` : ''
      }</dd>`
    : nothing
}
${
  finding.cnc.length > 0
    ? html`<dt>Command and control</dt>
<dd>${finding.cnc.slice(0, 10).map(
        (each, i) =>
          html`${i > 0 ? html`<br>` : nothing}${place(each)}${
            finding.hosts.length === 1 && each.port > 0
              ? html` <a
href=${traceAddress(finding.hosts[0] ?? '', each)}>trace</a>`
              : nothing
          }`,
      )}${finding.cnc.length > 10 ? html`<br>and ${finding.cnc.length - 10} more` : nothing}</dd>`
    : nothing
}
<dt>When</dt><dd>${instant(finding.from)} to ${instant(finding.to)} UTC</dd>
<dt>ATT&amp;CK</dt><dd>${
  finding.techniques.length === 0
    ? 'none'
    : finding.techniques.map(
        ({ id, name }) => html`<a
class="chip" href="/hosts?technique=${id}">${id} ${name}</a>`,
      )
}</dd>
<dt>Finding</dt><dd>${findingLink(finding.id)} <a class="chip" download
href="/findings/${addressPart(finding.id)}/pack.zip">Evidence pack</a></dd>
</dl>
<h4>Because</h4>${bullets(finding.evidence.map(({ explanation }) => explanation))}
<h4>Unless</h4>${bullets(finding.doubts)}
${finding.evidence.map((each) =>
  each.kind === 'weighing'
    ? html`${
        each.wouldChange.length > 0
          ? html`<h4>What would have changed it</h4>${bullets(each.wouldChange)}`
          : nothing
      }
<details><summary>The arithmetic: each feature and its weight</summary><table class="stack"><thead><tr>
<th scope="col">Feature</th><th scope="col">Meaning</th><th scope="col" class="number">Value</th>
<th scope="col" class="number">Log odds</th></tr></thead>
<tbody>${each.reasons.map(
        ({ feature, doc, value, logOdds }) => html`<tr><th scope="row">${feature}</th><td>${doc}</td>
<td data-name="Value" class="number">${value.toFixed(2)}</td>
<td data-name="Log odds" class="number">${signed(logOdds)}</td></tr>`,
      )}
<tr><th scope="row">before any feature</th><td></td><td></td>
<td data-name="Log odds" class="number">${signed(each.bias)}</td></tr></tbody></table></details>`
    : nothing,
)}
<details><summary>Queries that show it again</summary>${finding.evidence.map(
  ({ kind, query, flows }) =>
    html`<h4>${kind}</h4><pre>${query.sql}</pre><p class="quiet">with ${
      Object.entries(query.params)
        .map(([name, value]) => `${name} = ${JSON.stringify(value)}`)
        .join(', ') || 'no values'
    }</p>${
      flows.length > 0
        ? html`<p class="quiet">Some of its flows: <span class="mono">${flows.join(', ')}
</span></p>`
        : nothing
    }`,
)}</details>
</article>`

const view = ({ finding, members, pictures: drawn }: FindingView): TemplateResult => html`
<h1>Finding <span class="quiet mono">${shown(finding.id)}</span></h1>
${findingCard(finding)}
${pictures(drawn)}
<h2>Hosts</h2>
<table class="stack"><thead><tr><th scope="col">Host</th><th scope="col">Severity</th><th scope="col">Confidence</th>
</tr></thead><tbody>${members.map(
  (row) => html`<tr><th scope="row">${hostLink(row.host)}</th>
<td class="beside">${badge(row.severity)}</td><td data-name="Confidence">${confidence(row.confidence)}</td>
</tr>`,
)}</tbody></table>`

export const findingPage: Page<FindingView> = {
  source: ({ path }) => `${path}.json`,
  title: ({ finding }) => `Finding ${finding.id}`,
  view,
}
