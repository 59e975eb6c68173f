import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { describeWithData } from './shared-data.ts'
import { zeekSection } from './zeek-page.ts'
import { whyUnlike } from './zeek-reasons.ts'
import { compareWithZeek } from './zeek-traces.ts'

const page = readFileSync(
  fileURLToPath(new URL('../docs/reference/conformance-packets.md', import.meta.url)),
  'utf8',
)

describeWithData('conformance/zeek/cases.tsv', 'captures read as Zeek reads them', () => {
  it('gives the connections of Zeek’s own conn.log; what differs has its reason, and the page says so', async () => {
    const found = await compareWithZeek()
    const unlike = found.compared.filter(({ zeek, ours }) => zeek.length + ours.length > 0)
    expect(unlike.map(({ name }) => name).toSorted()).toEqual(Object.keys(whyUnlike).toSorted())
    expect(found.compared.length + found.uncompared.length).toBe(183)
    expect(page).toContain(zeekSection(found))
  })
})
