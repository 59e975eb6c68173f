/** Values from 0 to 1. */

/** Held between 0 and 1; 0 for what is not known. */
export const unit = (value: number): number => (Number.isNaN(value) ? 0 : Math.min(1, Math.max(0, value)))

/** 0 at `zero` and 1 at `one`, even steps of the logarithm. */
export const logScale = (value: number, zero: number, one: number): number =>
  unit(Math.log(Math.max(value, 1e-9) / zero) / Math.log(one / zero))

/** From 0, a desktop or a few machines, to 1, a network whose other hosts say what is customary there. */
export const networkScale = (hosts: number): number => logScale(hosts, 3, 30)

/** Of a column without what is not known. */
export const sumOf = (column: Float64Array): number => column.reduce((sum, each) => sum + (each || 0), 0)
