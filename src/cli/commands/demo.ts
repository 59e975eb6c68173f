/** The demo: a simulated day, the whole job on it, how well it went, and a database to look at. */

import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Command } from 'commander'
import { type AnalysisOptions, defaults } from '../../config.ts'
import { evaluate, evaluationText } from '../../evaluate/index.ts'
import { simulate } from '../../simulate/index.ts'
import { withDatabase } from '../database.ts'
import { natural } from '../options.ts'
import { print } from '../say.ts'
import { analyseAll, give, importAll, inputsOf, withProgress } from './run.ts'

export const demonstrating = (program: Command) => {
  program
    .command('demo')
    .description(
      'simulate a day of a small campus with botnets, analyse it, print findings and write a report',
    )
    .option('--seed <n>', 'seed of the day', natural, 7)
    .option('--no-bots', 'simulate a day without bots')
    .option('--out <folder>', 'folder for records and report', join('out', 'demo'))
    .action((flags: { seed: number; bots: boolean; out: string }) => demo(flags, defaults))
}

async function demo(
  { seed, bots, out }: { seed: number; bots: boolean; out: string },
  options: AnalysisOptions,
): Promise<void> {
  const { files, truth } = await withProgress((line) => {
    line.say(`making a day of a small campus in ${out} …`)
    return simulate({ scenario: 'campus-day', seed, bots, format: 'zeek', out: join(out, 'records') })
  })

  const logs = files.filter((file) => file.endsWith('.log'))
  const db = join(out, 'day')
  await rm(db, { recursive: true, force: true })
  await withDatabase({ db }, {}, async (store) => {
    const { inputs } = await importAll(store, logs, {})
    const all = await inputsOf(store, inputs)
    const { answer, figures } = await analyseAll(store, options, all, { isAlone: true })
    const report = join(out, 'report.html')
    await give(answer, figures, { html: report })
    print(
      `\nReport: ${report}\n\nDetection (the records are simulated, so ` +
        `the truth is known):\n${evaluationText(evaluate(answer, truth))}`,
    )
    print(`\nOpen the pages: gannet serve --db ${db}`)
  })
}
