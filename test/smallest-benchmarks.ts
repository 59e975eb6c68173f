/** Benchmarks in their smallest forms: each still runs to its end, checks its result and gives rows. Nothing is written. */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { type Benchmark, benchmarks } from '../bench/index.ts'
import { describeWithData } from './shared-data.ts'

const main = fileURLToPath(new URL('../bench/main.ts', import.meta.url))

/** What `npm run bench` prints with these words. */
export async function benched(...words: string[]): Promise<string> {
  return (await promisify(execFile)(process.execPath, [main, ...words], { maxBuffer: 1 << 26 })).stdout
}

/** A test of each of these benchmarks; those that read real captures are skipped where there are none. */
export function theyRun(asked: readonly Benchmark[]): void {
  const runs = (own: readonly Benchmark[]) =>
    it.each(own.map(({ name }) => name))(
      '%s runs in its smallest form',
      async (name) => {
        const printed = await benched(name, '--smallest')
        expect(printed.split('\n').filter((line) => line.startsWith('  ')).length).toBeGreaterThan(0)
      },
      240_000,
    )

  runs(asked.filter(({ readsShared }) => !readsShared))
  const ofCaptures = asked.filter(({ readsShared }) => readsShared)
  if (ofCaptures.length > 0)
    describeWithData('truth.json', 'benchmarks on real captures', () => runs(ofCaptures))
}

/** Where those of speed and of clusters begin in the list; those of detection are before. */
export const firstOfSpeed = benchmarks.findIndex(({ name }) => name === 'threat-lists')
