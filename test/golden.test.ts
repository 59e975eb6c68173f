/** One folder a case: README.md says what it proves, input.* is read, expected.ndjson is what must come out. */
import { globSync } from 'node:fs'
import { basename, dirname, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readerFor } from '../src/capture/index.ts'
import { openInput } from '../src/capture/input.ts'
import { openReading, type Reading } from './contracts/reading.ts'

const here = fileURLToPath(new URL('.', import.meta.url))
const inputs = globSync(`${here}golden/*/input.*`).sort()

describe('golden inputs', () => {
  let reading: Reading
  beforeAll(async () => {
    reading = await openReading()
  })
  afterAll(() => reading.close())

  it('are there, each with a README', () => {
    expect(inputs.length).toBeGreaterThan(3)
    expect(inputs.filter((path) => globSync(`${dirname(path)}/README.md`).length === 0)).toEqual([])
  })

  it.each(inputs.map((path) => [relative(here, path), path] as const))(
    '%s gives what it gave before',
    async (_, path) => {
      const reader = readerFor((await openInput(path)).head)
      if (!reader) throw new RangeError(`no reader for ${path}`)
      const { rows, rejects, samples } = await reading.readPath(reader, path, basename(path))
      const out = [{ reader: reader.name }, ...rows, { rejects, samples }]
      const text = `${out.map((each) => JSON.stringify(each)).join('\n')}\n`
      await expect(text).toMatchFileSnapshot(`${dirname(path)}/expected.ndjson`)
    },
  )
})
