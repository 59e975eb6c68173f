/** Samples to models, models to a line, both to findings: each by its command. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Answer } from '../../src/model/answer.ts'
import type { Truth } from '../../src/model/truth.ts'
import type { FamilyModel } from '../../src/traces/families/family-model.ts'
import type { Calibration } from '../../src/traces/families/model-files.ts'
import { checkAnswer } from '../contracts/answer.ts'
import { connLog } from '../fixtures/written-logs.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const scratch = mkdtempSync(join(tmpdir(), 'gannet-models-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

function gannet(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(join(root, 'gannet'), args, {
    encoding: 'utf8',
    maxBuffer: 64e6,
  })
  return { code: status, out: stdout, err: stderr }
}

const folder = join(scratch, 'models')
const sandbox = join(scratch, 'sandbox')
const records = join(scratch, 'samples.log')
const clean = join(scratch, 'clean.log')
const read = <T>(path: string) => JSON.parse(readFileSync(path, 'utf8')) as T
const truth = () => read<Truth>(join(sandbox, 'truth.json')).botnets
const inside = ['--internal', '10.60.0.0/16']
const train = (family: string, botnets: readonly string[], ...more: string[]) =>
  gannet(
    ...['train', '--family', family, '--from', records, ...inside, '--out', join(folder, `${family}.json`)],
    ...truth()
      .filter(({ id }) => botnets.includes(id))
      .flatMap(({ cnc }) => ['--cnc', cnc[0]!.replace('/tcp', '')]),
    ...more,
  )
const families = (answer: Answer) => answer.findings.filter(({ kind }) => kind === 'family')
const analysed = (...more: string[]) => {
  const { out, err } = gannet('run', records, ...inside, '--models', folder, '--json', ...more)
  expect(err).toBe('')
  return JSON.parse(out) as Answer
}

beforeAll(() => {
  expect(gannet('simulate', '--scenario', 'family-samples', '--seed', '7', '--out', sandbox).code).toBe(0)
  writeFileSync(clean, connLog(0, 400))
  const bots = new Set(
    truth()
      .filter(({ family }) => family === 'Banbra' || family === 'Sasfis')
      .flatMap(({ hosts }) => hosts),
  )
  const lines = readFileSync(join(sandbox, 'conn.log'), 'utf8').split('\n')
  const kept = lines.filter((line) => line.startsWith('#') || bots.has(line.split('\t')[2]!))
  writeFileSync(records, kept.join('\n'))
})

describe('models', () => {
  it('are trained from records, and say from which', () => {
    const { code, out, err } = train('Banbra', ['banbra-1', 'banbra-2', 'banbra-3'])
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toMatch(/Banbra: 21 of 44 traces of at least 10 calls/)
    expect(out).toMatch(/interval, .*\n.*#?\|#?.*quality/)
    const { provenance } = read<FamilyModel>(join(folder, 'Banbra.json'))
    expect(provenance).toMatchObject({ traces: 44, used: 21, minCalls: 10, beta: 2.5 })
    expect(provenance.made?.inputs).toMatchObject([{ sha256: expect.stringMatching(/^[0-9a-f]{64}$/) }])
    expect(provenance.made?.options).toMatchObject({ internal: ['10.60.0.0/16'] })
    expect(train('Sasfis', ['sasfis-1', 'sasfis-2', 'sasfis-3', 'sasfis-4']).code).toBe(0)
  })

  it('leave out what clean hosts use too', () => {
    const { code, err } = train('Echo', ['banbra-1'], '--benign', records)
    expect(code).toBe(2)
    expect(err).toMatch(/no trace of Echo alone has at least 10 calls/)
  })

  it('are listed, shown, compared and cross-validated', () => {
    expect(gannet('models', 'list', '--models', folder).out).toMatch(
      /^Banbra: 21 traces.*\nSasfis: 16 traces.*\n.*not calibrated/,
    )
    expect(gannet('models', 'show', 'Sasfis', '--models', folder).out).toMatch(/^Sasfis: 16 of 44 traces/)
    expect(gannet('models', 'compare', 'Banbra', 'Banbra', '--models', folder).out).toMatch(
      /interval 100%.*sent 100%/,
    )
    const { out } = gannet('models', 'test', '--models', folder, '--clean', clean, '--runs', '10', '--json')
    const { results } = JSON.parse(out) as { results: { family: string; detected: number; traces: number }[] }
    expect(results.map(({ family, traces }) => [family, traces])).toEqual([
      ['Banbra', 21],
      ['Sasfis', 16],
    ])
    for (const { detected } of results) expect(detected).toBeGreaterThan(0.8)
  })

  it.each([
    [
      'a folder that is not there',
      ['models', 'list', '--models', join(scratch, 'none')],
      /there is no folder/,
    ],
    [
      'a family that is not there',
      ['models', 'show', 'Nobody', '--models', folder],
      /no model of family Nobody/,
    ],
    ['nothing to test', ['models', 'test'], /nothing to test/],
    ['a sample of no family', ['models', 'test', '--sample', 'a.log'], /has no family/],
    [
      'models of a run that are not there',
      ['run', clean, '--models', join(scratch, 'none')],
      /there is no folder/,
    ],
  ])('refuse %s with what to do', (_, args, says) => {
    const { code, err } = gannet(...args)
    expect(code).toBe(2)
    expect(err).toMatch(says)
    expect(err.trim().split('\n')).toHaveLength(2)
  })
})

describe('run --models', () => {
  it('finds the botnet that no model was trained on, and keeps the contract', () => {
    expect(gannet('calibrate', '--models', folder, '--clean', clean, '--per-day', '1').code).toBe(0)
    expect(read<Calibration>(join(folder, 'calibration.json'))).toMatchObject({
      alpha: 1.7,
      measured: 0,
      minHits: 3,
    })
    const answer = analysed()
    const isAnswer = new Ajv2020({ strict: false, formats: { date: true } }).compile(
      read(join(root, 'docs/reference/answer.schema.json')),
    )
    isAnswer(answer)
    expect(isAnswer.errors).toBeNull()
    expect(checkAnswer(answer)).toEqual([])
    const held = truth().find(({ id }) => id === 'banbra-4')!
    const named = families(answer).filter(({ claim }) => claim.includes('Banbra'))
    for (const host of held.hosts) {
      const own = named.find(({ hosts }) => hosts.includes(host))
      expect(own?.cnc[0]?.address).toBe(held.cnc[0]!.split(':')[0])
      expect(own?.severity).toBe('high')
    }
    const accused = answer.hosts.filter(({ kinds }) => kinds.includes('family')).map(({ host }) => host)
    expect(accused).toEqual(expect.arrayContaining([...held.hosts]))
  })

  it('goes by the line that was asked for, and by none of the folder', () => {
    expect(families(analysed('--alpha', '5'))).toEqual([])
    expect(families(analysed('--min-hits', '5')).every(({ severity }) => severity === 'medium')).toBe(true)
  })

  it('is calibrated on a network by what was decided about its hosts', () => {
    const db = join(scratch, 'site')
    const accused = analysed('--db', db).hosts.map(({ host }) => host)
    expect(accused.length).toBeGreaterThan(1)
    const calibrate = () =>
      gannet(...['calibrate', '--models', folder, '--decided', '--db', db, ...inside, '--per-day', '0'])
    const before = calibrate()
    expect(before.out).toContain(`without ${accused.length} hosts that may be bots`)
    const measured = read<Calibration>(join(folder, 'calibration.json')).measured
    const banbra = truth().find(({ family }) => family === 'Banbra')!.hosts[0]!
    expect(gannet('allow', banbra, '--db', db).code).toBe(0)
    expect(calibrate().out).not.toContain(`without ${accused.length} hosts`)
    expect(read<Calibration>(join(folder, 'calibration.json')).measured).toBeGreaterThan(measured)
    expect(gannet('confirm', banbra, '--yes', '--db', db).code).toBe(0)
    expect(calibrate().code).toBe(0)
    expect(read<Calibration>(join(folder, 'calibration.json')).measured).toBe(measured)
    expect(gannet('calibrate', '--models', folder, '--per-day', '0').err).toContain(
      'one kind of clean traffic',
    )
  })

  it('stays silent on traffic that it was calibrated on with no alarm a day', () => {
    const { code, out } = gannet(
      'calibrate',
      '--models',
      folder,
      '--clean',
      records,
      ...inside,
      '--per-day',
      '0',
    )
    expect(code).toBe(0)
    expect(out).toMatch(/0 false alarms in 0.999 days/)
    expect(families(analysed())).toEqual([])
  })

  it('says so when the calibration is of other models, and does not use it', () => {
    expect(train('Banbra', ['banbra-1']).code).toBe(0)
    const answer = analysed()
    expect(answer.analysis.blindSpots.join()).toMatch(/made for other models/)
    expect(families(answer)[0]?.evidence[0]).toMatchObject({ kind: 'family', threshold: 1.75 })
    expect(families(answer)[0]?.severity).toBe('medium')
  })
})
