/** What the commands share: import, analyse, print. Each loads what it does when it does it. */

import type { Imported } from '../../capture/import/import.ts'
import type { AnalysisOptions } from '../../config.ts'
import type { Answer, Figures, InputReport } from '../../model/answer.ts'
import { badness } from '../../model/rank.ts'
import { writeOutput } from '../../output.ts'
import type { Analysed, Context } from '../../pipeline/index.ts'
import type { News, OutputFormat, RenderOptions } from '../../reports/format.ts'
import { ledger } from '../../store/ledger.ts'
import type { Store } from '../../store/store.ts'
import { decided, withoutAllowedContacts } from '../decided.ts'
import type { ImportFlags, OutputFlags } from '../flags.ts'
import { createProgressLine, type ProgressLine } from '../progress.ts'
import { print, say } from '../say.ts'
import { withStandardInput } from '../standard-input.ts'
import { version } from '../version.ts'

/** Imports, with a line on a terminal that says how far it is; files of a directory that are left out are named. */
export async function importAll(
  store: Store,
  paths: readonly string[],
  flags: ImportFlags,
): Promise<Imported> {
  const { format, acceptRejects = false, sampled } = flags
  const { importInputs } = await import('../../capture/import/import.ts')
  const { profileFrom } = await import('./profiles.ts')
  const profile = await profileFrom(flags)

  return withStandardInput(paths, (given) =>
    withProgress((line) =>
      importInputs(store, given, {
        format,
        profile,
        acceptRejects,
        sampled,
        progress: (done) => line.show(done),
      }),
    ),
  )
}

export async function withProgress<T>(work: (line: ProgressLine) => Promise<T>): Promise<T> {
  const line = createProgressLine(process.stderr)
  try {
    return await work(line)
  } finally {
    line.clear()
  }
}

/** Every input that the database holds; `fresh` reports of this run say which were known before it. */
export async function inputsOf(store: Store, fresh: readonly InputReport[] = []): Promise<InputReport[]> {
  const known = await ledger(store)
  return known.map((row) => {
    const now = fresh.find(({ sha256 }) => sha256 === row.sha256)
    const { load: _load, bytes: _bytes, ...report } = row
    return now ?? { ...report, known: false }
  })
}

/** Refuses settings that the analysis would refuse, before an import that takes long. */
export async function refuseUnknownSettings({ rules }: AnalysisOptions): Promise<void> {
  if (Object.keys(rules).length === 0) return
  const { checkThresholds } = await import('../../activities/index.ts')
  checkThresholds(rules)
}

export async function analyseAll(
  store: Store,
  options: AnalysisOptions,
  inputs: readonly InputReport[],
  { isAlone = false }: Pick<Context, 'isAlone'> = {},
): Promise<Analysed> {
  const { analyse } = await import('../../pipeline/index.ts')
  return withProgress((line) =>
    analyse(store, options, {
      version,
      inputs,
      isAlone,
      progress: (stage, share) => line.say(`${String(Math.floor(share * 100)).padStart(3)}%  ${stage}`),
    }),
  )
}

/** How wide the terminal is, and whether it has colours. */
export function terminal(): { color: boolean; width: number } {
  const { isTTY = false, columns } = process.stdout
  return { color: isTTY && !process.env['NO_COLOR'], width: columns || 80 }
}

/** Prints and writes the answer as asked, with what analysts decided; sets exit code 1 where --fail-on says so. */
export async function give(
  found: Answer,
  drawn: Figures,
  flags: OutputFlags & News & Pick<RenderOptions, 'isTemporary'>,
): Promise<void> {
  const { answer, figures } = await decided({ answer: found, figures: drawn }, flags)
  const judged = { answer, figures }
  await writeReports(judged, flags)

  if (flags.json) print((await import('../../reports/json.ts')).json.render(answer, figures))
  else if (flags.html !== '-' && flags.csv !== '-') {
    const { renderText } = await import('../../reports/text.ts')
    const limit = flags.limit === undefined ? {} : { limit: flags.limit }
    const { verbose = false, isTemporary = false } = flags
    const listed = await withoutAllowedContacts(answer)
    print(renderText(listed, { ...terminal(), verbose, isTemporary, ...limit, ...newsOf(flags) }))
  }

  const { failOn } = flags

  if (failOn && answer.findings.some(({ severity }) => badness(severity) >= badness(failOn)))
    process.exitCode = 1
}

const newsOf = ({ accusedInAll, opening }: News): News => ({
  ...(accusedInAll === undefined ? {} : { accusedInAll }),
  ...(opening === undefined ? {} : { opening }),
})

/** Writes the files that the flags ask for. */
export async function writeReports(judged: Analysed, flags: OutputFlags & News): Promise<void> {
  const news = newsOf(flags)
  if (flags.html !== undefined)
    await writeAs((await import('../../reports/html/page.ts')).html, flags.html, { ...judged, news })
  if (flags.csv !== undefined)
    await writeAs((await import('../../reports/csv.ts')).csv, flags.csv, { ...judged, news })
}

async function writeAs(
  format: OutputFormat,
  path: string,
  { answer, figures, news }: Analysed & { readonly news: News },
): Promise<void> {
  await writeOutput(path, format.render(answer, figures, news))
  if (process.stderr.isTTY && path !== '-') say(`wrote ${path}`)
}
