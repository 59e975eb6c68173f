/** A family model as a person reads it: each cluster on a line of the feature's values. */

import { type FeatureName, featureNames, featureUnits } from '../features.ts'
import type { FamilyModel, FeatureCluster } from './family-model.ts'

const width = 40

const short = (value: number): string => (value === 0 ? '0' : String(Number(value.toPrecision(3))))

/**
 * The model, with a picture of each feature: a logarithmic axis, `#` where a cluster reaches (two standard deviations,
 * at least 5 % of its mean), `|` at its mean.
 */
export function modelText({ family, provenance, features }: FamilyModel): string {
  const { from, traces, used, minCalls, beta, minQuality, made } = provenance
  return [
    `${family}: ${used} of ${traces} traces of at least ${minCalls} calls`,
    `  from     ${from.join(', ')}`,
    ...(made ? [`  made     ${made.at} by gannet ${made.version}`] : []),
    `  drawn    |mean|, reach #; logarithmic; beta ${beta}, quality at least ${minQuality}`,
    ...featureNames.flatMap((name) => ['', ...featureText(name, features[name])]),
    '',
  ].join('\n')
}

function featureText(name: FeatureName, clusters: readonly FeatureCluster[]): string[] {
  const unit = featureUnits[name]
  if (clusters.length === 0) return [`  ${name}: no values that lie together`]
  const axis = axisOf(clusters)
  return [
    `  ${name}, ${short(axis.low)} to ${short(axis.high)} ${unit}`,
    ...clusters.map((each) => {
      const { mean, sd, size, quality } = each
      return (
        `    ${bar(each, axis)}  ${short(mean)} ± ${short(sd)} ${unit}, ` +
        `${size} ${size === 1 ? 'trace' : 'traces'}, quality ${quality.toFixed(2)}`
      )
    }),
  ]
}

interface Axis {
  readonly low: number
  readonly high: number
}

const reach = ({ mean, sd }: FeatureCluster): [number, number] => {
  const side = Math.max(2 * sd, 0.05 * mean)
  return [Math.max(mean - side, mean / 100), mean + side]
}

/** At least a decade, whole powers of ten. */
function axisOf(clusters: readonly FeatureCluster[]): Axis {
  const ends = clusters.flatMap(reach).filter((each) => each > 0)
  if (ends.length === 0) return { low: 0, high: 1 }
  const low = 10 ** Math.floor(Math.log10(Math.min(...ends)))
  return { low, high: Math.max(10 * low, 10 ** Math.ceil(Math.log10(Math.max(...ends)))) }
}

function bar(cluster: FeatureCluster, { low, high }: Axis): string {
  const at = (value: number) => {
    if (!(value > 0) || !(low > 0)) return 0
    const share = Math.log(value / low) / Math.log(high / low)
    return Math.min(width - 1, Math.max(0, Math.round(share * (width - 1))))
  }
  const [from, to] = reach(cluster).map(at) as [number, number]
  const mean = at(cluster.mean)
  return Array.from({ length: width }, (_, i) => (i === mean ? '|' : i >= from && i <= to ? '#' : '.')).join(
    '',
  )
}
