/** What the fit of the weights of contacts starts from and is drawn to. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { ContactWeights } from '../../../src/traces/contacts/judge.ts'

export const priorContacts = JSON.parse(
  readFileSync(fileURLToPath(new URL('../prior-contacts.json', import.meta.url)), 'utf8'),
) as ContactWeights

/**
 * Ridge and caution by the figures out of fold, of four pairs that were tried: (0.003, 1.5), (0.003, 2.5), (0.01, 2)
 * and, before the campus had implants, (0.002 to 0.06, 1 and 2). `crowd` came out at -4.8: the office then lost three
 * of its C&C for as many log odds as its clean hosts, so that it was raised until the latter stood where they had stood
 * before.
 */
export const fitOptions = { prior: priorContacts, ridge: 0.01, caution: 2, settled: { crowd: -3.9 } } as const
