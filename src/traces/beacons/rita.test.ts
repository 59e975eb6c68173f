import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { describeWithData, sharedData } from '../../../test/shared-data.ts'
import { histogramScore, ritaScore, ritaSeverity, spread } from './rita.ts'

it.each([
  { values: [98, 99, 99, 100, 100, 100, 101, 101, 102], fallback: 1, score: 0.995 },
  { values: Array.from({ length: 10 }, () => [98, 300]).flat(), fallback: 1, score: 0.746 },
  { values: [1, 299, 25, 4975, 90, 2, 42, 500, 1500], fallback: 1, score: 0.083 },
  { values: [524885, 1, 5000, 98654, 50, 41, 965842, 3], fallback: 1, score: 0.008 },
  { values: Array(10).fill(0), fallback: 0, score: 0.5 },
  { values: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], fallback: 0, score: 0.773 },
])('gives $score for $values', ({ values, fallback, score }) => {
  expect(spread(values, fallback)).toBeCloseTo(score, 3)
})

const day = { from: 0, to: 86400 }
const every = (seconds: number, count: number, from = 0) =>
  Array.from({ length: count }, (_, i) => from + i * seconds)
const same = (count: number) => Array(count).fill(100)

it('has no minimum evidence: a perfect beacon of four hours and four calls in a day both score 0.5', () => {
  expect(ritaScore(every(60, 238, 3600), same(238), { window: day, minUnique: 4 })?.beacon).toBe(0.5)
  expect(ritaScore(every(28800, 4), same(4), { window: day, minUnique: 4 })?.beacon).toBe(0.5)
})

it('gives a perfect beacon of the whole day 1', () => {
  const score = ritaScore(every(60, 1441), same(1441), { window: day, minUnique: 4 })
  expect(score).toMatchObject({ ts: 1, ds: 1, dur: 1 })
  expect(score!.hist).toBeGreaterThan(0.99)
})

it('leaves out fewer than four distinct seconds, and strobes', () => {
  expect(ritaScore([0, 0.5, 60, 120], same(4), { window: day, minUnique: 4 })).toBeNull()
  expect(ritaScore([0, 60, 120, 180], same(4), { window: day, minUnique: 4 })).not.toBeNull()
  expect(ritaScore(every(1, 86400), same(86400), { window: day, minUnique: 4 })).toBeNull()
})

it('fits two bar heights from eleven filled bars on', () => {
  const bars = (filled: number) => Float64Array.from({ length: 24 }, (_, i) => (i < filled ? 40 : 0))
  expect(histogramScore(bars(11))).toBe(1)
  expect(histogramScore(bars(10))).toBeLessThan(0.1)
})

it.each([
  { beacon: 0.499, severity: 0 },
  { beacon: 0.5, severity: 0.2 },
  { beacon: 0.8, severity: 0.5 },
  { beacon: 1, severity: 0.8 },
])('ranks $beacon as $severity', ({ beacon, severity }) => {
  expect(ritaSeverity(beacon)).toBeCloseTo(severity, 9)
})

/** Start second and bytes sent of each connection of a pair, from rotated conn logs. */
function connections(folder: string, client: string, server: string): { at: number[]; sent: number[] } {
  const at: number[] = []
  const sent: number[] = []
  for (const file of readdirSync(folder).filter((name) => name.startsWith('conn.'))) {
    const lines = gunzipSync(readFileSync(join(folder, file)))
      .toString()
      .split('\n')
    const fields = lines
      .find((line) => line.startsWith('#fields'))!
      .split('\t')
      .slice(1)
    for (const line of lines.filter((each) => each !== '' && !each.startsWith('#'))) {
      const cells = line.split('\t')
      const cell = (name: string) => cells[fields.indexOf(name)]!
      if (cell('id.orig_h') !== client || cell('id.resp_h') !== server) continue
      at.push(Number(cell('ts')))
      sent.push(Number(cell('orig_ip_bytes')))
    }
  }
  return { at, sent }
}

describeWithData('rita/proxy_rolling', 'the logs of the baseline’s own tests', () => {
  it('give the score that is published for a pair of 1,160 connections', () => {
    const { at, sent } = connections(sharedData('rita/proxy_rolling'), '10.0.0.238', '75.75.75.75')
    expect(at).toHaveLength(1160)
    const score = ritaScore(at, sent, { window: { from: 1714417205, to: 1714424225 }, minUnique: 4 })!
    for (const [name, published] of [
      ['ts', 1],
      ['ds', 0.831],
      ['dur', 0.861],
      ['hist', 0],
      ['beacon', 0.673],
    ] as const)
      expect(Math.abs(score[name] - published), name).toBeLessThanOrEqual(0.001)
  })
})
