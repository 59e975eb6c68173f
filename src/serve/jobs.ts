/** Imports and analyses that are started from a page: one at a time, so that there is never more than one writer. */
import { UserError } from '../errors.ts'
import { importable } from './folders.ts'
import type { JobView } from './work-views.ts'

/** Says which step is at hand, and how much of the work is done: 0 to 1. */
export type Tell = (step: string, share: number) => void

/**
 * What can be done to the database; each says in a sentence what resulted. When the signal is aborted the work ends at
 * its next step, with any error.
 */
export interface Work {
  /** Folders of which files may be imported; none: no import from a page. */
  readonly folders: readonly string[]
  import(paths: readonly string[], tell: Tell, signal: AbortSignal): Promise<string>
  /** Analyses with the options of the newest analysis, or the defaults. */
  analyse(tell: Tell, signal: AbortSignal): Promise<string>
}

export interface Jobs {
  readonly folders: readonly string[]
  /** What runs, or ran last; null: nothing yet. */
  current(): JobView | null
  /** Begins; `paths` are imported first. @throws UserError database-busy; option-invalid; input-missing. */
  start(request: { readonly paths: readonly string[]; readonly analyse: boolean }): Promise<JobView>
  /** Ends what runs at its next step; inputs that were read whole stay. Gives what became of it. */
  stop(): Promise<JobView | null>
}

const mostPaths = 200

const nothingStarts = () =>
  new UserError('option-invalid', 'nothing can be started from here', 'Use the command line.')

export const noJobs: Jobs = {
  folders: [],
  current: () => null,
  start: () => Promise.reject(nothingStarts()),
  stop: () => Promise.resolve(null),
}

/** `changed` is called after each job, whatever resulted. */
export function createJobs(work: Work, changed: () => void): Jobs {
  let job: JobView | null = null
  let starting = false
  let halt = new AbortController()
  let running: Promise<void> = Promise.resolve()

  const tell =
    (first: number, last: number): Tell =>
    (step, share) => {
      if (job) job = { ...job, step, share: first + (last - first) * Math.min(1, Math.max(0, share)) }
    }

  const run = async (paths: readonly string[], analyse: boolean): Promise<void> => {
    const output: string[] = []
    const ended = () => ({ ended: Date.now() * 1000, output: output.join('\n') })
    try {
      const part = !analyse ? 1 : paths.length > 0 ? 0.5 : 0
      if (paths.length > 0) output.push(await work.import(paths, tell(0, part), halt.signal))
      if (analyse) output.push(await work.analyse(tell(part, 1), halt.signal))
      job = { ...job!, ...ended(), state: 'done', step: '', share: 1 }
    } catch (error) {
      job = {
        ...job!,
        ...ended(),
        ...(halt.signal.aborted ? { state: 'stopped' } : { state: 'failed', fault: faultOf(error) }),
      }
    }
    changed()
  }

  const begin = async (given: readonly string[], analyse: boolean): Promise<JobView> => {
    const paths = await importable(work.folders, given)
    job = {
      number: (job?.number ?? 0) + 1,
      imports: given.length,
      analyses: analyse,
      state: 'running',
      step: '',
      share: 0,
      begun: Date.now() * 1000,
      ended: null,
      output: '',
      fault: null,
    }
    halt = new AbortController()
    running = run(paths, analyse)
    return job
  }

  return {
    folders: work.folders,
    current: () => job,

    async stop() {
      halt.abort()
      await running
      return job
    },

    async start({ paths, analyse }) {
      if (starting || job?.state === 'running')
        throw new UserError('database-busy', 'an import or an analysis is running', 'Wait until it is done.')
      if ((paths.length === 0 && !analyse) || paths.length > mostPaths)
        throw new UserError('option-invalid', 'there is nothing to do', `Give 1 to ${mostPaths} paths.`)
      starting = true
      try {
        return await begin(paths, analyse)
      } finally {
        starting = false
      }
    },
  }
}

function faultOf(error: unknown): JobView['fault'] {
  if (error instanceof UserError) return { code: error.code, message: error.message, hint: error.hint }
  process.stderr.write(`gannet: ${error instanceof Error ? error.stack : String(error)}\n`)
  return {
    code: 'bug',
    message: 'this is a bug, please report it',
    hint: 'Its stack is where gannet serve runs.',
  }
}
