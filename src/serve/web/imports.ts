/// <reference lib="dom" />
/** What was read; and, where whoever started the server allowed it, what more may be. */
import { html, nothing, type TemplateResult } from 'lit-html'
import { sayRejects } from '../../model/words/rejects.ts'
import { sayBytes, sayCount, sayMany, sayRecords } from '../../model/words/say.ts'
import type { FolderView, ImportsView, JobView } from '../work-views.ts'
import { PageFault } from './api.ts'
import { begin, isRunning, whatRuns } from './jobs.ts'
import type { Frame, Page } from './page.ts'
import { bullets, empty, instant, shown } from './parts.ts'

/** Paths that are ticked, and what went wrong when they were sent. */
const chosen = new Set<string>()
let analyseAfter = true
let fault: PageFault | null = null

async function send(paths: readonly string[], analyse: boolean, frame: Frame): Promise<void> {
  fault = null
  try {
    await begin(paths, analyse)
    chosen.clear()
  } catch (error) {
    fault = error instanceof PageFault ? error : new PageFault('bug', String(error), 'Load the page again.')
  }
  frame.redraw()
}

const folderAddress = (path: string): string => `/imports?${new URLSearchParams({ folder: path })}#add`

const last = (job: JobView | null): TemplateResult | typeof nothing => {
  if (job === null || job.state === 'running') return nothing
  if (job.fault !== null)
    return html`<p class="warn" role="alert"><b>${whatRuns(job)} failed.</b> ${shown(job.fault.message)}.
${shown(job.fault.hint)}</p>`
  const lines = job.output.split('\n').filter((each) => each !== '')
  return html`<p class="told"><b>${whatRuns(job)} ${job.state === 'stopped' ? 'stopped' : 'done'}</b>
<span class="quiet">${instant(job.ended)} UTC</span>${lines.map((each) => html`<br>${shown(each)}`)}</p>`
}

const entry = (each: FolderView['entries'][number], frame: Frame): TemplateResult => {
  const toggle = () => {
    if (!chosen.delete(each.path)) chosen.add(each.path)
    frame.redraw()
  }
  return html`<tr><th scope="row"><label class="inline"><input type="checkbox" .checked=${chosen.has(each.path)}
@change=${toggle}> <span class="mono">${shown(each.name)}${each.kind === 'folder' ? '/' : ''}</span></label></th>
<td class="number" data-name="Size">${
    each.kind === 'file' ? sayBytes(each.bytes) : html`<a href=${folderAddress(each.path)}>open</a>`
  }</td>
<td data-name="Changed">${instant(each.changed)}</td></tr>`
}

const listing = (folder: FolderView, frame: Frame): TemplateResult => html`
<p class="mono">${shown(folder.path)}${
  folder.above === null ? nothing : html` <a href=${folderAddress(folder.above)}>up</a>`
}</p>
${
  folder.entries.length === 0
    ? empty('No file here may be imported.')
    : html`<table class="stack files"><thead><tr><th scope="col">File</th><th scope="col" class="number">Size</th>
<th scope="col">Changed (UTC)</th></tr></thead><tbody>${folder.entries.map((each) => entry(each, frame))}
</tbody></table>`
}
${folder.more > 0 ? html`<p>${sayCount(folder.more)} more are not listed.</p>` : nothing}`

function add(data: ImportsView, frame: Frame): TemplateResult {
  if (data.folders.length === 0)
    return html`<p>To import from here, start <code>gannet serve</code> with
<code>--import-from FOLDER</code>: files of that folder may then be chosen.</p>`
  const paths = [...chosen]

  return html`<p>From ${data.folders.map(
    (each, i) => html`${i > 0 ? ', ' : ''}<a class="mono" href=${folderAddress(each)}>${shown(each)}</a>`,
  )}</p>
${data.folder === null ? nothing : listing(data.folder, frame)}
<div class="actions"><button class="main" type="button" ?disabled=${paths.length === 0 || isRunning()}
@click=${() => void send(paths, analyseAfter, frame)}>Import${
    paths.length > 0 ? ` ${sayMany(paths.length, 'path')}` : ''
  }</button>
<label class="inline"><input type="checkbox" .checked=${analyseAfter} @change=${() => {
    analyseAfter = !analyseAfter
  }}> and analyse</label></div>`
}

const again = (data: ImportsView, frame: Frame): TemplateResult => {
  const none = data.inputs.length === 0
  if (none) return html`<p>There is nothing to analyse before the first import.</p>`
  return html`<p>${
    data.analysis === null
      ? 'Nothing was analysed yet: the first analysis takes the defaults.'
      : data.waiting.length === 0
        ? 'The newest analysis has seen every input.'
        : `The newest analysis has not seen ${sayMany(data.waiting.length, 'input')}.`
  } ${data.analysis === null ? nothing : 'It is repeated with the options that it had.'}</p>
<div class="actions"><button type="button" ?disabled=${isRunning()}
@click=${() => void send([], true, frame)}>Analyse</button></div>`
}

const recordText = (all: readonly (readonly [string, number])[]): string =>
  all.map(([kind, count]) => sayRecords(count, kind)).join(', ')

const inputs = (data: ImportsView): TemplateResult => html`
<table class="stack"><thead><tr><th scope="col">Input</th><th scope="col">Format</th><th scope="col">Records</th>
<th scope="col">Left out</th></tr></thead>
<tbody>${data.inputs.map(
  ({ name, format, records, rejects, duplicates }) => html`<tr><th scope="row">${shown(name)}</th>
<td data-name="Format">${format}</td><td data-name="Records">${recordText(Object.entries(records))}</td>
<td data-name="Left out">${sayRejects([
    ...Object.entries(rejects),
    ...(duplicates > 0 ? [['known before', duplicates] as const] : []),
  ])}</td></tr>`,
)}</tbody></table>`

const epochs = ({ epochs: all }: ImportsView): TemplateResult => html`<h2>Epochs</h2>
<table class="stack"><thead><tr><th scope="col">From (UTC)</th><th scope="col">To</th>
<th scope="col" class="number">Flows</th><th scope="col" class="number">Clients</th></tr></thead>
<tbody>${all.map(
  ({ from, to, flows, clients }) => html`<tr><th scope="row">${instant(from)}</th>
<td>${instant(to)}</td><td data-name="Flows" class="number">${sayCount(flows)}</td>
<td data-name="Clients" class="number">${sayCount(clients)}</td></tr>`,
)}</tbody></table>`

export const importsPage: Page<ImportsView> = {
  source: ({ query }) => `/imports.json?${query}`,
  title: () => 'Imports',
  view: (data, _where, frame) => html`<h1>What was read</h1>
${last(data.job)}
${
  fault === null
    ? nothing
    : html`<p class="warn" role="alert">${shown(fault.message)}. ${shown(fault.hint)}</p>`
}
${
  data.inputs.length === 0
    ? empty('Nothing was imported yet.', html`<p>Choose records below, or run gannet import.</p>`)
    : html`<p>Internal networks: <span class="mono">${
        data.internal.join(', ') || 'told by the first analysis'
      }</span></p>${inputs(data)}`
}
<div class="split"><div><h2 id="add">Add records</h2>${add(data, frame)}</div>
<div><h2>Analyse</h2>${again(data, frame)}</div></div>
${data.epochs.length === 0 ? nothing : epochs(data)}
${
  data.analysis === null
    ? nothing
    : html`<details><summary>Options of the analysis ${data.analysis}</summary>${bullets(
        Object.entries(data.options).map(([name, value]) => `${name}: ${JSON.stringify(value)}`),
      )}</details>`
}`,
}
