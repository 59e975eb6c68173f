/// <reference lib="dom" />
/** What was started from a page: how far it is, on every page, until it is done. */
import { html, nothing, type TemplateResult } from 'lit-html'
import type { JobView, WorkView } from '../work-views.ts'
import { get, start, stop } from './api.ts'
import { shown } from './parts.ts'

/** Milliseconds between questions while something runs. */
const interval = 700

let job: JobView | null = null
let stopping = false
let asking: ReturnType<typeof setTimeout> | undefined
let redraw: () => void = () => {}
let ended: (job: JobView) => void = () => {}

/** Follows what runs; `done` is called when it has ended. */
export function followJobs(draw: () => void, done: (job: JobView) => void): void {
  redraw = draw
  ended = done
  void ask()
}

async function ask(): Promise<void> {
  clearTimeout(asking)
  const found = await get<WorkView>('/jobs.json').catch(() => null)
  if (found) take(found.job)
  else if (job?.state === 'running') asking = setTimeout(() => void ask(), interval * 4)
}

function take(found: JobView | null): void {
  const before = job
  job = found
  if (found?.state === 'running') asking = setTimeout(() => void ask(), interval)
  else stopping = false
  const over = found !== null && found.state !== 'running'
  if (over && before?.state === 'running' && before.number === found.number) ended(found)
  redraw()
}

/** Starts an import, an analysis or both. @throws PageFault. */
export async function begin(paths: readonly string[], analyse: boolean): Promise<void> {
  take((await start(paths, analyse)).job)
}

export const isRunning = (): boolean => job?.state === 'running'

async function end(): Promise<void> {
  stopping = true
  redraw()
  const found = await stop().catch(() => null)
  if (found) take(found.job)
}

export const whatRuns = ({ imports, analyses }: JobView): string =>
  imports > 0 ? (analyses ? 'Import and analysis' : 'Import') : 'Analysis'

/** The bar under the heading of every page, while something runs. */
export function jobBar(): TemplateResult | typeof nothing {
  if (job?.state !== 'running') return nothing
  const percent = Math.floor(job.share * 100)

  return html`<div class="job"><span><a href="/imports">${whatRuns(job)}</a> ${
    stopping ? 'stops at the next step' : 'running'
  }: ${percent} %<span class="quiet step">${job.step === '' ? '' : `, ${shown(job.step)}`}</span></span>
<progress max="100" value=${percent} aria-label=${whatRuns(job)}></progress>
<button type="button" ?disabled=${stopping} @click=${() => void end()}>Stop</button></div>`
}
