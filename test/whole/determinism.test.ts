/**
 * Equal records give equal bytes: whatever the number of threads, the size of the engine's blocks, and the order of the
 * lines. Small blocks and early two-level aggregation make of a small campus what millions of flows make by themselves:
 * groups whose rows threads meet in any order.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { importInputs } from '../../src/capture/import/import.ts'
import { defaults } from '../../src/config.ts'
import { seeded } from '../../src/math/random.ts'
import { analyse } from '../../src/pipeline/index.ts'
import { simulate } from '../../src/simulate/index.ts'
import { openEmbedded } from '../../src/store/embedded.ts'
import { prepare } from '../../src/store/ledger.ts'

const folder = mkdtempSync(join(tmpdir(), 'gannet-determinism-'))
const [straight, shuffled] = [join(folder, 'straight'), join(folder, 'shuffled')]

const settings = {
  'one thread': ['max_threads = 1'],
  'four threads, small blocks': [
    'max_threads = 4',
    'max_block_size = 1000',
    'preferred_block_size_bytes = 20000',
    'group_by_two_level_threshold = 100',
    'group_by_two_level_threshold_bytes = 1000',
  ],
  'three threads, smaller blocks': ['max_threads = 3', 'max_block_size = 317'],
} as const

/** The answer and the figures with every C-flow, as text, without what names the input. */
async function bytesOf(records: string, under: readonly string[]): Promise<string> {
  const database = mkdtempSync(join(folder, 'db-'))
  const store = await openEmbedded(database)
  try {
    for (const setting of under) await store.run(`SET ${setting}`)
    await prepare(store)
    const { inputs } = await importInputs(store, [records], {})
    const { answer, figures } = await analyse(store, defaults, { version: '', inputs, progress: () => {} })
    const cflows = await store.rows(
      'SELECT * EXCEPT analysis FROM cflow ORDER BY epoch, client, server, serverPort, proto',
    )
    expect(cflows.length).toBeGreaterThan(1000)
    const text = JSON.stringify({ ...answer, inputs: [], figures, cflows }, null, 1)
    return text.replaceAll(answer.analysis.id, 'analysis')
  } finally {
    await store.close()
    rmSync(database, { recursive: true, force: true })
  }
}

/** The same lines in another order, below the same head. */
function shuffle(text: string): string {
  const lines = text.trimEnd().split('\n')
  const head = lines.filter((line) => line.startsWith('#') && !line.startsWith('#close'))
  const rows = lines.filter((line) => !line.startsWith('#'))
  const random = seeded('shuffle')
  for (let i = rows.length - 1; i > 0; i--) {
    const other = random.integer(i + 1)
    ;[rows[i], rows[other]] = [rows[other]!, rows[i]!]
  }
  return `${[...head, ...rows].join('\n')}\n`
}

describe('equal records give equal bytes', () => {
  let first: string
  beforeAll(async () => {
    const simulated = {
      ...{ scenario: 'campus-day', hosts: 40, days: 0.6, seed: 3 },
      ...{ bots: true, format: 'zeek' as const },
    }
    await simulate({ ...simulated, out: straight })
    rmSync(join(straight, 'truth.json'))
    await simulate({ ...simulated, out: shuffled })
    rmSync(join(shuffled, 'truth.json'))
    for (const file of readdirSync(shuffled))
      writeFileSync(join(shuffled, file), shuffle(readFileSync(join(shuffled, file), 'utf8')))
    first = await bytesOf(straight, settings['one thread'])
  }, 600_000)
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it('with many threads and small blocks', async () => {
    expect(await bytesOf(straight, settings['four threads, small blocks'])).toBe(first)
  })

  it('with the lines in another order', async () => {
    expect(await bytesOf(shuffled, settings['three threads, smaller blocks'])).toBe(first)
  })
})
