/// <reference lib="dom" />
/** The dialog in which one decides, and the notice with the way back. */
import { html, nothing, render, type TemplateResult } from 'lit-html'
import type { Verb } from '../../model/review/decision.ts'
import { sayCount, sayMany } from '../../model/words/say.ts'
import type { DecisionOutcome } from '../work-views.ts'
import { decide, PageFault, undo } from './api.ts'
import type { About } from './page.ts'
import { shown } from './parts.ts'

const titles: Readonly<Record<Verb, string>> = {
  allow: 'Allow: accuse nobody for it any more',
  confirm: 'Confirm: a bot, or its command and control',
  note: 'Note',
  tag: 'Tag: words to find it again by',
}

interface Draft {
  readonly verb: Verb
  readonly about: About
  subject: string
  warning: string | null
  fault: string | null
  busy: boolean
}

/** Opens the dialog; `done` is called with what resulted. */
export function askDecision(verb: Verb, about: About, done: (outcome: DecisionOutcome) => void): void {
  const root = document.createElement('dialog')
  root.setAttribute('aria-label', titles[verb])
  document.body.append(root)

  const draft: Draft = {
    verb,
    about,
    subject: about.subjects[0]?.subject ?? '',
    warning: null,
    fault: null,
    busy: false,
  }

  const close = () => {
    root.close()
    root.remove()
  }
  const draw = () => render(form(draft, draw, close, done), root)
  root.addEventListener('cancel', (event) => {
    event.preventDefault()
    close()
  })
  draw()
  root.showModal()
  root.querySelector<HTMLElement>('[name=tags], [name=reason]')?.focus()
}

const wordsIn = (text: string): string[] => text.split(/[\s,]+/).filter((each) => each !== '')

async function send(draft: Draft, fields: FormData, force: boolean): Promise<DecisionOutcome | null> {
  const scoped = fields.get('scope') === 'on' && draft.about.host !== null

  try {
    return await decide({
      verb: draft.verb,
      subject: draft.subject,
      tags: wordsIn(String(fields.get('tags') ?? '')),
      reason: String(fields.get('reason') ?? ''),
      expires: String(fields.get('expires') ?? '') || null,
      scope: scoped ? draft.about.host : null,
      force,
    })
  } catch (error) {
    if (!(error instanceof PageFault)) throw error
    if (error.code === 'decision-warned') draft.warning = error.message
    else draft.fault = `${error.message}. ${error.hint}`
    return null
  }
}

const form = (
  draft: Draft,
  draw: () => void,
  close: () => void,
  done: (outcome: DecisionOutcome) => void,
): TemplateResult => {
  const { verb, about, subject, warning, fault, busy } = draft
  const submit = async (event: SubmitEvent) => {
    event.preventDefault()
    if (draft.busy) return
    const fields = new FormData(event.target as HTMLFormElement)
    draft.busy = true
    draft.fault = null
    draw()
    const outcome = await send(draft, fields, warning !== null)
    draft.busy = false
    if (!outcome) return draw()
    close()
    done(outcome)
  }
  const isHost = subject === about.host
  return html`<form @submit=${submit}><h2>${titles[verb]}</h2>
<fieldset><legend>What</legend>${about.subjects.map(
    (each, i) =>
      html`<label><input type="radio" name="subject" value=${each.subject} .checked=${each.subject === subject}
id="subject-${i}" @change=${() => {
        draft.subject = each.subject
        draft.warning = null
        draw()
      }}> <span class="mono">${shown(each.subject)}</span> <span class="quiet">${each.doc}</span></label>`,
  )}</fieldset>
${
  verb === 'tag'
    ? html`<label>Tags <span class="quiet">(separated by spaces)</span>
<input name="tags" required maxlength="400" autocomplete="off"></label>`
    : nothing
}
<label>Why ${verb === 'note' ? '' : html`<span class="quiet">(for whoever reads it next)</span>`}
<textarea name="reason" rows="2" maxlength="2000" ?required=${verb === 'note'}></textarea></label>
${
  verb === 'note' || verb === 'tag'
    ? nothing
    : html`<label>Until <input type="date" name="expires"> <span
class="quiet">empty: for good</span></label>`
}
${
  about.host !== null && !isHost && verb !== 'note'
    ? html`<label><input type="checkbox" name="scope"> only for <span
class="mono">${shown(about.host)}</span></label>`
    : nothing
}
${warning === null ? nothing : html`<p class="warn" role="alert"><b>Look first.</b> ${shown(warning)}.</p>`}
${fault === null ? nothing : html`<p class="warn" role="alert">${shown(fault)}</p>`}
<div class="actions"><button class="main" type="submit"
?disabled=${busy}>${warning === null ? `${verb[0]?.toUpperCase()}${verb.slice(1)}` : 'Decide all the same'}</button>
<button type="button" @click=${close}>Cancel</button></div></form>`
}

let toast: HTMLElement | null = null
let leaving: ReturnType<typeof setTimeout> | undefined

/** Says what a decision did, with the way back, for twelve seconds. */
export function tellOutcome(
  { decision, gone, back, milliseconds }: DecisionOutcome,
  reload: () => Promise<void>,
): void {
  const what =
    gone.length > 0
      ? `${sayMany(gone.length, 'host')} no longer accused`
      : back.length > 0
        ? `${sayMany(back.length, 'host')} accused again`
        : decision.tags.length > 0
          ? decision.tags.join(', ')
          : 'the list is as it was'

  notice(html`<span>${decision.verb} ${shown(decision.subject.value)}: ${what}. <span
class="ms">Ranked again in ${sayCount(milliseconds)} ms.</span></span>
<button @click=${async () => {
    await undo(decision.id)
    notice(html`<span>Taken back.</span>`)
    await reload()
  }}>Undo</button>`)
}

export function notice(content: TemplateResult): void {
  if (!toast) {
    toast = document.createElement('div')
    toast.className = 'toast'
    toast.setAttribute('role', 'status')
    document.body.append(toast)
  }
  toast.hidden = false
  render(content, toast)
  clearTimeout(leaving)
  leaving = setTimeout(() => {
    toast?.remove()
    toast = null
  }, 12_000)
}
