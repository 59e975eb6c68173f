import { expect, it } from 'vitest'
import { describeWithData } from './shared-data.ts'
import { compareWithZeek } from './zeek-traces.ts'

describeWithData('conformance/zeek/cases.tsv', 'captures read as Zeek reads them', () => {
  it('gives the connections of Zeek’s own conn.log, and never fewer than before', async () => {
    const all = await compareWithZeek()
    const exact = all.filter(({ zeek, ours }) => zeek.length + ours.length === 0)
    const rows = all.reduce((sum, each) => sum + each.rows, 0)
    const lost = all.reduce((sum, { zeek }) => sum + zeek.length, 0)
    // The reasons for the rest: docs/reference/inputs-packets.md.
    expect(all).toHaveLength(126)
    expect(exact.length).toBeGreaterThanOrEqual(87)
    expect(rows - lost).toBeGreaterThanOrEqual(572)
  })
})
