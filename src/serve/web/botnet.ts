/// <reference lib="dom" />
import { html, nothing, type TemplateResult } from 'lit-html'
import { sayCount, sayMany } from '../../model/words/say.ts'
import type { BotnetView } from '../views.ts'
import { findingCard } from './finding.ts'
import type { Frame, Page, Where } from './page.ts'
import { badge, chips, confidence, exportLinks, hostLink, pictures, shown } from './parts.ts'

const shownMembers = 60

const members = ({ members: rows, botnet }: BotnetView): TemplateResult => html`
<table class="stack"><thead><tr><th scope="col">Member</th><th scope="col">Severity</th>
<th scope="col">Confidence</th><th scope="col">Why</th></tr></thead>
<tbody>${rows.slice(0, shownMembers).map(
  (row) => html`<tr><th scope="row">${hostLink(row.host)} ${chips(row)}</th>
<td class="beside">${badge(row.severity)}</td><td data-name="Confidence">${confidence(row.confidence)}</td>
<td>${row.kinds.join(', ')}</td></tr>`,
)}</tbody></table>
${
  rows.length > shownMembers
    ? html`<p><a
href="/hosts?botnet=${botnet.id}">All ${sayCount(rows.length)} members, with a filter</a></p>`
    : nothing
}`

const view = (data: BotnetView, _where: Where, frame: Frame): TemplateResult => {
  const { botnet, block, leftOut, findings, indicators } = data
  const allow = (subject: string) =>
    frame.decide('allow', { host: null, subjects: [{ subject, doc: 'for every host' }] })

  return html`<h1>Botnet of ${sayMany(botnet.members, 'host')} <span class="quiet mono">${shown(botnet.id)}</span></h1>
<dl class="facts"><dt>Severity</dt><dd>${badge(botnet.severity)}</dd><dt>Confidence</dt>
<dd>${confidence(botnet.confidence)} the mean of its members</dd>
<dt>Organised as</dt><dd>${botnet.topology}</dd><dt>Finds its C&amp;C by</dt>
<dd>${shown(botnet.rally ?? 'not shown by these records')}</dd>
<dt>Does</dt><dd>${botnet.activities.join(', ') || 'nothing that was seen'}</dd>
<dt>Indicators</dt><dd>${indicators.map(({ kind, members: of }, i) => `${i > 0 ? ', ' : ''}${kind} (${of})`)}</dd></dl>
<h2 id="block">What to block</h2>
${
  block.length === 0
    ? html`<p>No address or name of command and control was seen.</p>`
    : html`${exportLinks(botnet.id)}
<table class="stack"><thead><tr><th scope="col">Address or name</th><th scope="col">Ports</th>
<th scope="col">Confidence</th><th scope="col" class="number">Hosts</th><th scope="col">Benign?</th></tr></thead>
<tbody>${block.slice(0, 40).map(
        (each) => html`<tr><th scope="row" class="mono">${shown(each.value)}</th>
<td>${each.ports.join(', ')}</td><td data-name="Confidence">${confidence(each.confidence)}</td>
<td data-name="Hosts" class="number">${sayCount(each.hosts)}</td><td>
<button @click=${() => allow(each.value)}>Allow …</button></td></tr>`,
      )}</tbody></table>
${block.length > 40 ? html`<p>and ${sayCount(block.length - 40)} more in the files.</p>` : nothing}`
}
${
  leftOut.length > 0
    ? html`<p class="quiet">Left out of the lists: ${leftOut
        .slice(0, 8)
        .map(({ value, why }, i) => `${i > 0 ? '; ' : ''}${shown(value)} ${why}`)}${
        leftOut.length > 8 ? ` and ${leftOut.length - 8} more` : ''
      }.</p>`
    : nothing
}
${pictures(data.pictures)}
<h2>Members</h2>${members(data)}
<h2>Findings</h2>${findings.map(findingCard)}`
}

export const botnetPage: Page<BotnetView> = {
  source: ({ path }) => `${path}.json`,
  title: ({ botnet }) => `Botnet ${botnet.id}`,
  view,
}
