/** `gannet evaluate`: the newest analysis of a database against the truth. */

import { readFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { defaults } from '../../config.ts'
import { UserError } from '../../errors.ts'
import {
  evaluateWhole,
  evaluationPage,
  evaluationText,
  type Lookup,
  readTruth,
  readTruthTable,
  truthFromLabels,
} from '../../evaluate/index.ts'
import type { Answer } from '../../model/answer.ts'
import type { Truth } from '../../model/truth.ts'
import { writeOutput } from '../../output.ts'
import { plainJson } from '../../reports/plain-json.ts'
import { parseNetworks } from '../../store/networks.ts'
import type { Store } from '../../store/store.ts'
import { ritaByHost } from '../../traces/beacons/by-host.ts'
import { thresholds } from '../../traces/contacts/judge.ts'
import { withDatabase } from '../database.ts'
import { decidedTruth } from '../decided.ts'
import type { DecisionsFlags } from '../flags.ts'
import { databaseOptions, decisionsOption } from '../options.ts'
import { print } from '../say.ts'
import { answerIn } from './results.ts'

interface EvaluateFlags extends DecisionsFlags {
  decided?: boolean
  truth?: string
  labels?: boolean
  capture?: string
  json?: boolean
  html?: string
}

export const evaluating = (program: Command): void => {
  const command = databaseOptions(
    program
      .command('evaluate')
      .description(
        'compare the newest analysis with the truth; explain each missed bot and each false alarm',
      ),
  )

  decisionsOption(command)
    .option(
      '--truth <file>',
      'truth.json of the simulator, a map of captures, or a table host,label[,botnet][,family][,cnc]',
    )
    .option('--decided', 'take the truth from decisions: confirmed hosts are bots, allowed hosts are clean')
    .option('--labels', 'take the truth from the labels in the records: CTU-13, labelled Zeek logs, IoT-23')
    .option('--capture <name>', 'capture to use from a map of captures')
    .option('--json', 'print everything as JSON')
    .option('--html <file>', 'write an HTML page with tables, curves and reasons')
    .action((flags: EvaluateFlags) =>
      withDatabase(flags, { mustExist: true }, async (store) => {
        const { answer, figures } = await answerIn(store)
        const truth = flags.decided ? await decidedTruth(answer, flags) : await truthOf(store, flags)
        const whole = await evaluateWhole(store, {
          answer,
          figures,
          truth,
          lookup: await lookupIn(store, answer),
        })
        if (flags.html !== undefined) await writeOutput(flags.html, evaluationPage(whole))
        print(flags.json ? plainJson(whole, 2) : evaluationText(whole.evaluation, whole))
      }),
    )
}

/** @throws UserError truth-invalid; option-invalid unless exactly one source of truth is named. */
export async function truthOf(
  store: Store,
  { truth: file, labels = false, capture }: Pick<EvaluateFlags, 'truth' | 'labels' | 'capture'>,
): Promise<Truth> {
  if ((file === undefined) === !labels)
    throw new UserError(
      'option-invalid',
      'give exactly one source of truth',
      'Give --truth FILE, --labels or --decided.',
    )

  if (file === undefined) {
    const labels = await truthFromLabels(store)
    if (labels) return labels
    throw new UserError('truth-invalid', `no flow in ${store.where} has a label`, 'Give --truth FILE.')
  }

  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new UserError('truth-invalid', `${file} cannot be read`, 'Check the path.', error)
  })
  if (!text.trimStart().startsWith('{')) return readTruthTable(text, file)

  return readTruth(text, { where: file, ...(capture ? { capture } : {}) })
}

/** The threshold that contacts were held to, and the baseline's best score of each host over all that was analysed. */
async function lookupIn(store: Store, { analysis }: Answer): Promise<Lookup> {
  const { from, to, internal, options } = analysis
  const networks = parseNetworks(internal)
  const scope = { epoch: 0, from: from ?? 0, to: to ?? 4e15, internal: networks }
  const sensitivity = (Object.keys(thresholds) as (keyof typeof thresholds)[]).find(
    (each) => each === options['sensitivity'],
  )

  return {
    contactThreshold: thresholds[sensitivity ?? defaults.sensitivity],
    rita: await ritaByHost(store, [scope]),
  }
}
