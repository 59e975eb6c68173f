import { readFileSync } from 'node:fs'
import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { activityTypes } from '../src/model/activity.ts'
import type { Answer } from '../src/model/answer.ts'
import { findingKinds, severities } from '../src/model/finding.ts'
import { ratio } from '../src/model/units.ts'
import { noFigures } from '../src/reports/format.ts'
import { json } from '../src/reports/json.ts'
import { checkAnswer } from './contracts/answer.ts'
import { anyAnswer } from './fixtures/any-answer.ts'
import { cleanAnswer, sampleAnswer } from './fixtures/sample-answer.ts'

const schema = JSON.parse(
  readFileSync(new URL('../docs/reference/answer.schema.json', import.meta.url), 'utf8'),
)
const validate = new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: true }).compile(schema)
const printed = (answer: Answer) => JSON.parse(json.render(answer))
const faultsOf = (value: unknown): string[] =>
  validate(value)
    ? []
    : (validate.errors ?? []).map((each: ErrorObject) => `${each.instancePath} ${each.message}`)

/** Every object inside `value`, itself included. */
function* objectsIn(value: unknown): Generator<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return
  if (!Array.isArray(value)) yield value as Record<string, unknown>
  for (const each of Object.values(value)) yield* objectsIn(each)
}

describe('the JSON contract', () => {
  it('holds for an answer with findings and for one without', () => {
    expect(faultsOf(printed(sampleAnswer))).toEqual([])
    expect(faultsOf(printed(cleanAnswer))).toEqual([])
  })

  it('holds for every answer that the types allow', () => {
    fc.assert(
      fc.property(anyAnswer, (answer) => {
        expect(faultsOf(printed(answer))).toEqual([])
      }),
      { numRuns: 200 },
    )
  })

  it('says every evidence in words', () => {
    for (const finding of printed(sampleAnswer).findings) {
      for (const evidence of finding.evidence) expect(evidence.explanation).toMatch(/^\S.*\.$/)
    }
  })

  it('refuses a property that it does not know, wherever it is, but in the maps', () => {
    const maps = ['records', 'rejects', 'activities', 'options', 'params', 'names']
    const answer = printed(sampleAnswer)
    const open = new Set([...objectsIn(answer)].flatMap((each) => maps.map((name) => each[name])))
    let tried = 0
    for (const each of objectsIn(answer)) {
      if (open.has(each)) continue
      each['surplus'] = 1
      expect(faultsOf(answer), JSON.stringify(each).slice(0, 200)).not.toEqual([])
      delete each['surplus']
      tried++
    }
    expect(tried).toBeGreaterThan(60)
    expect(faultsOf(answer)).toEqual([])
  })

  it('needs every property', () => {
    const answer = printed(sampleAnswer)
    for (const each of objectsIn(answer.hosts)) {
      for (const [name, value] of Object.entries(each)) {
        delete each[name]
        expect(faultsOf(answer), name).not.toEqual([])
        each[name] = value
      }
    }
  })

  it('knows the same words as the model, and describes every property', () => {
    expect(schema.$defs.severity.enum).toEqual(severities)
    expect(schema.$defs.kind.enum).toEqual(findingKinds)
    expect(schema.$defs.activityType.enum).toEqual(activityTypes)
    const silent = [...objectsIn(schema)].flatMap((each) =>
      Object.entries((each['properties'] ?? {}) as Record<string, { description?: string }>)
        .filter(([, property]) => !property.description)
        .map(([name]) => name),
    )
    expect(silent).toEqual([])
  })

  it('prints big integers and numbers without a word in JSON', () => {
    const options = { seed: 2n ** 63n, limit: Number.POSITIVE_INFINITY }
    const answer = { ...cleanAnswer, analysis: { ...cleanAnswer.analysis, options } }
    expect(printed(answer).analysis.options).toEqual({ seed: '9223372036854775808', limit: null })
    expect(json.render(cleanAnswer, noFigures)).toMatch(/\}\n$/)
  })
})

