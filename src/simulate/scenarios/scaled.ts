import { UserError } from '../../errors.ts'
import type { Habit, Infection, Population, Scenario } from '../scenario.ts'

export interface Size {
  /** Machines in all, servers among them. */
  readonly hosts?: number
  readonly days?: number
}

/**
 * A scenario made larger, smaller or longer.
 *
 * Populations grow alike, servers stay and get more to do; botnets shrink with a smaller network (to two bots at the
 * least) and do not grow with a larger one. The hours in which bots arrive move with the length.
 *
 * @throws UserError `option-invalid` where so few hosts are no network of this kind.
 */
export function scaled(scenario: Scenario, { hosts, days }: Size): Scenario {
  const hours = days === undefined ? scenario.hours : Math.round(days * 24)
  const botnets = scenario.botnets.map((each) => moved(each, hours / scenario.hours))
  if (hosts === undefined) return { ...scenario, hours, botnets }
  const sum = (of: readonly Population[]) => of.reduce((all, { count }) => all + count, 0)
  const kept = sum(scenario.populations.filter(({ fixed }) => fixed))
  const factor = (hosts - kept) / (sum(scenario.populations) - kept)

  if (!(factor > 0))
    throw new UserError(
      'option-invalid',
      `${hosts} hosts are too few for ${scenario.name}, which has ${kept} servers`,
      `Give at least ${kept + 10}.`,
    )

  const grown = (habit: Habit): Habit => (habit.grows ? growing(habit, factor) : habit)

  return {
    ...scenario,
    hours,
    populations: scenario.populations.map((each) => ({
      ...each,
      count: each.fixed ? each.count : countOf(each, factor),
      habits: each.habits.map(grown),
    })),
    surroundings: scenario.surroundings.map(grown),
    botnets: botnets.map((each) => shrunk(each, factor)),
  }
}

/** Whole groups behind one address. */
const countOf = ({ count, behind = 1 }: Population, factor: number): number =>
  Math.max(1, Math.round((count * factor) / behind)) * behind

const growing = ({ options = {}, ...habit }: Habit, factor: number): Habit => ({
  ...habit,
  options: Object.fromEntries(
    Object.entries(options).map(([name, value]) => [
      name,
      /perHour$/i.test(name) && typeof value === 'number' ? value * factor : value,
    ]),
  ),
})

const moved = ({ arrives, ...infection }: Infection, factor: number): Infection =>
  arrives ? { ...infection, arrives: [arrives[0] * factor, arrives[1] * factor] } : infection

const shrunk = (infection: Infection, factor: number): Infection => ({
  ...infection,
  size: Math.max(2, Math.round(infection.size * Math.min(1, factor))),
})
