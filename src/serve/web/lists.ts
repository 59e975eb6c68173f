/// <reference lib="dom" />
/** Contacts, names, changes, decisions, imports and the manual. */
import { html, nothing } from 'lit-html'
import { sayConfidence, sayCount, sayMany } from '../../model/words/say.ts'
import type { ContactsView } from '../contacts/views.ts'
import type { ChangesView, NameView } from '../views.ts'
import { markdown } from './markdown.ts'
import type { Page, Where } from './page.ts'
import {
  badge,
  confidence,
  contactTable,
  empty,
  findingLink,
  hostLink,
  instant,
  pictures,
  shown,
} from './parts.ts'

let typing: ReturnType<typeof setTimeout> | undefined

export const contactsPage: Page<ContactsView> = {
  source: ({ query }) => `/contacts.json?${query}`,
  first: ({ query }) => `/contacts.json?${new URLSearchParams([...query, ['records', 'no']])}`,
  title: () => 'Contacts',
  view: (data, where, frame) => {
    const next = data.offset + data.rows.length
    const at = (changes: Readonly<Record<string, string>>) => {
      const own = new URLSearchParams({ ...Object.fromEntries(where.query), ...changes })
      for (const [name, value] of [...own]) if (value === '') own.delete(name)
      return `/contacts?${own}`
    }
    return html`<h1>Contacts, most suspect first</h1>
<p>${
      data.source === 'ranked'
        ? 'Contacts of every host with the outside, by how much they look like command and control: at most 20 of ' +
          'one host, above 50 hosts fewer, 1000 in all.'
        : 'Contacts in which a detector saw something, accused or not. ' +
          'The analysis that made this answer did not rank the others.'
    }</p>
<form class="filters" role="search" @submit=${(event: Event) => event.preventDefault()}>
<label>Text<input type="search" placeholder="host, address, name …" .value=${where.query.get('text') ?? ''} @input=${(
      event: Event,
    ) => {
      clearTimeout(typing)
      const { value } = event.target as HTMLInputElement
      typing = setTimeout(() => frame.go(at({ text: value.trim(), offset: '' }), { replace: true }), 200)
    }}></label></form>
${
  data.rows.length === 0
    ? empty('No contact to show.')
    : html`${contactTable(data.rows, true)}
<p>${sayCount(data.offset + 1)} to ${sayCount(next)} of ${sayCount(data.total)} ${
        data.offset > 0
          ? html`<a
href=${at({ offset: String(Math.max(0, data.offset - 200)) })}>Before</a>`
          : nothing
      } ${
        next < data.total
          ? html`<a
href=${at({ offset: String(next) })}>After</a>`
          : nothing
      }</p>`
}`
  },
}

export const namePage: Page<NameView> = {
  source: ({ path }) => `${path}.json`,
  title: ({ name }) => name,
  view: (data, _where, frame) => html`<h1 class="mono">${shown(data.name)}</h1>
<p>${
    data.questions === 0
      ? 'Nobody asked the DNS for it in these records.'
      : `Asked for ${sayMany(data.questions, 'time')}, ${sayCount(data.failed)} of them without such a name (NXDOMAIN).`
  }</p>
<div class="actions"><button @click=${() =>
    frame.decide('allow', {
      host: null,
      subjects: [{ subject: data.name, doc: 'this name and all under it' }],
    })}>Allow …</button><button @click=${() =>
    frame.decide('confirm', {
      host: null,
      subjects: [{ subject: data.name, doc: 'this name is command and control' }],
    })}>Confirm …</button></div>
${pictures(data.pictures)}
${
  data.askers.length > 0
    ? html`<h2>Who asked</h2><table class="stack"><thead><tr><th scope="col">Host</th>
<th scope="col" class="number">Times</th><th scope="col">First</th><th scope="col">Last</th></tr></thead>
<tbody>${data.askers.map(
        ({ host, times, first, last }) => html`<tr><th scope="row">${hostLink(host)}</th>
<td class="number" data-name="Times">${sayCount(times)}</td><td data-name="First">${instant(first)}</td>
<td data-name="Last">${instant(last)}</td>
</tr>`,
      )}</tbody></table>`
    : nothing
}
${
  data.answers.length > 0
    ? html`<h2>What was answered</h2><table class="stack"><thead><tr><th scope="col">Answer</th>
<th scope="col" class="number">Times</th><th scope="col">First</th><th scope="col">Last</th></tr></thead>
<tbody>${data.answers.map(
        ({ answer, times, first, last }) => html`<tr>
<th scope="row" class="mono">${shown(answer)}</th>
<td class="number" data-name="Times">${sayCount(times)}</td><td data-name="First">${instant(first)}</td>
<td data-name="Last">${instant(last)}</td></tr>`,
      )}</tbody></table>`
    : nothing
}
<h2>Findings that name it</h2>${
    data.findings.length === 0
      ? html`<p>None.</p>`
      : html`<ul>${data.findings.map(({ id, claim }) => html`<li>${findingLink(id)} ${shown(claim)}</li>`)}</ul>`
  }`,
}

