/** The command that turns records into flows. */

import { type Command, Option } from 'commander'
import { type Conversion, formOf, writeFlows } from '../../capture/convert/convert.ts'
import { flowForms } from '../../capture/convert/flow-formats.ts'
import { remarkReason } from '../../capture/rejects.ts'
import { placeOf, sayReason, unitOf } from '../../model/words/rejects.ts'
import { sayMany, sayRecords } from '../../model/words/say.ts'
import { withLazyDatabase } from '../database.ts'
import type { ImportFlags } from '../flags.ts'
import { sampledOption, tableOptions } from '../options.ts'
import { say } from '../say.ts'
import { withStandardInput } from '../standard-input.ts'
import { profileFrom } from './profiles.ts'
import { withProgress } from './run.ts'

interface FlowsFlags extends ImportFlags {
  readonly out: string
  readonly inputFormat?: string
}

export const convertingFlows = (program: Command): void => {
  const command = program
    .command('flows')
    .description('convert records to a file of flows, without a database')
    .argument('<input...>', 'files or directories of any input format; - for standard input')
    .requiredOption('--out <file>', 'output file; - for standard output')
    .addOption(
      new Option('--format <name>', 'output format, if the file name does not show it').choices(
        flowForms.map(({ name }) => name),
      ),
    )
    .option('--input-format <name>', 'input format, if detection fails')

  sampledOption(tableOptions(command))
  command.option('--accept-rejects', 'keep an input even if most of its records are rejected')
  command.action(async (paths: string[], flags: FlowsFlags) => {
    const form = formOf(flags.format, flags.out)
    const profile = await profileFrom(flags)
    const out = flags.out === '-' ? process.stdout : flags.out
    const done = await withStandardInput(paths, (given) =>
      withLazyDatabase((store) =>
        withProgress((line) =>
          writeFlows(store, given, {
            form,
            out,
            format: flags.inputFormat,
            profile,
            acceptRejects: flags.acceptRejects ?? false,
            sampled: flags.sampled,
            progress: (now) => line.show(now),
          }),
        ),
      ),
    )
    for (const line of summary(done, flags.out)) say(line)
  })
}

const clipped = (text: string): string => (text.length > 200 ? `${text.slice(0, 199)}…` : text)

/** "dns.log: 24 DNS records left out: they are not flows". */
function leftOut(input: string, record: string, n: number): string {
  return `${input}: ${sayRecords(n, record)} left out: ${n === 1 ? 'it is not a flow' : 'they are not flows'}`
}

/** What was left out, and how many flows there are. */
function summary({ inputs, skipped }: Conversion, out: string): string[] {
  const lines = inputs.flatMap(({ name, format, rejects, rejectSamples, others }) => [
    ...Object.entries(rejects).map(([reason, n]) => {
      const samples = rejectSamples.filter((each) => each.reason === reason)
      // What is not read is named; bad records would be shown as they are.
      const what =
        reason === 'unsupported' ? `: ${clipped(samples.map(({ sample }) => sample).join('; '))}` : ''
      const first = samples[0] ? `; first at ${placeOf(format, samples[0].position)}` : ''
      return `${name}: ${sayMany(n, unitOf(format))} left out, ${sayReason(reason)}${first}${what}`
    }),
    ...rejectSamples
      .filter(({ reason }) => reason === remarkReason)
      .map(({ sample }) => `${name}: ${sample}`),
    ...Object.entries(others).map(([record, n]) => leftOut(name, record, n)),
  ])

  const flows = inputs.reduce((sum, each) => sum + each.flows, 0)
  const whole =
    `${sayMany(flows, 'flow')} of ${sayMany(inputs.length, 'input')}` + (out === '-' ? '' : ` in ${out}`)

  return [...lines, ...skipped.map(({ name, why }) => `${name}: skipped, ${why}`), whole].map(
    (line) => `gannet: ${line}`,
  )
}
