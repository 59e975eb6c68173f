/**
 * The most that any model could give a trace of each simulated family: γ with every feature hit and clusters of
 * quality 1, so that only the trace's own spread counts. A trace under α can be found by no model.
 *
 *     node bench/detection/family-bounds.ts
 */

import { matchDefaults } from '../../src/traces/families/match.ts'
import { featureNames, quality } from '../../src/traces/features.ts'
import { markdownTable, percent } from '../row.ts'
import { simulatedSamples } from './families.ts'

const { alpha, beta } = matchDefaults
const middle = (values: readonly number[]) =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN

const rows = (await simulatedSamples(7)).map(({ family, features }) => {
  const of = (name: (typeof featureNames)[number]) =>
    features.map((each) =>
      Number.isNaN(each[name].mean) ? 0 : quality(each[name].mean, each[name].sd, beta),
    )
  const parts = featureNames.map(of)
  const bounds = features.map((_, i) => parts.reduce((sum, part) => sum + part[i]!, 0))
  return [
    family,
    ...parts.map((part) => middle(part).toFixed(2)),
    middle(bounds).toFixed(2),
    percent(bounds.filter((each) => each > alpha).length / bounds.length),
  ]
})
console.log(markdownTable(['Family', ...featureNames, 'sum', `over α ${alpha}`], rows))
