import type { Answer, EpochReport, InputReport } from '../../model/answer.ts'
import { placeOf, sayReason } from '../../model/words/rejects.ts'
import { sayCount, sayInstant, sayShare } from '../../model/words/say.ts'
import { plainJson } from '../plain-json.ts'
import { byName, rejectLines, repeatLines } from '../summary.ts'
import { html, type Markup } from './markup.ts'

/** What was read and what was left out of it: inputs, rejects, filters, blind spots. */
export function readingSection({ inputs, analysis }: Answer): Markup {
  const rejects = rejectLines(inputs)
  const repeats = repeatLines(inputs)
  const options = Object.entries(analysis.options)

  return html`
<section id="read" aria-labelledby="read-h">
<h2 id="read-h">What was read</h2>
${inputTable(inputs)}
${repeats.map((each) => html`<p>${each}</p>`)}
${rejects.map(
  ({ text, format, samples }) => html`<p>${text}</p>
<details><summary>Samples of the records left out</summary><ul>${samples.map(
    ({ reason, position, sample }) =>
      html`<li>at ${placeOf(format, position)}, ${sayReason(reason)}: <code>${sample}</code></li>`,
  )}</ul></details>`,
)}
<h3 id="blind">What these inputs cannot show</h3>
${
  analysis.blindSpots.length > 0
    ? html`<ul>${analysis.blindSpots.map((each) => html`<li>${each}</li>`)}</ul>`
    : html`<p>Nothing was missing that the analysis could have used.</p>`
}
<h3 id="filters">What the filters left out</h3>
${analysis.epochs.map(filterTable)}
<details><summary>Options of the analysis <span class="mono">${analysis.id}</span> (${analysis.mode} mode)</summary>
<dl class="facts">${options.map(
    ([name, value]) => html`<dt>${name}</dt><dd
  class="mono">${plainJson(value)}</dd>`,
  )}</dl></details>
</section>`
}

const inputTable = (inputs: readonly InputReport[]): Markup => html`
<table class="stack"><thead><tr><th scope="col">Input</th><th scope="col">Format</th><th
  scope="col">Records</th><th scope="col">SHA-256</th></tr></thead>
<tbody>${byName(inputs).map(
  ({ name, times, format, records, sha256 }) =>
    html`<tr><th scope="row">${name}${
      times > 1 ? `, read ${sayCount(times)} times as it grew or was written anew` : ''
    }</th><td data-name="Format">${format}</td><td data-name="Records">${Object.entries(records)
      .map(([table, count]) => `${sayCount(count)} ${table}`)
      .join(', ')}</td><td data-name="SHA-256" class="mono">${sha256}</td></tr>`,
)}</tbody></table>`

function filterTable({ number, from, to, flows, clients, filters, cflows, cclusters }: EpochReport): Markup {
  return html`
<table class="stack"><caption>Epoch ${String(number)}, ${sayInstant(from)} to ${sayInstant(to)} UTC:
${sayCount(flows)} flows by ${sayCount(clients)} clients.
After the filters ${sayCount(cflows.tcp)} TCP and ${sayCount(cflows.udp)} UDP C-flows
(${sayCount(cflows.tooFew)} too short),
in ${sayCount(cclusters.coarse)} coarse and ${sayCount(cclusters.fine)} fine groups.</caption>
<thead><tr><th scope="col">Filter</th><th scope="col">Leaves out</th><th scope="col" class="number">In</th><th
  scope="col" class="number">Out</th><th scope="col" class="number">Left out</th></tr></thead>
<tbody>${filters.map(
    (filter) =>
      html`<tr><th scope="row">${filter.name}</th><td>${filter.doc}</td><td data-name="In"
        class="number">${sayCount(filter.in)}</td><td data-name="Out"
          class="number">${sayCount(filter.out)}</td><td data-name="Left out"
            class="number">${filter.in > 0 ? sayShare((filter.in - filter.out) / filter.in) : '–'}</td></tr>`,
  )}</tbody></table>`
}
