/** The logistic function: the probability that belongs to log odds `x`, from 0 to 1. */
export const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x))
