/** Columns made comparable before clustering. */
import { countOf, type Points } from './points.ts'
import { ascending, medianOf, quantile, variance } from './stats.ts'

/** What a column was shifted and divided by. */
interface ColumnScale {
  readonly center: number
  readonly spread: number
}

/**
 * log(1 + x), then a robust z-score a column: less the median, over the interquartile range divided by 1.349 (so that
 * a normal column gets unit variance). Where the quartiles are equal the standard deviation stands in; a constant
 * column becomes 0. The points are not changed.
 *
 * @throws RangeError on a value below 0.
 */
export const robustScaled = (points: Points): Points => robustScale(points)(points)

/** The same scale for other points of that width: what it takes from the columns is that of `points`. */
export function robustScale(points: Points): (others: Points) => Points {
  const logged = logarithms(points)
  const scales = Array.from({ length: points.width }, (_, column) => columnScale(logged, column))

  return (others) => {
    const scaled = others === points ? logged.values.slice() : logarithms(others).values
    scales.forEach(({ center, spread }, column) => {
      for (let i = column; i < scaled.length; i += points.width) scaled[i] = (scaled[i]! - center) / spread
    })
    return { values: scaled, width: points.width }
  }
}

function logarithms({ values, width }: Points): Points {
  const logged = new Float64Array(values.length)
  for (let i = 0; i < values.length; i++) {
    if (!(values[i]! >= 0)) throw new RangeError(`cannot take the logarithm of ${values[i]}`)
    logged[i] = Math.log1p(values[i]!)
  }
  return { values: logged, width }
}

/** Median and spread of one column; spread is 1 where the column is constant. */
export function columnScale(points: Points, column: number): ColumnScale {
  const { values, width } = points
  const sorted = ascending(
    Float64Array.from({ length: countOf(points) }, (_, i) => values[i * width + column]!),
  )
  const quartiles = (quantile(sorted, 0.75) - quantile(sorted, 0.25)) / 1.349
  return { center: medianOf(sorted), spread: quartiles > 1e-9 ? quartiles : deviationOf(sorted) || 1 }
}

function deviationOf(values: Float64Array): number {
  const deviation = Math.sqrt(variance(values))
  return deviation > 1e-9 ? deviation : 0
}
