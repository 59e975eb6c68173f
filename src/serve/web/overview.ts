/// <reference lib="dom" />
import { html, nothing, type TemplateResult } from 'lit-html'
import { sayRejects } from '../../model/words/rejects.ts'
import { sayCount, sayEndpoint, sayMany } from '../../model/words/say.ts'
import type { BotnetRow, OverviewView } from '../views.ts'
import type { Page } from './page.ts'
import {
  badge,
  botnetLink,
  bullets,
  chips,
  confidence,
  empty,
  exportLinks,
  hostLink,
  pictures,
  shown,
} from './parts.ts'

const tile = (count: number, what: string, address: string): TemplateResult =>
  html`<li><a href=${address}><b>${sayCount(count)}</b>${what}</a></li>`

const botnets = (rows: readonly BotnetRow[]): TemplateResult => html`
<table class="stack"><thead><tr><th scope="col">Botnet</th><th scope="col">Severity</th>
<th scope="col">Confidence</th><th scope="col">Members</th><th scope="col">Command and control</th></tr></thead>
<tbody>${rows.map(
  (row) => html`<tr><th scope="row">${botnetLink(row.id)}</th><td class="beside">${badge(row.severity)}</td>
<td data-name="Confidence">${confidence(row.confidence)}</td>
<td data-name="Members"><a href="/hosts?botnet=${row.id}">${sayMany(row.members, 'host')}</a>, ${row.topology}</td>
<td data-name="C&amp;C">${
    row.cnc.length === 0
      ? 'not seen'
      : row.cnc
          .slice(0, 2)
          .map(
            (each, i) =>
              html`${i > 0 ? html`<br>` : nothing}<span class="mono">${shown(sayEndpoint(each))}</span>`,
          )
  }${row.cnc.length > 2 ? html`<br>and ${row.cnc.length - 2} more` : nothing}</td></tr>`,
)}</tbody></table>`

const counts = (all: Readonly<Record<string, number>>, address: (name: string) => string): TemplateResult =>
  html`<p>${Object.entries(all).map(
    ([name, count]) => html`<a class="chip"
href=${address(name)}>${name} ${sayCount(count)}</a>`,
  )}</p>`

const changed = ({ changes }: OverviewView): TemplateResult => {
  if (changes.before === null) return html`<p>This is the first analysis: nothing to compare with yet.</p>`
  const all = Object.entries(changes.counts)
  if (all.length === 0) return html`<p>Nothing changed since the analysis before.</p>`
  return html`<p>${all.map(
    ([name, count]) => html`<a class="chip ${name}" href="/changes">${name} ${sayCount(count)}
</a>`,
  )}</p>`
}

const view = (data: OverviewView): TemplateResult => html`
<h1>${data.hosts.accused === 0 ? 'No bots found' : `${sayMany(data.hosts.accused, 'host')} accused`}</h1>
<p class="lead">${data.accused}</p>
<p>${data.read}</p>
${data.decided.map((each) => html`<p>${shown(each)}</p>`)}
<ul class="tiles">
${tile(data.hosts.accused, 'hosts accused', '/hosts?state=accused')}
${tile(data.botnets.length, 'botnets', '#botnets')}
${tile(
  (data.changes.counts['new'] ?? 0) + (data.changes.counts['back'] ?? 0),
  data.changes.before === null ? 'findings, first analysis' : 'new findings',
  '/changes',
)}
${tile(data.hosts.suspect, 'with weaker indicators', '/hosts?state=suspect')}
${tile(data.hosts.allowed, 'allowed by you', '/hosts?state=allowed')}
</ul>
<div class="split"><div>
<h2>Worst hosts</h2>
${
  data.worst.length === 0
    ? empty(
        'No host is accused.',
        html`<p>That is no proof of health: see what these inputs cannot show.</p>`,
      )
    : html`<table class="stack"><thead><tr><th scope="col">Host</th><th scope="col">Severity</th>
<th scope="col">Confidence</th><th scope="col">Why</th></tr></thead>
<tbody>${data.worst.map(
        (row) => html`<tr><th scope="row">${hostLink(row.host)} ${chips(row)}</th>
<td class="beside">${badge(row.severity)}</td><td data-name="Confidence">${confidence(row.confidence)}</td>
<td>${shown(row.why)}</td></tr>`,
      )}</tbody></table>
<p><a href="/hosts?state=accused">All accused hosts, ranked</a></p>`
}
<h2 id="botnets">Botnets</h2>
${data.botnets.length === 0 ? html`<p>No group of hosts moves together.</p>` : botnets(data.botnets)}
<h2>Pass on all findings</h2>${exportLinks(null)}
</div><div>
<h2>What is new</h2>${changed(data)}
${accusedOf(data)}${techniques(data)}
<h2>What was read</h2>${pictures(data.pictures)}
${
  Object.keys(data.rejects).length === 0
    ? nothing
    : html`<p>Records left out: ${sayRejects(Object.entries(data.rejects))}. <a href="/imports">Look</a></p>`
}
<h2>What cannot be seen</h2>
${
  data.blindSpots.length === 0
    ? html`<p>Nothing was missing that the analysis could have used.</p>`
    : bullets(data.blindSpots)
}
</div></div>`

const accusedOf = ({ kinds }: OverviewView) =>
  Object.keys(kinds).length === 0
    ? nothing
    : html`<h2>Accused of</h2>${counts(kinds, (name) => `/hosts?kind=${name}`)}`

const techniques = ({ techniques: found }: OverviewView) =>
  found.length === 0
    ? nothing
    : html`<h2>ATT&amp;CK</h2><p>${found.map(
        ({ id, name, hosts }) => html`<a class="chip"
href="/hosts?technique=${id}" title=${name}>${id} ${name} · ${hosts}</a>`,
      )}</p>`

export const overviewPage: Page<OverviewView> = {
  source: () => '/overview.json',
  title: () => 'Overview',
  view,
}
