/** Cases judged by weights that were fitted without their family and without their network. */
import { createHash } from 'node:crypto'
import { type ContactWeights, logOddsOf } from '../../../src/traces/contacts/judge.ts'
import type { ContactSample } from '../../samples/contact-samples.ts'
import type { ContactCase } from './cases.ts'
import { type FitOptions, fitContacts } from './model.ts'

/** What weights say of one case, in log odds. */
export interface Outcome {
  readonly of: ContactCase
  /** Most suspicious contact of an infected host, of any host of a clean case, of the honest program itself. */
  readonly top: number
  /** Whether that contact is C&C by the truth; null where there is none to find. */
  readonly topIsCnc: boolean | null
  /** Rank of the C&C among the contacts of its host; null where it is not among them. */
  readonly rank: number | null
  /** Of clean hosts beside infected ones. */
  readonly other: number
}

export function outcomeOf(of: ContactCase, weights: ContactWeights): Outcome {
  const odds = new Map(of.samples.map((sample) => [sample, logOddsOf(sample.features, weights)]))
  const bySuspicion = (all: readonly ContactSample[]) => all.toSorted((a, b) => odds.get(b)! - odds.get(a)!)
  const best = ([first]: readonly ContactSample[]) => (first ? odds.get(first)! : -20)

  const bots = of.samples.filter(({ bot }) => bot)
  const looked = bySuspicion(of.infected ? bots : of.kind === 'honest' ? of.samples.slice(0, 1) : of.samples)
  const places = [...Map.groupBy(bots, ({ host }) => host).values()]
    .map((own) => bySuspicion(own).findIndex(({ cnc }) => cnc) + 1)
    .filter((place) => place > 0)

  return {
    of,
    top: best(looked),
    topIsCnc: of.infected ? (looked[0]?.cnc ?? false) : null,
    rank: places.length > 0 ? Math.min(...places) : null,
    other: best(bySuspicion(of.samples.filter(({ bot }) => !bot))),
  }
}

const folds = 6

/** Names under which captures, cases and profiles have the same malware. */
const relatives: readonly (readonly [RegExp, string])[] = [
  [/^cs(-|$)|cobalt/, 'cobalt-strike'],
  [/geodo|emotet/, 'emotet'],
  [/^amd$|androidtester|androrat|android/, 'android-rat'],
  [/telegram|slack|gc2|discord|chat-bot/, 'chat-bot'],
  [/irc/, 'irc'],
  [/agent-of-a-vendor|elastic|azure-agent/, 'agent-of-a-vendor'],
  [/manx|inner-server|apt29/, 'inner-server'],
  [
    /^(mythic|remcos|dridex|icedid|trickbot|meterpreter|sliver|doh|dnscat|empire|iot-blink|d-link|edimax|ednet|wemo)/,
    '',
  ],
]

/** The family that every relative is of. */
function relatedOf(name: string): string {
  for (const [pattern, related] of relatives) {
    const found = pattern.exec(name)
    if (found) return related === '' ? found[0] : related
  }
  return name
}

/** The fold of a family or a network, by its name alone. */
export const foldOf = (name: string): number =>
  createHash('sha256')
    .update(`fold ${relatedOf(name)}`)
    .digest()[0]! % folds

/** The cases judged by each other: no weight has seen the family or the network of the case that it judges. */
export function outOfFold(cases: readonly ContactCase[], options: FitOptions): Outcome[] {
  const placed = cases.map((of) => ({
    of,
    family: foldOf(of.family),
    // The office is a fold by itself: all its cases share one background.
    network: of.network === 'office' ? folds : foldOf(of.network),
  }))
  const groups = [...Map.groupBy(placed, ({ family, network }) => `${family} ${network}`).values()]

  return groups.flatMap((group) => {
    const { family, network } = group[0]!
    const others = placed.filter((each) => each.family !== family && each.network !== network)
    const weights = fitContacts(
      others.map(({ of }) => of),
      options,
    )
    return group.map(({ of }) => outcomeOf(of, weights))
  })
}
