/**
 * The labelled contacts, the fit of src/traces/contacts/weights.json on them, and what weights are worth out of fold.
 *
 *     node bench/fit/fit-contacts.ts [--fresh] [--write] [--page]
 *
 * Labelled are the contacts of every real capture, of the behaviours over the office, and of drawn implants,
 * transplanted C&C and honest software over clean captures (bench/samples/overlays). What was seen of them is kept in
 * the system's temporary folder, and features are made of it anew; `--fresh` reads the records again. Each case is
 * judged by weights that saw neither its family nor its network. `--write` fits on all cases and writes the weights;
 * `--page` fills the measured part of docs/method/contacts.md.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { contactFeatureNames } from '../../src/traces/contacts/feature-list.ts'
import { type ContactWeights, fittedContacts } from '../../src/traces/contacts/judge.ts'
import { fillPage } from '../row.ts'
import { contactCases } from './contacts/cases.ts'
import { outcomeOf, outOfFold } from './contacts/folds.ts'
import { fitContacts } from './contacts/model.ts'
import { contactsPage } from './contacts/page.ts'

const priorContacts = JSON.parse(
  readFileSync(fileURLToPath(new URL('prior-contacts.json', import.meta.url)), 'utf8'),
) as ContactWeights
const outPath = fileURLToPath(new URL('../../src/traces/contacts/weights.json', import.meta.url))

/**
 * Ridge and caution by the figures out of fold, of four pairs that were tried: (0.003, 1.5), (0.003, 2.5), (0.01, 2)
 * and, before the campus had implants, (0.002 to 0.06, 1 and 2). `crowd` came out at -4.8: the office then lost three
 * of its C&C for as many log odds as its clean hosts, so that it was raised until the latter stood where they had stood
 * before.
 */
const options = { prior: priorContacts, ridge: 0.01, caution: 2, settled: { crowd: -3.9 } } as const

if (import.meta.main) {
  const [fresh, write, page] = ['--fresh', '--write', '--page'].map((flag) => process.argv.includes(flag))
  const cases = await contactCases(fresh)
  const fitted = outOfFold(cases, options)
  const hand = cases.map((each) => outcomeOf(each, priorContacts))
  const inForce = cases.map((each) => outcomeOf(each, fittedContacts))

  const text = contactsPage([
    ['set by hand', hand],
    ['fitted, out of fold', fitted],
    ['in force, in sample', inForce],
  ])
  console.log(text)
  if (page) fillPage('contacts.md', text)

  if (write) {
    const weights = fitContacts(cases, options)
    for (const feature of contactFeatureNames)
      console.log(
        `${feature.padEnd(16)}${String(priorContacts.weights[feature]).padStart(6)} -> ${weights.weights[feature]}`,
      )
    const before = JSON.parse(readFileSync(outPath, 'utf8')) as { thresholds: unknown }
    const provenance = { command: 'node bench/fit/fit-contacts.ts --write', cases: cases.length }
    writeFileSync(
      outPath,
      `${JSON.stringify({ provenance, thresholds: before.thresholds, ...weights }, null, 2)}\n`,
    )
  }
}