const changeTitles = { new: 'New', back: 'Back', raised: 'Raised', lowered: 'Lowered', gone: 'Gone' } as const

export const changesPage: Page<ChangesView> = {
  source: ({ query }) => `/changes.json?${query}`,
  title: () => 'What is new',
  view: ({ comparison, analyses }, { query }, frame) => {
    const back = query.get('back') ?? '1'
    const hosts = comparison.hosts.filter(({ change }) => change === 'new' || change === 'back')
    return html`<h1>What is new</h1>
<form class="filters"><label>Compared with the analysis of<select .value=${back}
@change=${(event: Event) => frame.go(`/changes?back=${(event.target as HTMLSelectElement).value}`)}>
${analyses.slice(1).map(
  ({ made }, i) => html`<option value=${i + 1}
?selected=${String(i + 1) === back}>${instant(made)} UTC</option>`,
)}${
  analyses.length < 2
    ? html`<option
value="1">none before</option>`
    : nothing
}</select></label></form>
<p>${
      comparison.before === null
        ? 'There is no analysis before: everything is new.'
        : `${sayMany(hosts.length, 'host')} accused anew.`
    }</p>
${comparison.findings.length === 0 ? empty('Nothing changed.') : nothing}
${(Object.keys(changeTitles) as (keyof typeof changeTitles)[]).map((change) => {
  const own = comparison.findings.filter((each) => each.change === change)
  if (own.length === 0) return nothing
  return html`<h2>${changeTitles[change]} <span class="quiet">${sayCount(own.length)}</span></h2><table class="stack">
<thead><tr><th scope="col">Severity</th><th scope="col">Confidence</th><th scope="col">Was</th>
<th scope="col">Claim</th></tr></thead>
<tbody>${own.slice(0, 200).map(
    ({ finding, was }) => html`<tr><td class="beside">${badge(finding.severity)}</td>
<td data-name="Confidence">${confidence(finding.confidence)}</td>
<td data-name="Was">${was === null ? nothing : `${was.severity} ${sayConfidence(was.confidence)}`}</td>
<td>${shown(finding.claim)} ${
      change === 'gone'
        ? html`<span class="mono quiet">${finding.id}
</span>`
        : findingLink(finding.id)
    }</td></tr>`,
  )}</tbody></table>`
})}`
  },
}

interface MethodList {
  readonly pages?: readonly { readonly path: string; readonly title: string }[]
  readonly text?: string
}

export const methodPage: Page<MethodList> = {
  source: ({ path }: Where) => `${path}.json`,
  title: () => 'Method',
  view: ({ pages, text }, { path }) =>
    text !== undefined
      ? html`<p><a href="/method">All pages</a></p>${markdown(text, path.replace(/^\/method\//, ''))}`
      : html`<h1>How it works</h1><p>The manual of this version.</p>${folders.map((folder) => {
          const own = (pages ?? []).filter(({ path: each }) => each.startsWith(folder))
          return own.length === 0
            ? nothing
            : html`<h2>${folder}</h2>
<ul>${own.map((each) => html`<li><a href="/method/${each.path}">${each.title}</a></li>`)}</ul>`
        })}`,
}

const folders = ['guide', 'method', 'reference', 'decisions', 'glossary']
