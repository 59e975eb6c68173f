/**
 * A model against bots of its family that randomise what they do after it was made. BotFinder, section on
 * evolution.
 */
import { seeded } from '../../src/math/random.ts'
import type { FamilySamples } from '../../src/traces/families/cross-validate.ts'
import { matchFamilies } from '../../src/traces/families/match.ts'
import { trainFamily } from '../../src/traces/families/train.ts'
import { type Features, featuresOf } from '../../src/traces/features.ts'
import type { Row } from '../row.ts'
import { traceOf } from '../samples/implants.ts'

interface Evasion {
  /** Each interval is off by up to this share. */
  readonly intervals: number
  /** Each size grows by up to this share. */
  readonly padding: number
}

const traces = 50

/** Bots as the first of the samples on average, but for the evasion. */
export function evasion({ family, features }: FamilySamples): Row[] {
  const model = trainFamily({ family, from: ['simulated'], given: features.length, minCalls: 10, features })
  const like = features[0]!
  const row = (name: string, evade: Evasion): Row => {
    const list = Array.from({ length: traces }, (_, i) => evading(like, evade, i))
    return {
      name: `${family}, ${name}`,
      figure: list.filter((each) => matchFamilies(each, [model]).length > 0).length / traces,
      unit: 'found',
      asserted: `${traces} traces of 60 calls, alpha 1.75, 3 hits`,
    }
  }
  return [
    ...[0, 0.25, 0.5, 1].map((share) =>
      row(`intervals randomised by ${share * 100} %`, { intervals: share, padding: 0 }),
    ),
    ...[0.1, 0.5, 1, 4].map((share) =>
      row(`sizes padded by up to ${share * 100} %`, { intervals: 0, padding: share }),
    ),
    row('both by 100 %', { intervals: 1, padding: 1 }),
  ]
}

function evading(like: Features, { intervals, padding }: Evasion, number: number): Features {
  const random = seeded('evasion').split(number)
  let at = 0
  const calls = Array.from({ length: 60 }, () => {
    at += like.interval.mean * (1 + Math.max(0.02, intervals) * (2 * random.next() - 1))
    return {
      at,
      duration: like.duration.mean * (0.9 + 0.2 * random.next()),
      sent: Math.round(like.sent.mean * (1 + padding * random.next())),
      received: Math.round(like.received.mean * (1 + padding * random.next())),
      answered: true,
    }
  })
  return featuresOf(traceOf(calls, { client: '-', port: 80, first: 1.7e15, name: null, number }))
}
