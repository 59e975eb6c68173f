/** Runs of the attack: what each was, and adding up what several tried on the same code. */
import { type Attempt, noTime } from './attempt.ts'

export interface Run {
  /** When it began, ISO 8601. */
  readonly at: string
  readonly command: string
  /** Of the moments and inputs: what the command says, and another for each earlier run on the same code. */
  readonly seed: number
  readonly seconds: number
  /** Mean of the load of the machine over one minute: processes that want a processor; null where nobody looked. */
  readonly load: number | null
  /** Of what is attacked, at this size of the inputs; null where it was changed since the commit. */
  readonly code: string | null
  readonly setting: {
    /** Day of the run, UTC. */
    readonly date: string
    readonly commit: string
    readonly machine: { readonly cores: number; readonly memoryGigabytes: number; readonly processor: string }
    readonly node: string
  }
}

/** A line of the page: what runs on the same code gave together. */
export interface Kept extends Attempt {
  readonly runs: readonly Run[]
}

export type Attacks = Readonly<Record<string, readonly Kept[]>>

const isOf = (code: string | null, { runs }: Kept): boolean =>
  code !== null && runs.every((run) => run.code === code)

/** Runs on this code that are kept. */
export function runsOn(code: string | null, kept: readonly Kept[]): number {
  const own = kept.filter((each) => isOf(code, each)).flatMap(({ runs }) => runs)
  return new Set(own.map(({ at }) => at)).size
}

/**
 * What is kept of an attack after one more run: both together where it was counted and the code is the same, else the
 * new one alone. What was not tried for want of time keeps what it has.
 */
export function withRun(attempt: Attempt, run: Run, kept: readonly Kept[]): Kept {
  const before = kept.find(({ attack }) => attack === attempt.attack)
  if (attempt.bound === noTime && before && before.tried > 0) return before
  if (!before?.figures || !attempt.figures || !isOf(run.code, before)) return { ...attempt, runs: [run] }

  return {
    ...attempt,
    tried: before.tried + attempt.tried,
    failed: [...before.failed, ...attempt.failed],
    figures: added(before.figures, attempt.figures, attempt.most ?? []),
    runs: [...before.runs, run],
  }
}

type Figures = NonNullable<Attempt['figures']>

/** By name the sum, or the larger where it is one of `most`. */
export function added(one: Figures, other: Figures, most: readonly string[]): Figures {
  const names = [...new Set([...Object.keys(one), ...Object.keys(other)])]
  const together = (name: string) => {
    const [a, b] = [one[name] ?? 0, other[name] ?? 0]
    return most.includes(name) ? Math.max(a, b) : a + b
  }
  return Object.fromEntries(names.map((name) => [name, together(name)]))
}
