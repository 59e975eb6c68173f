/** Kinds of callers: one thing varies at a time, so that a curve can be drawn over it. */

/** Which way jitter goes: `both` sleeps P ± j·P, `longer` P + j·P at most, `shorter` P − j·P at least. */
export type Skew = 'both' | 'longer' | 'shorter'

export interface Kind {
  readonly over: 'jitter' | 'calls' | 'period'
  /** Seconds. */
  readonly period: number
  /** Share of the period by which an interval is off, at most. */
  readonly jitter: number
  readonly skew: Skew
  /** Calls in all; as many as fit in where none is given. */
  readonly calls: number | null
}

const usual = { period: 300, jitter: 0.3, calls: null, skew: 'both' } as const

const over = (what: Kind['over'], rest: readonly Partial<Kind>[]): Kind[] =>
  rest.map((each) => ({ ...usual, over: what, ...each }))

/** The curve at ±30 %, and two points of it without jitter and with much. */
const beside = <K extends 'calls' | 'period'>(
  what: K,
  all: readonly number[],
  some: readonly number[],
): Kind[] =>
  over(what, [
    ...all.map((each) => ({ [what]: each })),
    ...[0, 0.6].flatMap((jitter) => some.map((each) => ({ jitter, [what]: each }))),
  ])

export const kinds: readonly Kind[] = [
  ...over(
    'jitter',
    [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6].map((jitter) => ({ jitter })),
  ),
  ...(['longer', 'shorter'] as const).flatMap((skew) =>
    over(
      'jitter',
      [0.2, 0.4, 0.6].map((jitter) => ({ jitter, skew })),
    ),
  ),
  ...beside('calls', [5, 10, 20, 40, 80, 160], [20, 80]),
  ...beside('period', [10, 60, 300, 900, 1800, 3600, 7200], [60, 3600]),
]

/** Fewest calls that a kind is worth drawing with. */
const fewest = 5

/** Whether it fits into this many seconds. */
export const fits = ({ period, calls }: Kind, span: number): boolean =>
  period * (calls ?? fewest) <= 0.9 * span
