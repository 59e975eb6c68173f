/// <reference lib="dom" />
import { html, nothing, type TemplateResult } from 'lit-html'
import type { HostSummary } from '../../model/host-summary.ts'
import { lifeSentence, signed, stageNames } from '../../model/words/explain.ts'
import { sayCount, sayEndpoint, sayInstant, sayMany } from '../../model/words/say.ts'
import type { HostView } from '../contacts/views.ts'
import { findingCard } from './finding.ts'
import { aboutRow } from './hosts.ts'
import type { Frame, Page, Where } from './page.ts'
import {
  addressPart,
  badge,
  botnetLink,
  bullets,
  chips,
  confidence,
  contactTable,
  empty,
  findingLink,
  instant,
  nameLink,
  pictures,
  place,
  shown,
  signBar,
  traceAddress,
} from './parts.ts'

const about = ({ host, row, contacts }: HostView) => {
  const places = contacts.slice(0, 4).map(sayEndpoint)
  return aboutRow(row ? { ...row, places } : ({ host, places } as unknown as Parameters<typeof aboutRow>[0]))
}

const actions = (data: HostView, frame: Frame): TemplateResult => html`<div class="actions">
<button @click=${() => frame.decide('allow', about(data))}><kbd>a</kbd> Allow …</button>
<button @click=${() => frame.decide('confirm', about(data))}><kbd>c</kbd> Confirm …</button>
<button @click=${() => frame.decide('note', about(data))}><kbd>n</kbd> Note …</button>
<button @click=${() => frame.decide('tag', about(data))}><kbd>t</kbd> Tag …</button>
<a class="chip" href="/cplane?host=${addressPart(data.host)}">In the C-plane</a></div>`

const verdict = ({ verdict: found, row }: HostView): TemplateResult => {
  if (!found)
    return html`<p>No detector saw an indicator in what this host did. What was looked at,
and what cannot be seen, is below.</p>`

  return html`<p>${confidence(found.confidence)} How likely it is a bot, by all indicators together.
Severity says how bad it would be, and is apart.</p>
${signBar(found.parts, found.prior)}
<table class="stack"><thead><tr><th scope="col">Indicator</th><th scope="col">Seen</th>
<th scope="col" class="number">Strength</th><th scope="col" class="number">Adds (log odds)</th></tr></thead>
<tbody>${found.parts.map(
    ({ kind, description, strength, logOdds }) => html`<tr><th scope="row">${kind}</th>
<td>It ${shown(description)}.</td><td data-name="Strength" class="number">${strength.toFixed(2)}</td>
<td data-name="Adds" class="number">${signed(logOdds)}</td></tr>`,
  )}
<tr><th scope="row">before any indicator</th><td>Most hosts are no bots.</td><td></td>
<td data-name="Adds" class="number">${signed(found.prior)}</td></tr></tbody></table>
${found.wouldChange.length > 0 ? html`<h3>What would change it</h3>${bullets(found.wouldChange)}` : nothing}
${
  row?.state === 'suspect'
    ? html`<p>It is not accused:
that takes even odds, and indicators of two kinds or one that is sure.</p>`
    : nothing
}`
}

const summary = ({ asked, answered, kept, called, activities, host }: HostSummary): TemplateResult =>
  asked.flows + answered.flows === 0
    ? html`<p>This address occurs in no flow that was read.</p>`
    : html`
<p>It called ${sayMany(asked.peers, 'host')} in ${sayMany(asked.flows, 'flow')}, ${sayCount(asked.failed)} of them
refused or unanswered. ${
        answered.flows === 0
          ? 'Nobody called it.'
          : `${sayMany(answered.peers, 'host')} called it in ${sayMany(answered.flows, 'flow')}.`
      }${
        kept && kept.ofDays > 1
          ? ` It was first seen on ${sayInstant(kept.first)} UTC, and on ${sayCount(kept.days)} of the ` +
            `${sayMany(kept.ofDays, 'day')} kept.`
          : ''
      }</p>
${
  called.length === 0
    ? nothing
    : html`<table class="stack"><thead><tr><th scope="col">Called most</th><th scope="col" class="number">Flows</th>
<th scope="col" class="number">Internal callers</th><th scope="col">Look</th></tr></thead>
<tbody>${called.map(
        (each) => html`<tr><th scope="row">${place(each)}</th>
<td data-name="Flows" class="number">${sayCount(each.flows)}</td>
<td data-name="Internal callers" class="number">${sayCount(each.callers)}</td>
<td><a href=${traceAddress(host, each)}>trace</a></td></tr>`,
      )}</tbody></table>`
}
${
  activities.length === 0
    ? html`<p>None of the activities that the rules look for.</p>`
    : html`<ul>${activities.map(
        ({ type, detector, times, targets, score }) =>
          html`<li>${type} (${detector}): ${sayMany(times, 'time')}, ${sayMany(targets, 'target')};
${score.toFixed(1)} times its threshold</li>`,
      )}</ul>`
}`

const reading = html`<p role="status" aria-busy="true">Reading the records …</p>`

