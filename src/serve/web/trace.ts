/// <reference lib="dom" />
import { html, nothing, type TemplateResult } from 'lit-html'
import type { Micros } from '../../model/units.ts'
import { sayBytes, sayCount, sayEndpoint, sayMany, saySpan } from '../../model/words/say.ts'
import type { FlowRow, TraceView } from '../contacts/views.ts'
import { findingCard } from './finding.ts'
import type { Frame, Page, Where } from './page.ts'
import { confidence, empty, hostLink, instant, pictures, place, shown } from './parts.ts'

const size = (bytes: number | null): string => (bytes === null ? '–' : sayBytes(bytes))

/** The input and the line or record in it. */
const source = ({ input, position }: FlowRow): string =>
  input === '' ? 'no longer kept' : `${shown(input.split('/').at(-1) ?? input)}:${position}`

const more = ({ flows }: TraceView, { path, query }: Where): TemplateResult | typeof nothing => {
  const next = flows.offset + flows.rows.length
  const at = (offset: number) => {
    const own = new URLSearchParams(query)
    own.set('offset', String(offset))
    return `${path}?${own}#flows`
  }
  return html`<p>${
    flows.offset > 0 ? html`<a href=${at(Math.max(0, flows.offset - 100))}>Earlier</a> ` : nothing
  }${next < Math.min(flows.total, 5000) ? html`<a href=${at(next)}>Later</a>` : nothing}</p>`
}

/** The score of another program, for comparison. */
const baselineSentence = ({ baseline }: TraceView): TemplateResult =>
  baseline === null
    ? html`RITA gives these calls no score: fewer than four.`
    : html`RITA scores the same calls <b>${baseline.beacon.toFixed(2)}</b> <span class="quiet">(timestamps
${baseline.ts.toFixed(2)}, sizes ${baseline.ds.toFixed(2)}, histogram ${baseline.hist.toFixed(2)}, duration
${baseline.dur.toFixed(2)})</span>.`

const view = (data: TraceView, where: Where, frame: Frame): TemplateResult => {
  const { host, endpoint, score, finding, flows, callers } = data
  const service = sayEndpoint({ ...endpoint, name: null })

  const about = {
    host,
    subjects: [
      { subject: service, doc: 'this service, for every host' },
      ...(endpoint.name === null ? [] : [{ subject: endpoint.name, doc: 'this name and all under it' }]),
      { subject: host, doc: 'this host, whatever it does' },
    ],
  }

  return html`<h1>Trace</h1>
<p class="lead">${hostLink(host)} → ${place(endpoint)}</p>
<p>${sayMany(flows.total, 'flow')}; ${
    callers <= 1
      ? 'no other host calls it'
      : `${sayMany(callers - 1, 'other host')} ${callers === 2 ? 'calls' : 'call'} it too`
  }.${score === null ? ' No detector saw anything in it.' : html` Score: ${confidence(score)}`}</p>
<p>${baselineSentence(data)}</p>
<div class="actions"><button @click=${() => frame.decide('allow', about)}>Allow …</button>
<button @click=${() => frame.decide('confirm', about)}>Confirm …</button>
<button @click=${() => frame.decide('note', about)}>Note …</button> <a class="chip"
  href="/trace.csv?${where.query}" download>Flows as CSV</a></div>
${pictures(data.pictures)}
${finding ? html`<h2>Finding</h2>${findingCard(finding)}` : nothing}
<h2 id="flows">Flows</h2>
${
  flows.rows.length === 0
    ? empty('No flow between the two was read.')
    : html`<table class="stack"><thead><tr><th scope="col">Start (UTC)</th><th scope="col" class="number">Lasted</th>
<th scope="col" class="number">Sent</th><th scope="col" class="number">Received</th><th scope="col">Outcome</th>
<th scope="col">Sensor’s id</th><th scope="col">Read from</th></tr></thead>
<tbody>${flows.rows.map(
        (flow) => html`<tr><th scope="row">${instant(flow.start)}</th>
<td data-name="Lasted" class="number">${saySpan(flow.duration as Micros)}</td>
<td data-name="Sent" class="number">${size(flow.sent)}</td>
<td data-name="Received" class="number">${size(flow.received)}</td>
<td>${flow.outcome}${flow.state === '' ? '' : ` (${shown(flow.state)})`}</td>
<td class="mono" data-name="Sensor’s id">${shown(flow.uid || flow.id)}</td>
<td class="mono" data-name="Read from">${source(flow)}</td></tr>`,
      )}</tbody></table>
<p class="quiet">${sayCount(flows.offset + 1)} to ${sayCount(
        flows.offset + flows.rows.length,
      )} of ${sayCount(flows.total)}; pictures and list are of the first 5 000.</p>${more(data, where)}`
}`
}

export const tracePage: Page<TraceView> = {
  source: ({ query }) => `/trace.json?${query}`,
  title: ({ host }) => `Trace of ${host}`,
  view,
}
