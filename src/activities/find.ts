/** Runs the rules of the A-plane over one epoch. */
import { UserError } from '../errors.ts'
import type { Activity } from '../model/activity.ts'
import type { Scope } from '../model/networks.ts'
import type { Store } from '../store/store.ts'
import type { Options, Rule, RuleScope } from './activity.ts'
import { withAttempts } from './attempts.ts'
import { rules } from './rules.ts'
import { servingHosts } from './servers.ts'
import { type Survey, surveyOf } from './survey.ts'

/** Hosts whose work is an activity, named by the user. */
export interface Excuses {
  /** Mail servers although the records do not show it. */
  readonly mailServers?: readonly string[]
  /** Scanners of the site: vulnerability scans, monitoring. */
  readonly scanners?: readonly string[]
}

export interface FoundActivities {
  /** By rule in the order of the list, then by host. */
  readonly activities: readonly Activity[]
  /** What these records cannot show, and why; each once. */
  readonly blind: readonly string[]
}

/**
 * Every activity of every internal host in the scope. `thresholds` are by `rule.option`, such as
 * `horizontal-scan.serversInHour`, over the defaults of the rules; `survey` is of the scope.
 * @throws UserError option-invalid as `checkThresholds` does.
 */
export async function findActivities(
  store: Store,
  scope: Scope,
  given: Readonly<Record<string, number>> = {},
  survey?: Survey,
): Promise<FoundActivities> {
  const thresholds = thresholdsOf(given)
  const seen = survey ?? (await surveyActivities(store, [scope], given)).get(scope.from)!
  const sees = (rule: Rule<Options>) => rule.reads.some((record) => seen.records.has(record))
  const asked = rules.filter((rule) => sees(rule) && seen.mayFire.has(rule.name))
  const optionsOf = (rule: Rule<Options>) => thresholds.get(rule.name) ?? rule.defaults
  const blind = rules.filter((rule) => !sees(rule)).map((rule) => rule.blind)
  return {
    activities: await activitiesOf(store, scope, asked, optionsOf),
    blind: [...new Set([...blind, ...seen.unsaid])],
  }
}

/** Rows of the rules, in the order of the rules. */
async function activitiesOf(
  store: Store,
  scope: Scope,
  asked: readonly Rule<Options>[],
  optionsOf: (rule: Rule<Options>) => Options,
): Promise<Activity[]> {
  const rowsOf = async (own: RuleScope) => {
    const rows: Activity[] = []
    for (const rule of asked) rows.push(...(await store.rows<Activity>(rule.query(own, optionsOf(rule)))))
    return rows
  }

  const needs = asked
    .filter(({ readsAttempts }) => readsAttempts)
    .flatMap((rule) => rule.needs?.(scope, optionsOf(rule)) ?? [])
  const serving = asked.some(({ sparesServers }) => sparesServers) ? await servingHosts(store, scope) : null
  const own = serving ? { ...scope, serving } : scope
  return needs.length === 0 ? rowsOf(own) : withAttempts(store, own, needs, rowsOf)
}

/**
 * What the epochs hold and which rules may fire in each, by the beginning of the epoch.
 * @throws UserError option-invalid as `checkThresholds` does.
 */
export function surveyActivities(
  store: Store,
  epochs: readonly Scope[],
  given: Readonly<Record<string, number>> = {},
): Promise<ReadonlyMap<number, Survey>> {
  const thresholds = thresholdsOf(given)
  return surveyOf(store, epochs, (rule) => thresholds.get(rule.name) ?? rule.defaults)
}

/** The activities without those that the excused are there for. */
export const excuse = (
  activities: readonly Activity[],
  { mailServers = [], scanners = [] }: Excuses,
): Activity[] =>
  activities.filter(
    ({ type, host }) =>
      !(type === 'spam' && mailServers.includes(host)) && !(type === 'scan' && scanners.includes(host)),
  )

/**
 * Checks thresholds that a user gave, by `rule.option`.
 * @throws UserError option-invalid for a threshold that no rule has, or that is negative or no number.
 */
export function checkThresholds(given: Readonly<Record<string, number>>): void {
  const known = rules.flatMap((rule) => Object.keys(rule.defaults).map((option) => `${rule.name}.${option}`))

  for (const [option, value] of Object.entries(given)) {
    if (!known.includes(option))
      throw new UserError(
        'option-invalid',
        `no activity rule has ${option}`,
        `Give one of: ${known.join(', ')}.`,
      )
    if (!(value >= 0 && Number.isFinite(value)))
      throw new UserError('option-invalid', `${option} is ${value}`, 'Give a number that is not negative.')
  }
}

/** Options of each rule, the given ones over the defaults. */
function thresholdsOf(given: Readonly<Record<string, number>>): ReadonlyMap<string, Options> {
  checkThresholds(given)
  return new Map(rules.map((rule) => [rule.name, optionsOf(rule, given)]))
}

const optionsOf = (rule: Rule<Options>, given: Readonly<Record<string, number>>): Options =>
  Object.fromEntries(
    Object.entries(rule.defaults).map(([option, value]) => [
      option,
      given[`${rule.name}.${option}`] ?? value,
    ]),
  )
