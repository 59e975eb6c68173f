/** The page of imports: what was read, what may be, and what is running. */
import { UserError } from '../errors.ts'
import type { Answer, InputReport } from '../model/answer.ts'
import { ledger } from '../store/ledger.ts'
import type { Store } from '../store/store.ts'
import { folderView } from './folders.ts'
import type { Jobs } from './jobs.ts'
import type { Query } from './page-parts.ts'
import type { Session } from './session.ts'
import type { ImportsView } from './work-views.ts'

export async function importsPage(session: Session, jobs: Jobs, query: Query): Promise<ImportsView> {
  const answer = await answerIn(session)
  const known = await inputsIn(session.store)
  const seen = new Set(answer?.inputs.map(({ sha256 }) => sha256))
  const { folder } = query

  return {
    inputs: answer?.inputs ?? known,
    waiting: known.filter(({ sha256 }) => !seen.has(sha256)).map(({ name }) => name),
    epochs: answer?.analysis.epochs ?? [],
    options: answer?.analysis.options ?? {},
    internal: answer?.analysis.internal ?? [],
    analysis: answer?.analysis.id ?? null,
    folders: jobs.folders,
    folder: folder ? await folderView(jobs.folders, folder.slice(0, 4096)) : null,
    job: jobs.current(),
  }
}

/** The newest answer; null before the first analysis. */
async function answerIn(session: Session): Promise<Answer | null> {
  try {
    return (await session.shown()).answer
  } catch (error) {
    if (error instanceof UserError && error.code === 'nothing-to-analyse') return null
    throw error
  }
}

async function inputsIn(store: Store): Promise<InputReport[]> {
  return (await ledger(store)).map(({ load: _load, bytes: _bytes, ...report }) => ({
    ...report,
    known: false,
  }))
}
