/** `gannet findings --format NAME`: findings for other programs. */

import { type Command, Option } from 'commander'
import { UserError } from '../../errors.ts'
import { exportFormats, exportNamed, ofBotnet } from '../../exports/index.ts'
import type { Answer, Figures } from '../../model/answer.ts'
import { writeOutput } from '../../output.ts'
import type { News } from '../../reports/format.ts'
import { hostTable } from '../../reports/host-table.ts'
import { decided, withoutAllowedContacts } from '../decided.ts'
import type { OutputFlags } from '../flags.ts'
import { print } from '../say.ts'
import { give, terminal } from './run.ts'

export interface ExportFlags {
  readonly format?: string
  readonly out?: string
  readonly botnet?: string
  readonly hosts?: boolean
}

export const exportOptions = (command: Command): Command =>
  command
    .addOption(
      new Option('--format <name>', 'write them in another form (docs/reference/exports.md)').choices(
        exportFormats.map(({ name }) => name),
      ),
    )
    .option('--out <file>', 'where --format writes; standard output without it')
    .option('--botnet <id>', 'only what is about this botnet')
    .option('--hosts', 'only the table of accused hosts, a line each')

/**
 * Writes the answer in the form that is asked for; without one as `give` does.
 * @throws UserError finding-unknown where there is no botnet of that id; output-failed.
 */
export async function giveExport(
  answer: Answer,
  figures: Figures,
  flags: OutputFlags & ExportFlags & News,
): Promise<void> {
  const judged = await decided({ answer, figures }, flags)
  const narrowed = flags.botnet === undefined ? judged : ofBotnet(judged.answer, judged.figures, flags.botnet)
  if (!narrowed) {
    throw new UserError(
      'finding-unknown',
      `the newest analysis has no botnet ${flags.botnet}`,
      'List them: gannet findings --db FOLDER.',
    )
  }
  if (flags.format === undefined) {
    const quiet = flags.json || flags.html === '-' || flags.csv === '-'
    if (!quiet) print(hostTable(narrowed.answer, terminal()) || 'No host is accused.')
    if (flags.hosts) return
    return give(narrowed.answer, narrowed.figures, flags)
  }

  const shown = flags.format === 'text' ? await withoutAllowedContacts(narrowed.answer) : narrowed.answer
  const content = exportNamed(flags.format)!.render(shown, narrowed.figures, {
    ...terminal(),
    verbose: flags.verbose ?? false,
  })
  if (flags.out !== undefined) return writeOutput(flags.out, content)
  if (content !== '') print(content)
}
