/**
 * A day of the demo's campus on a reporting seed (docs/method/held-out.md), through the command. What is asserted is so
 * today; figures over all ten seeds, with every failure, are in docs/method/demo-day.md.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { beforeAll, describe, expect, it } from 'vitest'
import { reportingSeeds } from '../../bench/seeds.ts'
import { type Evaluation, evaluate, readTruth } from '../../src/evaluate/index.ts'
import type { Answer } from '../../src/model/answer.ts'
import { checkAnswer } from '../contracts/answer.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const schema = JSON.parse(readFileSync(join(root, 'docs/reference/answer.schema.json'), 'utf8'))
const validate = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(schema)

const seed = reportingSeeds[0]!

interface Judged {
  readonly answer: Answer
  readonly evaluation: Evaluation
}

/** Simulates, analyses and judges one day, as the demo does, in a folder that is gone afterwards. */
function day(...flags: string[]): Judged {
  const folder = mkdtempSync(join(tmpdir(), 'gannet-demo-'))
  const gannet = (...args: string[]) =>
    execFileSync(join(root, 'gannet'), args, {
      encoding: 'utf8',
      maxBuffer: 64e6,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
  try {
    gannet('simulate', '--scenario', 'campus-day', '--seed', String(seed), '--out', folder, ...flags)
    const logs = readdirSync(folder).filter((file) => file.endsWith('.log'))
    const answer = JSON.parse(gannet('run', ...logs.map((file) => join(folder, file)), '--json')) as Answer
    const truth = readTruth(readFileSync(join(folder, 'truth.json'), 'utf8'))
    return { answer, evaluation: evaluate(answer, truth) }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Clean hosts that are accused of more than keeping time, which many benign programs do too. */
const wronglyAccused = ({ answer, evaluation }: Judged): string[] =>
  evaluation.falseAlarms
    .filter(({ host }) =>
      answer.hosts.some((each) => each.host === host && each.kinds.some((kind) => kind !== 'beacon')),
    )
    .map(({ host }) => host)

describe.each([
  ['with botnets', []],
  ['without', ['--no-bots']],
] as const)(`seed ${seed} of the demo day, %s`, (_, flags) => {
  let judged: Judged
  beforeAll(() => {
    judged = day(...flags)
  }, 600_000)

  it('answers as the contract says', () => {
    validate(judged.answer)
    expect(validate.errors).toBeNull()
    expect(checkAnswer(judged.answer)).toEqual([])
  })

  it('accuses no clean host of anything but keeping time', () => {
    expect(wronglyAccused(judged)).toEqual([])
  })

  if (flags.length > 0) {
    it('names no botnet', () => {
      expect(judged.answer.botnets).toEqual([])
      expect(judged.evaluation.hosts.truePositives).toBe(0)
    })
    return
  }

  it('names all four botnets, each whole, with its C&C first', () => {
    const found = judged.evaluation.botnets.filter(({ match }) => match !== null)
    expect(
      found.map(({ family, truePositives, strangers, cncRank, size }) => ({
        family,
        lacks: size - truePositives,
        strangers,
        cncRank,
      })),
    ).toEqual([
      { family: 'irc', lacks: 0, strangers: [], cncRank: 1 },
      { family: 'http-fixed', lacks: 0, strangers: [], cncRank: 1 },
      { family: 'http-random', lacks: 0, strangers: [], cncRank: 1 },
      { family: 'p2p', lacks: 0, strangers: [], cncRank: 1 },
    ])
    expect(judged.evaluation.inventedBotnets).toEqual([])
  })

  it('accuses every bot', () => {
    expect(judged.evaluation.hosts.truePositives).toBe(23)
  })
})