/** Whether no flow that was read has it. */
const isAbsent = ({ summary: found }: HostView): boolean =>
  found !== null && found.asked.flows + found.answered.flows === 0

const askedNames = ({ names }: HostView): TemplateResult | typeof nothing =>
  names.length === 0
    ? nothing
    : html`<h3>Names it asked for</h3><table class="stack"><thead><tr><th scope="col">Name</th>
<th scope="col" class="number">Times</th><th scope="col" class="number">No such name</th></tr></thead>
<tbody>${names.map(
        ({ name, times, failed }) => html`<tr><th scope="row">${nameLink(name)}</th>
<td data-name="Times" class="number">${sayCount(times)}</td>
<td data-name="No such name" class="number">${sayCount(failed)}</td></tr>`,
      )}</tbody></table>`

const servedPorts = ({ served }: HostView): TemplateResult | typeof nothing =>
  served.length === 0
    ? nothing
    : html`<h3>What it served</h3><table class="stack"><thead><tr><th scope="col">Port</th>
<th scope="col" class="number">Callers</th><th scope="col" class="number">Flows</th></tr></thead>
<tbody>${served.map(
        ({
          port,
          protocol,
          callers,
          flows,
        }) => html`<tr><th scope="row" class="mono">${port}/${shown(protocol)}</th>
<td data-name="Callers" class="number">${sayCount(callers)}</td>
<td data-name="Flows" class="number">${sayCount(flows)}</td></tr>`,
      )}</tbody></table>`

const decided = ({ decisions, allowed }: HostView): TemplateResult | typeof nothing =>
  decisions.length + allowed.length === 0
    ? nothing
    : html`<div class="warn">${decisions.map(
        ({ verb, reason, author, made }) => html`<p><b>${verb}
</b> by ${shown(author)}, ${made.slice(0, 10)}${reason === '' ? '' : `: ${shown(reason)}`}</p>`,
      )}
${allowed.map(
  ({ id, kind, by, claim }) => html`<p>Allowed: ${kind} <span class="mono">${id}
</span> (${shown(claim)}) by ${shown(by.join(', '))}</p>`,
)}
<p><a href="/decisions">All decisions</a></p></div>`

const view = (data: HostView, _where: Where, frame: Frame): TemplateResult => {
  const { host, row, botnet, findings, contacts, lifeCycle, servesAs } = data

  return html`<h1><span class="mono">${shown(host)}</span> ${
    row
      ? html`${badge(row.severity)} ${chips(row)}`
      : html`<span class="quiet">${isAbsent(data) ? 'not in the records' : 'not accused'}</span>`
  }</h1>
${
  botnet
    ? html`<p>Member of botnet
${botnetLink(botnet.id)} of ${sayMany(botnet.members, 'host')}, ${botnet.topology}.</p>`
    : nothing
}
${
  servesAs.length > 0
    ? html`<p>Given as command and control by
${servesAs.map((id, i) => html`${i > 0 ? ', ' : ''}${findingLink(id)}`)}.</p>`
    : nothing
}
${decided(data)}${actions(data, frame)}
<h2>Verdict</h2>${verdict(data)}
${data.pictures.length > 0 ? html`<h2>In time</h2>${pictures(data.pictures)}` : nothing}
${
  lifeCycle
    ? html`<p>${lifeSentence(lifeCycle)}</p><details>
<summary>${sayMany(lifeCycle.stages.length, 'indicator')} of an infection, in time</summary><table class="stack"><thead>
<tr><th scope="col">When (UTC)</th><th scope="col">Stage</th><th scope="col">What</th></tr></thead>
<tbody>${lifeCycle.stages.map(
        ({ first, stage, what, times }) => html`<tr><td>${instant(first)}</td>
<td>${stageNames[stage]}</td><td>${shown(what)}${times > 1 ? ` (${sayMany(times, 'time')})` : ''}</td>
</tr>`,
      )}</tbody></table></details>`
    : nothing
}
<h2>Findings</h2>${findings.length === 0 ? empty('No finding names this host.') : findings.map(findingCard)}
<h2>Contacts, most suspect first</h2>${
    contacts.length === 0
      ? html`<p>No detector saw anything in a contact of this host.</p>`
      : contactTable(contacts, false)
  }
<h2>What was seen of it</h2>${data.summary === null ? reading : summary(data.summary)}${askedNames(data)}
${servedPorts(data)}
${data.blindSpots.length > 0 ? html`<h2>What these inputs cannot show</h2>${bullets(data.blindSpots)}` : nothing}`
}

let shownHost: HostView | null = null

export const hostPage: Page<HostView> = {
  source: ({ path }) => `${path}.json`,
  first: ({ path }) => `${path}.json?records=no`,
  title: ({ host }) => host,
  view(data, where, frame) {
    shownHost = data
    return view(data, where, frame)
  },
  key(event, frame) {
    const verb = ({ a: 'allow', c: 'confirm', n: 'note', t: 'tag' } as const)[event.key as 'a']
    if (!verb || !shownHost) return false
    frame.decide(verb, about(shownHost))
    return true
  },
}
