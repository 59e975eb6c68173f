/** What an attack gives, and how much of each is tried. */
import { withProcesses } from './gannet.ts'

/** `smallest`: seconds, in `npm test`. `usual`: what the page shows. `full`: the counts that the project set itself. */
export type Level = 'smallest' | 'usual' | 'full'

/** One line of docs/reliability.md. */
export interface Attempt {
  readonly attack: string
  readonly tried: number
  /** What is counted in `tried`, as a plural: `kills`, `files`. */
  readonly of: string
  /** What held each time. In it and in `bound`, `{name}` stands for that figure. */
  readonly held: string
  /** What bounds it, and the largest that was measured. */
  readonly bound: string
  /** What did not hold, each with what makes it happen again. */
  readonly failed: readonly string[]
  /** What was counted, so that another run on the same code is added. Without any the newest run stands alone. */
  readonly figures?: Readonly<Record<string, number>>
  /** Names of figures of which the largest of all runs counts, and not the sum. */
  readonly most?: readonly string[]
}

export interface Ground {
  readonly level: Level
  /** An empty folder, gone afterwards. */
  readonly folder: string
  /** The count of a level. */
  readonly count: (counts: Readonly<Record<Level, number>>) => number
  readonly seed: number
  /** That the run was given; without an end where none was. */
  readonly minutes: number
  /** Whether this share of the time that the run was given (`--minutes`) has passed: nothing more is tried then. */
  readonly isOver: (share?: number) => boolean
  /** Whether this attack is asked for (`--only`): its name begins so. Others are {@link notTried}. */
  readonly asks: (attack: string) => boolean
  /** A line for who waits. */
  readonly say: (text: string) => void
}

export interface Part {
  readonly name: string
  /** What it attacks, as a sentence. */
  readonly doc: string
  /** How many the project asked for, by the first words of what is attacked. Fewer is a known miss. */
  readonly wanted?: Readonly<Record<string, number>>
  /** Files and folders that are attacked: what is counted on the same of them adds up. */
  readonly code?: readonly string[]
  readonly run: (ground: Ground) => Promise<readonly Attempt[]>
}

export const megabytes = (bytes: number): string => `${Math.round(bytes).toLocaleString('en-US')} MB`

export const seconds = (value: number): string =>
  value < 10 ? `${value.toFixed(1)} s` : `${Math.round(value).toLocaleString('en-US')} s`

/** The bound of what was not tried as the time was over. */
export const noTime = 'not tried: the time was over, or it was not asked for'

/** An attack that was not tried. */
export const notTried = (attack: string, of: string): Attempt => ({
  ...{ attack, tried: 0, of, held: 'nothing', bound: noTime, failed: [] },
})

/** The text with the figures in it. */
export const filled = (text: string, figures: Attempt['figures'] = {}): string =>
  text.replace(/\{(\w+)\}/g, (_, name: string) =>
    (figures[name] ?? 0).toLocaleString('en-US', { maximumFractionDigits: 2 }),
  )

/** Collects what did not hold, and goes on. */
export function createTrials() {
  const failed: string[] = []
  let tried = 0
  return {
    failed,
    tried: () => tried,
    /** One try: what it throws is kept under its name, and what it leaves running is killed. */
    async try(name: string, work: () => Promise<void> | void): Promise<void> {
      tried++
      try {
        await withProcesses(work)
      } catch (error) {
        failed.push(`${name}: ${error instanceof Error ? error.message : String(error)}`)
      }
    },
  }
}

/** Does them in order, two at a time: a process that starts waits for its disk much of the time. */
export async function twoAtATime<T>(works: readonly (() => Promise<T>)[]): Promise<T[]> {
  const done: T[] = []
  const next = works.entries()
  const lane = async () => {
    for (const [i, work] of next) done[i] = await work()
  }
  await Promise.all([lane(), lane()])
  return done
}

/** @throws Error with the text where something is not so. */
export function hold(isSo: boolean, otherwise: string): asserts isSo {
  if (!isSo) throw new Error(otherwise)
}
