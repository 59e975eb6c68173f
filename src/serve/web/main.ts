/// <reference lib="dom" />
/** The frame around every page: which page an address is, loading, faults, keys. State lives in the address. */
import { html, nothing, render, type TemplateResult } from 'lit-html'
import { get, PageFault } from './api.ts'
import { botnetPage } from './botnet.ts'
import { cplanePage } from './cplane.ts'
import { askDecision, notice, tellOutcome } from './decide.ts'
import { decisionsPage } from './decisions.ts'
import { findingPage } from './finding.ts'
import { hostPage } from './host.ts'
import { hostsPage } from './hosts.ts'
import { importsPage } from './imports.ts'
import { followJobs, jobBar, whatRuns } from './jobs.ts'
import { changesPage, contactsPage, methodPage, namePage } from './lists.ts'
import { overviewPage } from './overview.ts'
import type { Frame, Page, Where } from './page.ts'
import { empty } from './parts.ts'
import { tracePage } from './trace.ts'

// biome-ignore lint/suspicious/noExplicitAny: each page knows its own data
const routes: readonly (readonly [pattern: RegExp, page: Page<any>])[] = [
  [/^\/$/, overviewPage],
  [/^\/hosts$/, hostsPage],
  [/^\/hosts\/.+/, hostPage],
  [/^\/contacts$/, contactsPage],
  [/^\/botnets\/.+/, botnetPage],
  [/^\/findings\/.+/, findingPage],
  [/^\/cplane$/, cplanePage],
  [/^\/trace$/, tracePage],
  [/^\/names\/.+/, namePage],
  [/^\/changes$/, changesPage],
  [/^\/decisions$/, decisionsPage],
  [/^\/imports$/, importsPage],
  [/^\/method(\/.+)?$/, methodPage],
]

const links = [
  ['/', 'Overview'],
  ['/hosts', 'Hosts'],
  ['/contacts', 'Contacts'],
  ['/cplane', 'C-plane'],
  ['/changes', 'What is new'],
  ['/decisions', 'Decisions'],
  ['/imports', 'Imports'],
  ['/method', 'Method'],
] as const

const root = document.querySelector<HTMLElement>('#app')!

type State =
  | { readonly is: 'loading' }
  | { readonly is: 'fault'; readonly error: PageFault }
  | { readonly is: 'ready'; readonly data: unknown }

let state: State = { is: 'loading' }
let where: Where = here()
let asking: AbortController | null = null
let spin: ReturnType<typeof setTimeout> | undefined

function here(): Where {
  return { path: location.pathname, query: new URLSearchParams(location.search) }
}

const pageAt = ({ path }: Where): Page<unknown> | null =>
  routes.find(([pattern]) => pattern.test(path))?.[1] ?? null

const frame: Frame = {
  go(address, { replace = false } = {}) {
    history[replace ? 'replaceState' : 'pushState'](null, '', address)
    void load(!replace)
  },
  redraw: draw,
  reload: () => load(false),
  decide: (verb, about) =>
    askDecision(verb, about, (outcome) => {
      tellOutcome(outcome, () => load(false))
      void load(false)
    }),
}

function bar(): TemplateResult {
  const { path } = where
  const current = (to: string) => (to === '/' ? path === '/' : path.startsWith(to))
  const page = pageAt(where)
  return html`<a class="skip" href="#main">To the content</a>
<header class="top"><a class="brand" href="/">Gannet</a><nav aria-label="Pages">
<ul>${links.map(
    ([to, label]) => html`<li><a href=${to} aria-current=${current(to) ? 'page' : nothing}>${label}
</a></li>`,
  )}</ul></nav><span class="spring"></span>
${page ? html`<a class="quiet json" href=${page.source(where)}>JSON</a>` : nothing}</header>`
}

function content(): TemplateResult {
  const page = pageAt(where)
  if (!page) return empty('There is no such page.', html`<p><a href="/">Overview</a></p>`)
  if (state.is === 'loading') return html`<div class="state" role="status" aria-busy="true">Loading …</div>`
  if (state.is === 'fault') {
    const { code, message, hint } = state.error
    if (code === 'nothing-to-analyse')
      return empty(
        'Nothing was analysed yet.',
        html`<p><a href="/imports">Import records and analyse them</a></p>`,
      )
    return html`<div class="state" role="alert"><b>${message}</b><p>${hint}</p>
<button @click=${() => load(false)}>Try again</button></div>`
  }
  return page.view(state.data, where, frame)
}

function draw(): void {
  render(html`${bar()}${jobBar()}<main id="main" tabindex="-1">${content()}</main>`, root)
  if (state.is === 'ready') pageAt(where)?.drawn?.(root, frame)
}

/** Loads what the address asks for; what is shown stays until it is there, but for another page. */
async function load(moved: boolean): Promise<void> {
  const before = pageAt(where)
  where = here()
  const page = pageAt(where)
  asking?.abort()
  const own = new AbortController()
  asking = own
  clearTimeout(spin)

  if (moved && page !== before)
    spin = setTimeout(() => {
      state = { is: 'loading' }
      draw()
    }, 120)

  if (!page) return draw()

  const show = (data: unknown) => {
    state = { is: 'ready', data }
    document.title = `${page.title(data)} · Gannet`
  }

  try {
    // What is shown already is not replaced by less.
    if (page.first && (moved || state.is !== 'ready')) {
      const data = await get(page.first(where), own.signal)
      if (own.signal.aborted) return
      show(data)
      settle(moved)
    }
    const data = await get(page.source(where), own.signal)
    if (own.signal.aborted) return
    show(data)
  } catch (error) {
    if (own.signal.aborted) return
    state = {
      is: 'fault',
      error: error instanceof PageFault ? error : new PageFault('bug', String(error), 'Load the page again.'),
    }
  }

  if (page.first && state.is === 'ready') return draw()
  settle(moved)
}

/** Draws what was loaded, and goes to where the address says. */
function settle(moved: boolean): void {
  clearTimeout(spin)
  draw()
  if (moved && location.hash === '') scrollTo(0, 0)
  if (location.hash !== '') document.getElementById(location.hash.slice(1))?.scrollIntoView()
}

document.addEventListener('click', (event) => {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return
  const link = (event.target as Element).closest?.('a')
  if (!link || link.hasAttribute('download') || link.origin !== location.origin) return
  if (/\.(json|yaml|zip|csv)$/.test(link.pathname) || link.pathname.startsWith('/export/')) return
  if (link.pathname === location.pathname && link.search === location.search && link.hash !== '') return
  event.preventDefault()
  frame.go(link.href)
})
addEventListener('popstate', () => void load(true))
matchMedia('(max-width: 40rem)').addEventListener('change', draw)

document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector('dialog[open]')) return
  const target = event.target as Element
  if (target.closest('input,textarea,select')) {
    if (event.key === 'Escape') (target as HTMLElement).blur()
    return
  }
  if (event.key === 'g') return frame.go('/hosts')
  if (state.is === 'ready' && pageAt(where)?.key?.(event, frame)) event.preventDefault()
})

draw()
void load(false)
followJobs(draw, (job) => {
  const how = job.state === 'done' ? 'is done' : job.state === 'stopped' ? 'was stopped' : 'failed'
  notice(html`<span>${whatRuns(job)} ${how}.</span><a href="/imports">Look</a>`)
  void load(false)
})
