declare const unit: unique symbol
type Unit<Name extends string> = number & { readonly [unit]: Name }

/** Whole microseconds: since the Unix epoch for an instant, elapsed for a span. Exact in a double until 2255. */
export type Micros = Unit<'microseconds'>

/** A share of the whole, from 0 to 1. */
export type Ratio = Unit<'ratio'>

/** @throws RangeError when `value` is not a safe integer. */
export function micros(value: number): Micros {
  if (!Number.isSafeInteger(value)) throw new RangeError(`not whole microseconds: ${value}`)
  return value as Micros
}

export const seconds = (value: number): Micros => micros(Math.round(value * 1e6))
export const hours = (value: number): Micros => seconds(value * 3600)

export const day: Micros = hours(24)
export const hour: Micros = hours(1)
export const minute: Micros = seconds(60)
export const second: Micros = seconds(1)

/** @throws RangeError when `value` is not from 0 to 1. */
export function ratio(value: number): Ratio {
  if (!(value >= 0 && value <= 1)) throw new RangeError(`not a ratio: ${value}`)
  return value as Ratio
}

/** Nearest ratio: below 0 is 0, above 1 is 1. */
export const clampRatio = (value: number): Ratio => ratio(Math.min(1, Math.max(0, value)))
