/** What the pages of `gannet serve` may start: an import from allowed folders, and an analysis. */
import { type Imported, importInputs } from '../capture/import/import.ts'
import { type AnalysisOptions, defaults } from '../config.ts'
import { sayCount, sayMany } from '../model/words/say.ts'
import { analyse } from '../pipeline/index.ts'
import type { Tell } from '../serve/index.ts'
import { lastAnswer } from '../store/analyses.ts'
import type { Store } from '../store/store.ts'
import { inputsOf } from './commands/run.ts'
import { version } from './version.ts'

interface PageWork {
  import(paths: readonly string[], tell: Tell): Promise<string>
  /** Analyses; null: with the options of the newest analysis, or the defaults. */
  analyse(tell: Tell, options: AnalysisOptions | null): Promise<string>
}

/** Each says in a sentence what resulted, and ends with the error that `tell` throws. */
export const pageWork = (store: Store): PageWork => ({
  async import(paths, tell) {
    const imported = await importInputs(store, paths, {
      progress: ({ name, bytes, of, rows }) =>
        tell(`reading ${name}, ${sayMany(rows, 'record')}`, of > 0 ? bytes / of : 0),
    })
    return importSentence(imported)
  },

  async analyse(tell, options) {
    const { answer } = await analyse(store, options ?? (await optionsAsBefore(store)), {
      version,
      inputs: await inputsOf(store),
      progress: tell,
    })
    return `Analysed: ${sayMany(answer.hosts.length, 'host')} accused, ${sayMany(answer.findings.length, 'finding')}.`
  },
})

function importSentence({ inputs, skipped }: Imported): string {
  const fresh = inputs.filter(({ known }) => !known)
  const records = fresh.flatMap((each) => Object.values(each.records)).reduce((sum, each) => sum + each, 0)
  const left = fresh.flatMap(({ rejects }) => Object.values(rejects)).reduce((sum, each) => sum + each, 0)
  return [
    `Imported: ${sayMany(records, 'record')} of ${sayMany(fresh.length, 'file')}.`,
    ...(inputs.length > fresh.length
      ? [`Known before: ${sayMany(inputs.length - fresh.length, 'file')}.`]
      : []),
    ...(left > 0 ? [`${sayCount(left)} records left out.`] : []),
    ...skipped.slice(0, 5).map(({ name, why }) => `${name}: skipped, ${why}.`),
    ...(skipped.length > 5 ? [`${sayMany(skipped.length - 5, 'more file')} skipped.`] : []),
  ].join('\n')
}

/** The options of the newest analysis; the defaults where there is none. */
async function optionsAsBefore(store: Store): Promise<AnalysisOptions> {
  const last = await lastAnswer(store)
  if (!last) return defaults
  const { chance, ...rest } = last.answer.analysis.options
  return {
    ...defaults,
    ...rest,
    chance: chance === 'any' ? Number.POSITIVE_INFINITY : Number(chance),
  }
}
