/** A scenario's connections, one after the other. */

import { UserError } from '../errors.ts'
import { type Built, build } from './build.ts'
import type { Exchange } from './exchange.ts'
import type { Scenario } from './scenario.ts'
import { scenarios } from './scenarios/index.ts'
import { paperDay, paperDayDoc } from './scenarios/paper-day.ts'
import { type Size, scaled } from './scenarios/scaled.ts'
import type { Records } from './simulated-records.ts'
import { type Order, readAnew } from './timeline.ts'

/** What can be asked for by name. */
export const scenarioList: readonly { readonly name: string; readonly doc: string }[] = [
  ...scenarios.map(({ name, doc }) => ({ name, doc })),
  { name: 'paper-day', doc: paperDayDoc },
]

export interface RecordOptions extends Size {
  /** False leaves the botnets out; the benign records stay the same, to the byte. */
  readonly bots?: boolean
  readonly order?: Order
}

/**
 * The connections of a scenario, in order, made while they are read; what waits is what is open at that moment.
 *
 * A scenario is one of the list by name, or any data of its form.
 *
 * @throws UserError `scenario-invalid` where there is no such scenario, or its data names what does not exist.
 */
export function recordsOf(
  scenario: string | Scenario,
  seed: number,
  { bots = true, order = 'by-end', hosts, days }: RecordOptions = {},
): Records {
  if (!Number.isSafeInteger(seed))
    throw new UserError(
      'option-invalid',
      `the seed ${seed} is not a whole number`,
      'Give a whole number, such as 7.',
    )

  if (scenario === 'paper-day') {
    if (hosts !== undefined || days !== undefined)
      throw new UserError('option-invalid', 'paper-day has a fixed size', 'Leave out --hosts and --days.')
    return paperDay(seed)
  }

  const plan = typeof scenario === 'string' ? scenarios.find(({ name }) => name === scenario) : scenario

  if (!plan) {
    throw new UserError(
      'scenario-invalid',
      `no scenario is called ${scenario}`,
      `Use one of: ${scenarioList.map(({ name }) => name).join(', ')}.`,
    )
  }

  const built = build(
    scaled(plan, { ...(hosts === undefined ? {} : { hosts }), ...(days === undefined ? {} : { days }) }),
    seed,
    { bots },
  )
  const sources = [...built.benign, ...built.malicious]
  const { from, to } = built.truth

  return {
    records: hostSummaryOf(readAnew(sources, { from, to, order }), built.sees),
    truth: built.truth,
    ...(plan.authorities ? { authorities: true } : {}),
  }
}

/** Connections of which the sensor sees a side. */
const hostSummaryOf = (records: Iterable<Exchange>, sees: Built['sees']): Iterable<Exchange> =>
  sees === null
    ? records
    : {
        *[Symbol.iterator]() {
          for (const each of records) if (sees(each.client) || sees(each.server)) yield each
        },
      }
