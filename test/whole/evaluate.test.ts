/**
 * `gannet evaluate` as a process, on a sandbox of bots that hide: every figure and every reason comes from a real
 * database.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { WholeEvaluation } from '../../src/evaluate/index.ts'
import { type Scenario, simulate } from '../../src/simulate/index.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'gannet-evaluate-'))
const gannet = (...args: string[]) =>
  execFileSync(join(root, 'gannet'), args, {
    encoding: 'utf8',
    maxBuffer: 64e6,
    stdio: ['ignore', 'pipe', 'pipe'],
  })

/** Some machines with telemetry, one botnet in the open and one that sends a thousandth of its mail at random times. */
const sandbox: Scenario = {
  name: 'sandbox',
  doc: '',
  begins: '2025-03-04T00:00:00Z',
  hours: 24,
  prefix: '10.70',
  domain: 'sandbox.example',
  populations: [
    { role: 'resolver', count: 1, systems: ['linux'], habits: [] },
    {
      role: 'thing',
      count: 24,
      systems: ['windows'],
      habits: [
        { behaviour: 'poll', options: { service: 'telemetry-a', addresses: 4 } },
        { behaviour: 'poll', share: 0.5, options: { service: 'feeds', period: 1800, addresses: 2 } },
      ],
    },
  ],
  surroundings: [],
  botnets: [
    { id: 'open', family: 'http-fixed', size: 3, among: ['thing'] },
    {
      id: 'hidden',
      family: 'http-random',
      size: 3,
      among: ['thing'],
      evasions: [
        { evasion: 'slow-spam', strength: 1 },
        { evasion: 'mimicry', strength: 1 },
        { evasion: 'churn', strength: 1 },
      ],
    },
  ],
}

const db = join(folder, 'db')
const page = join(folder, 'page.html')
let whole: WholeEvaluation

beforeAll(async () => {
  await simulate({ scenario: sandbox, seed: 3, out: join(folder, 'records') })
  const logs = readdirSync(join(folder, 'records')).filter((file) => file.endsWith('.log'))
  gannet('import', ...logs.map((file) => join(folder, 'records', file)), '--db', db)
  gannet('analyze', '--db', db)
  whole = JSON.parse(
    gannet('evaluate', '--db', db, '--truth', join(folder, 'records/truth.json'), '--json', '--html', page),
  ) as WholeEvaluation
}, 600_000)

afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))

describe('what it says', () => {
  it('is of all six bots, some of them missed, each with a reason for either way to find it', () => {
    const { misses, evaluation } = whole
    expect(evaluation.hosts.truePositives + evaluation.hosts.falseNegatives).toBe(6)
    expect(misses.length).toBe(evaluation.misses.length)
    expect(misses.filter(({ botnet }) => botnet === 'hidden').length).toBeGreaterThan(0)
    for (const { group, alone } of misses) {
      expect(['cflows', 'activities', 'clusters', 'correlations']).toContain(group.stage)
      expect(alone.stage).toBe('traces')
      expect(`${group.text}${alone.text}`).toMatch(/\d/)
    }
  })

  it('has a reason for each false alarm', () => {
    for (const { reasons } of whole.falseAlarms) expect(reasons.length).toBeGreaterThan(0)
  })

  it('has curves, windows and time-weighted measures that agree with each other', () => {
    const { curves, timed, evaluation } = whole
    expect(curves.recall?.value).toBeCloseTo(evaluation.hosts.recall ?? 0, 12)
    expect(curves.points.at(-1)?.recall).toBe(1)
    expect(timed.weighted.map(({ name }) => name)).toEqual([
      'gannet, while the evidence lasts',
      'gannet, from the first evidence on',
      'RITA at 0.7',
      'AllPositive',
    ])
    expect(timed.weighted.at(-1)?.result).toMatchObject({ TPR: 1, FPR: 1 })
    const [lasts, fromFirst] = timed.weighted
    expect(fromFirst!.result.tTP).toBeGreaterThanOrEqual(lasts!.result.tTP)
    expect(timed.windows.length).toBe(24)
    expect(timed.windows.every(({ bots }) => bots > 0)).toBe(true)
    const found = timed.firstDetections.filter(({ hours }) => hours !== null)
    expect(found.length).toBe(evaluation.hosts.truePositives)
    expect(found.every(({ hours }) => hours! >= 0 && hours! <= 25)).toBe(true)
  })

  it('is a page without script, what failed first', () => {
    const text = readFileSync(page, 'utf8')
    expect(text).not.toContain('<script')
    expect(text.indexOf('<h2>Missed')).toBeLessThan(text.indexOf('<h2>Hosts'))
    for (const { host } of whole.misses) expect(text).toContain(host)
  })
})

describe('the truth', () => {
  it('may be a table', () => {
    const table = join(folder, 'truth.csv')
    const [bot] = JSON.parse(readFileSync(join(folder, 'records/truth.json'), 'utf8')).botnets[0].hosts
    writeFileSync(table, `host,label\n${bot},bot\n10.70.1.200,clean\n`)
    const result = JSON.parse(gannet('evaluate', '--db', db, '--truth', table, '--json')) as WholeEvaluation
    expect(result.evaluation.hosts.judged).toBe(2)
  })

  it('must be named once, and labels must be there', () => {
    expect(() => gannet('evaluate', '--db', db)).toThrow(/exactly one source of truth/)
    expect(() => gannet('evaluate', '--db', db, '--labels')).toThrow(/has a label/)
  })
})
