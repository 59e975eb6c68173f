import { globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Tests of whole processes take minutes each and come first: none of them is then the one that all wait for at the end. */
class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    const isWhole = ({ moduleId }: TestSpecification) => moduleId.includes('/test/whole/')
    return [...sorted.filter(isWhole), ...sorted.filter((each) => !isWhole(each))]
  }
}

/** Files that open the engine, start processes, or read real captures: seconds each, where others take milliseconds. */
const slow = [
  'src/store/embedded.ts',
  'test/shared-data.ts',
  'test/clickhouse-server.ts',
  'src/cli/program.ts',
]

const reaches = new Map<string, boolean>()

/** Whether a test gets to one of the slow files by its imports. */
function isSlow(path: string): boolean {
  if (slow.includes(path)) return true
  const known = reaches.get(path)
  if (known !== undefined) return known
  reaches.set(path, false)

  const text = readFileSync(path, 'utf8')
  const isRunning = path.endsWith('.test.ts') && /\bfrom 'node:(child_process|worker_threads)'/.test(text)
  const imports = [...text.matchAll(/(?:from|import\() ?'(\.[^']+\.ts)'/g)].map(([, to]) =>
    join(dirname(path), to ?? ''),
  )
  const found = isRunning || imports.some(isSlow)
  reaches.set(path, found)
  return found
}

const tests = globSync('{src,test,bench}/**/*.test.ts').filter((path) => !path.startsWith('test/whole/'))

const setupFiles = ['test/own-temporary.ts']

export default defineConfig({
  test: {
    pool: 'forks',
    // One more than the cores of a small machine: tests of whole processes wait a good part of their time.
    maxWorkers: 3,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    sequence: { sequencer: LongFirst },
    projects: [
      // They keep no state between files, and most of their time was the loading of the same modules.
      {
        extends: true,
        test: { name: 'unit', isolate: false, include: tests.filter((path) => !isSlow(path)) },
      },
      { extends: true, test: { name: 'engine', setupFiles, include: tests.filter(isSlow) } },
      {
        extends: true,
        test: { name: 'whole', setupFiles, include: ['test/whole/**/*.test.ts'], testTimeout: 600_000 },
      },
    ],
  },
})
