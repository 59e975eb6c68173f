import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { openEmbedded } from '../../store/embedded.ts'
import { sql } from '../../store/sql.ts'
import type { Sink } from '../reader.ts'
import { createRejects } from '../rejects.ts'
import { layoutsIn } from './lines.ts'

it('reads the layouts with most records, and rejects records under others by number', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'gannet-lines-'))
  const store = await openEmbedded(folder)
  try {
    const rejects = createRejects()
    const sink = { rows: store.rows, rejects } as unknown as Sink
    // Layout `i` stands above line 10 i + 1 and has nine records, but the third has 4 and the last 19.
    const sections = Array.from({ length: 8 }, (_, i) => ({ from: 10 * i + 1, layout: `layout ${i}` }))
    const lines = sql`(SELECT number + 1 AS row, toString(number + 1) AS line FROM numbers(90))`
    const isRecord = sql`(row % 10 != 1 OR row = 81) AND row NOT IN (25, 26, 27, 28, 29)`

    const read = (most?: number) =>
      layoutsIn(sink, lines, { sections, records: 77, first: 2, isRecord, ...(most ? { most } : {}) })
    const named = (found: Awaited<ReturnType<typeof read>>) =>
      found.map(({ layout, records }) => [layout, records])

    expect(named(await read())).toHaveLength(8)
    expect(rejects.counts.size).toBe(0)
    expect(named(await read(3))).toEqual([
      ['layout 0', 9],
      ['layout 1', 9],
      ['layout 7', 19],
    ])
    expect(rejects.counts.get('unsupported')).toBe(4 + 4 * 9)
    expect(rejects.samples[0]).toMatchObject({ position: 22, sample: '22' })
  } finally {
    await store.close()
    rmSync(folder, { recursive: true, force: true })
  }
})