describe('checkAnswer', () => {
  const { hosts, findings, botnets } = sampleAnswer
  const [firstHost, ...otherHosts] = hosts
  const [firstFinding, ...otherFindings] = findings
  const [firstBotnet, ...otherBotnets] = botnets
  if (!firstHost || !firstFinding || !firstBotnet) throw new RangeError('the sample is empty')
  const withHost = (change: object): Answer => ({
    ...sampleAnswer,
    hosts: [{ ...firstHost, ...change }, ...otherHosts],
  })
  const withFinding = (change: object): Answer => ({
    ...sampleAnswer,
    findings: [{ ...firstFinding, ...change }, ...otherFindings],
  })
  const withBotnet = (change: object): Answer => ({
    ...sampleAnswer,
    botnets: [{ ...firstBotnet, ...change }, ...otherBotnets],
  })
  const [evidence] = firstFinding.evidence

  it('finds nothing wrong with an answer whose parts agree', () => {
    expect(checkAnswer(sampleAnswer)).toEqual([])
    expect(checkAnswer(cleanAnswer)).toEqual([])
  })

  it.each<[string, Answer, string]>([
    ['hosts out of order', { ...sampleAnswer, hosts: hosts.toReversed() }, 'is worse than'],
    ['findings out of order', { ...sampleAnswer, findings: findings.toReversed() }, 'is worse than'],
    ['less sure before surer', withHost({ confidence: ratio(0.1) }), 'is worse than'],
    ['a host twice', { ...sampleAnswer, hosts: [firstHost, ...hosts] }, 'host 10.0.0.7 is there twice'],
    [
      'a finding twice',
      { ...sampleAnswer, findings: [firstFinding, ...findings] },
      'f:3fa2c1d0 is there twice',
    ],
    ['a botnet twice', { ...sampleAnswer, botnets: [firstBotnet, ...botnets] }, 'b:3fa2c1d0 is there twice'],
    ['no finding', withHost({ findings: [] }), 'accused without a finding'],
    [
      'a finding that is not there',
      withHost({ findings: [...firstHost.findings, 'f:0'] }),
      'there is no finding f:0',
    ],
    [
      'a finding about others',
      withHost({ findings: [...firstHost.findings, 'f:0c55d1ee'] }),
      'is not about it',
    ],
    ['a kind too many', withHost({ kinds: [...firstHost.kinds, 'dga'] }), 'no finding is a dga'],
    ['a kind too few', withHost({ kinds: ['botnet'] }), 'kinds lacks scan'],
    ['a botnet that is not there', withHost({ botnet: 'b:0' }), 'there is no botnet b:0'],
    ['a botnet of others', withHost({ botnet: 'b:88b0e47a' }), 'does not list it'],
    ['a member that thinks it is alone', withHost({ botnet: null }), 'listed without a botnet'],
    [
      'a severity below its finding’s',
      { ...sampleAnswer, hosts: [...hosts.slice(0, -1), { ...hosts.at(-1)!, severity: 'note' }] },
      'a finding is worse than note',
    ],
    [
      'a member that is not accused',
      withBotnet({ hosts: [...firstBotnet.hosts, '10.9.9.9'] }),
      '10.9.9.9 is not in hosts',
    ],
    [
      'an accused host left out',
      { ...sampleAnswer, hosts: otherHosts },
      '10.0.0.7 is not in hosts with this finding',
    ],
    ['no evidence', withFinding({ evidence: [] }), 'rests on nothing'],
    ['no doubts', withFinding({ doubts: [] }), 'has no doubts'],
    ['an end before the start', withFinding({ to: 0 }), 'ends before it starts'],
    [
      'eleven flows',
      withFinding({ evidence: [{ ...evidence, flows: Array(11).fill('1') }] }),
      'cites 11 flows',
    ],
    ['a score too few', withFinding({ evidence: [{ ...evidence, scores: [1] }] }), '1 scores for 5 hosts'],
    [
      'no query',
      withFinding({ evidence: [{ ...evidence, query: { sql: ' ', params: {} } }] }),
      'has no query',
    ],
    [
      'a number without a word in JSON',
      withFinding({ confidence: Number.NaN }),
      'findings.0.confidence is NaN',
    ],
  ])('sees %s', (_what, answer, fault) => {
    expect(checkAnswer(answer).join('\n')).toContain(fault)
  })

  it('allows ten flows', () => {
    expect(checkAnswer(withFinding({ evidence: [{ ...evidence, flows: Array(10).fill('1') }] }))).toEqual([])
  })
})
