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
import { fittedContacts } from '../../src/traces/contacts/judge.ts'
import { fillPage } from '../row.ts'
import { contactCases } from './contacts/cases.ts'
import { outcomeOf, outOfFold } from './contacts/folds.ts'
import { fitContacts } from './contacts/model.ts'
import { fitOptions, priorContacts } from './contacts/options.ts'
import { contactsPage } from './contacts/page.ts'

const outPath = fileURLToPath(new URL('../../src/traces/contacts/weights.json', import.meta.url))

if (import.meta.main) {
  const [fresh, write, page] = ['--fresh', '--write', '--page'].map((flag) => process.argv.includes(flag))
  const cases = await contactCases(fresh)
  const fitted = outOfFold(cases, fitOptions)
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
    const weights = fitContacts(cases, fitOptions)
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
