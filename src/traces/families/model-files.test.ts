import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type FamilyModel, modelFormat, writeModel } from './family-model.ts'
import { type Calibration, calibrationFile, calibrationFormat, readModels } from './model-files.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gannet-models-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const model = (family: string, used = 3): FamilyModel => ({
  format: modelFormat,
  family,
  provenance: { from: ['a.log'], traces: 4, used, minCalls: 10, beta: 2.5, minQuality: 0.3 },
  features: { interval: [], duration: [], sent: [], received: [], frequency: [] },
})
const put = (name: string, content: string) => writeFileSync(join(folder, name), content)
const calibration = (models: Calibration['models']) =>
  JSON.stringify({ format: calibrationFormat, alpha: 2, minHits: 3, models })

describe('readModels', () => {
  it('reads every model, by family, and a calibration that is for them', async () => {
    put('z.json', writeModel(model('Able')))
    put('a.json', writeModel(model('Baker')))
    put('notes.txt', 'not a model')
    const { hashes } = await readModels(folder)
    put(calibrationFile, calibration(hashes))
    const read = await readModels(folder)
    expect(read.models.map(({ family }) => family)).toEqual(['Able', 'Baker'])
    expect(read).toMatchObject({ calibration: { alpha: 2 }, stale: false })
  })

  it.each([
    { what: 'changed', act: () => put('a.json', writeModel(model('Able', 2))) },
    { what: 'added', act: () => put('b.json', writeModel(model('Baker'))) },
  ])('sets the calibration aside when a model was $what', async ({ act }) => {
    put('a.json', writeModel(model('Able')))
    put(calibrationFile, calibration((await readModels(folder)).hashes))
    act()
    expect(await readModels(folder)).toMatchObject({ calibration: null, stale: true })
  })

  it.each([
    { what: 'no model', act: () => {}, says: /holds no model/ },
    { what: 'a file that is none', act: () => put('a.json', '{}'), says: /a\.json: not of the format/ },
    {
      what: 'a family twice',
      act: () => {
        put('a.json', writeModel(model('Able')))
        put('b.json', writeModel(model('Able', 2)))
      },
      says: /of Able too/,
    },
    {
      what: 'a calibration that is none',
      act: () => {
        put('a.json', writeModel(model('Able')))
        put(calibrationFile, '{"format":"other"}')
      },
      says: /calibration\.json: not of the format/,
    },
  ])('refuses a folder with $what', async ({ act, says }) => {
    act()
    await expect(readModels(folder)).rejects.toMatchObject({
      code: 'model-invalid',
      message: expect.stringMatching(says),
    })
  })

  it('refuses a folder that is not there', async () => {
    await expect(readModels(join(folder, 'none'))).rejects.toMatchObject({ code: 'model-invalid' })
  })
})
