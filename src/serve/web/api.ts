/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import type { AdoptOutcome, DecisionOutcome, Fault, WorkView } from '../work-views.ts'

/** What went wrong, to be shown. */
export class PageFault extends Error {
  readonly code: string
  readonly hint: string

  constructor(code: string, message: string, hint: string) {
    super(message)
    this.code = code
    this.hint = hint
  }
}

async function answerOf<T>(response: Response): Promise<T> {
  const body: unknown = await response.json().catch(() => null)
  if (response.ok && body !== null) return body as T
  const { error } = (body ?? {}) as Partial<Fault>
  throw new PageFault(
    error?.code ?? String(response.status),
    error?.message ?? `the server answered ${response.status}`,
    error?.hint ?? 'Look where gannet serve runs.',
  )
}

async function asked(request: Promise<Response>): Promise<Response> {
  return request.catch(() => {
    throw new PageFault(
      'unreachable',
      'the server does not answer',
      'Is gannet serve still running? Then try again.',
    )
  })
}

export const get = async <T>(path: string, signal?: AbortSignal): Promise<T> =>
  answerOf<T>(
    await asked(fetch(path, { headers: { accept: 'application/json' }, ...(signal ? { signal } : {}) })),
  )

interface NewDecisionBody {
  readonly verb: string
  readonly subject: string
  readonly tags: readonly string[]
  readonly reason: string
  readonly expires: string | null
  readonly scope: string | null
  readonly force: boolean
}

/** Adds the decisions of another file. */
export const adopt = async (text: string, force: boolean): Promise<AdoptOutcome> =>
  answerOf(
    await asked(
      fetch('/decisions/import', { method: 'POST', headers: json, body: JSON.stringify({ text, force }) }),
    ),
  )

const json = { 'content-type': 'application/json' }

export const decide = async (body: NewDecisionBody): Promise<DecisionOutcome> =>
  answerOf(await asked(fetch('/decisions', { method: 'POST', headers: json, body: JSON.stringify(body) })))

export const undo = async (id: string): Promise<DecisionOutcome> =>
  answerOf(await asked(fetch(`/decisions/${encodeURIComponent(id)}`, { method: 'DELETE', headers: json })))

export const start = async (paths: readonly string[], analyse: boolean): Promise<WorkView> =>
  answerOf(
    await asked(fetch('/jobs', { method: 'POST', headers: json, body: JSON.stringify({ paths, analyse }) })),
  )

export const stop = async (): Promise<WorkView> =>
  answerOf(await asked(fetch('/jobs', { method: 'DELETE', headers: json })))
