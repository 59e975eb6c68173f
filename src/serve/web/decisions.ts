/// <reference lib="dom" />
/** What was decided, what it allows, and decisions from and to other files. */
import { html, nothing } from 'lit-html'
import { sayMany } from '../../model/words/say.ts'
import type { DecisionsView } from '../views.ts'
import { adopt, PageFault, undo } from './api.ts'
import { notice } from './decide.ts'
import type { Frame, Page } from './page.ts'
import { empty, hostLink, shown } from './parts.ts'

/** The result of a file that could not be taken; its text where it can be taken all the same. */
let waiting: { readonly message: string; readonly text: string | null } | null = null

async function importFile(event: Event, frame: Frame): Promise<void> {
  const input = event.target as HTMLInputElement
  const [file] = input.files ?? []
  if (!file) return
  const text = await file.text()
  input.value = ''
  await adoptText(text, false, frame)
}

async function adoptText(text: string, force: boolean, frame: Frame): Promise<void> {
  waiting = null
  try {
    const { added, gone } = await adopt(text, force)
    notice(
      html`<span>${sayMany(added, 'decision')} imported; ${sayMany(gone.length, 'host')} no longer accused.</span>`,
    )
  } catch (error) {
    if (!(error instanceof PageFault)) throw error
    const isWarning = error.code === 'decision-warned'
    waiting = { message: `${error.message}. ${error.hint}`, text: isWarning ? text : null }
  }
  await frame.reload()
}

export const decisionsPage: Page<DecisionsView> = {
  source: () => '/decisions.json',
  title: () => 'Decisions',
  view: ({ file, decided }, _where, frame) => html`<h1>Decisions</h1>
<p>${
    file === null
      ? 'No file of decisions is named: start gannet serve with --decisions FILE.'
      : html`Kept in <code>${file}</code>, which every run of gannet reads. Put it under version control.`
  }</p>
${
  file === null
    ? nothing
    : html`<div class="actions"><a class="chip" href="/decisions.yaml" download>Export</a>
<label class="inline">Import <input type="file" accept=".yaml,.yml" @change=${(event: Event) =>
        void importFile(event, frame)}></label></div>`
}
${
  waiting === null
    ? nothing
    : html`<p class="warn" role="alert">${shown(waiting.message)} ${
        waiting.text === null
          ? nothing
          : html`<button @click=${() => void adoptText(waiting?.text ?? '', true, frame)}>Import all the same</button>`
      }</p>`
}
${decided.warnings.map((each) => html`<p class="warn">${shown(each)}</p>`)}
${
  decided.decisions.length === 0
    ? empty('Nothing was decided yet.', html`<p>Allow, confirm or note from a host, a trace or a botnet.</p>`)
    : html`<table class="stack"><thead><tr><th scope="col">Decision</th><th scope="col">About</th>
<th scope="col">Why</th><th scope="col">By</th><th scope="col">Until</th><th scope="col">Undo</th></tr></thead>
<tbody>${decided.decisions.map(
        (each) =>
          html`<tr><th scope="row">${each.verb}</th>
<td class="mono">${shown(each.subject.value)}${each.scope === null ? '' : ` for ${each.scope}`}${
            each.tags.length > 0
              ? html`: ${each.tags.map((tag) => html`<span class="chip">${shown(tag)}</span>`)}`
              : nothing
          }</td>
<td>${shown(each.reason)}</td><td>${shown(each.author)}, ${each.made.slice(0, 10)}</td>
<td>${each.expires ?? 'for good'}</td><td><button @click=${async () => {
            await undo(each.id)
            await frame.reload()
          }}>Undo</button></td></tr>`,
      )}</tbody></table>`
}
<h2>What they allow</h2>
${
  decided.allowed.length === 0
    ? html`<p>Nothing that was found.</p>`
    : html`<p>${sayMany(decided.allowed.length, 'finding')}, ${sayMany(
        decided.allowedHosts.length,
        'host',
      )} not accused for them.</p><ul>${decided.allowed.map(
        ({ kind, claim, hosts, by }) =>
          html`<li><b>${kind}</b> ${shown(claim)} <span class="quiet">${hosts
            .slice(0, 5)
            .map(shown)
            .join(', ')}; ${shown(by.join(', '))}</span></li>`,
      )}</ul>`
}
${
  decided.confirmed.length > 0
    ? html`<h2>Confirmed</h2>
<ul>${decided.confirmed.map(
        ({ host, accused }) => html`<li>${hostLink(host)}${accused ? '' : ', which no finding accuses'}</li>`,
      )}</ul>`
    : nothing
}`,
}
