import { expect, it } from 'vitest'
import { sampleAnswer } from '../../test/fixtures/sample-answer.ts'
import type { InputReport } from '../model/answer.ts'
import { placeOf } from '../model/words/rejects.ts'
import {
  accusedSentence,
  byName,
  decidedSentences,
  rejectLines,
  repeatLines,
  threatsSentence,
} from './summary.ts'

const look = (name: string, flow: number, more: Partial<InputReport> = {}): InputReport => ({
  name,
  format: 'zeek',
  sha256: `${name}-${flow}`,
  records: { flow },
  duplicates: 0,
  rejects: {},
  rejectSamples: [],
  known: false,
  ...more,
})
const truncated = (position: number) => ({ reason: 'truncated', position, sample: 'x' })

it('shows the looks at a log that grew as one input with the sums', () => {
  const inputs = [
    look('conn.log', 5, { rejects: { truncated: 1 }, rejectSamples: [truncated(3)] }),
    look('dns.log', 7),
    look('conn.log', 2, {
      rejects: { truncated: 2 },
      rejectSamples: [truncated(8), truncated(9)],
      duplicates: 1,
    }),
    look('conn.log', 1, { rejects: { truncated: 1 }, rejectSamples: [truncated(11)] }),
  ]
  expect(byName(inputs)).toEqual([
    {
      ...look('conn.log', 8, { sha256: 'conn.log-1', duplicates: 1, rejects: { truncated: 4 } }),
      rejectSamples: [truncated(3), truncated(8), truncated(9)],
      times: 3,
    },
    { ...look('dns.log', 7), times: 1 },
  ])
  expect(rejectLines(inputs).map(({ text }) => text)).toEqual([
    '4 of 13 records rejected in conn.log: 4 cut short or malformed',
  ])
  expect(repeatLines(inputs)).toEqual(['1 flow of conn.log came from another input too and counted once.'])
})

it('says how an input was read, and takes that for no record that was left out', () => {
  const remark = { reason: 'remark', position: 0, sample: 'its times are nanoseconds' }
  const input = look('a.pcap', 1, { rejects: { truncated: 1 }, rejectSamples: [truncated(1), remark] })
  expect(repeatLines([input])).toEqual(['a.pcap: its times are nanoseconds.'])
  expect(rejectLines([input])[0]?.samples).toEqual([truncated(1)])
})

it('counts what was left out in its own unit, and adds no flows to packets', () => {
  const saying = (
    format: string,
    rejects: Record<string, number>,
    records: Record<string, number> = { flow: 13 },
  ) =>
    rejectLines([look('a', 0, { format, records, rejects })]).map(({ text, format }) => [
      text,
      placeOf(format, 1240),
    ])
  for (const format of ['pcap', 'pcapng'])
    expect(saying(format, { 'not-ip': 67 })).toEqual([
      ['67 packets left out of a: 67 not IP (such as ARP)', 'packet 1240'],
    ])
  for (const format of ['netflow', 'nfdump'])
    expect(saying(format, { truncated: 1 })).toEqual([
      ['1 record rejected in a: 1 cut short or malformed', 'record 1240'],
    ])
  expect(saying('zeek', { truncated: 1 })).toEqual([
    ['1 of 14 records rejected in a: 1 cut short or malformed', 'line 1240'],
  ])
  expect(
    saying('threat list, plain', { 'it names nothing': 3, 'refused: a port': 1 }, { indicator: 2 }),
  ).toEqual([['4 of 6 entries left out of a: it names nothing (3); refused: a port (1)', 'line 1240']])
  expect(saying('threat list, STIX 2.1', { x: 1 }, { indicator: 0 })[0]?.[1]).toMatch(/^entry /)
})

it('keeps apart what has another name or another format', () => {
  const inputs = [look('a.log', 1), look('b.log', 1), look('a.log', 1, { format: 'zeek-json' })]
  expect(byName(inputs).map(({ times }) => times)).toEqual([1, 1, 1])
})

it('says that an input had been read before only where nothing of it is new', () => {
  const known = { known: true }
  expect(repeatLines([look('a.log', 1, known), look('a.log', 1)])).toEqual([])
  expect(repeatLines([look('a.log', 1, known), look('a.log', 1, known)])).toHaveLength(1)
})

it('does not call a network clean of which no host was seen', () => {
  const of = (internal: readonly string[], hosts: number) =>
    accusedSentence({
      ...sampleAnswer,
      ...{ hosts: [], botnets: [], findings: [] },
      analysis: { ...sampleAnswer.analysis, internal, hosts },
    })
  expect(of(['10.0.0.0/8'], 0)).toBe(
    'Nothing was judged: no host of 10.0.0.0/8 was seen to start anything. Check --internal.',
  )
  expect(of([], 0)).toMatch(/^Nothing was judged: no host of the internal networks/)
  expect(of(['10.0.0.0/8'], 1)).toBe('Nothing found: the only internal host is not accused.')
})

it('does not call a network clean when only nothing is new', () => {
  const none = { ...sampleAnswer, hosts: [], botnets: [], findings: [] }
  expect(accusedSentence(none)).toMatch(/^Nothing found: none of .* is accused\.$/)
  expect(accusedSentence(none, { accusedInAll: 0 })).toMatch(/^Nothing found/)
  expect(accusedSentence(none, { accusedInAll: 2 })).toMatch(
    /^No new findings: 2 of .* accused by earlier ones\.$/,
  )
})

it('says of confirmed hosts whether a finding accuses them, and what contradicts', () => {
  const host = (name: string, accused: boolean) => ({ host: name, by: 'd1', accused })
  const nothing = { decisions: [], expired: [], allowed: [], allowedHosts: [], tagged: [], warnings: [] }
  const said = (...confirmed: ReturnType<typeof host>[]) =>
    decidedSentences({
      ...sampleAnswer,
      decided: { ...nothing, confirmed, warnings: ['Two decisions differ'] },
    })
  expect(said(host('10.0.0.1', false))).toEqual([
    'Confirmed as a bot, but without a finding: 10.0.0.1.',
    'Two decisions differ.',
  ])
  expect(said(host('10.0.0.1', true), host('10.0.0.2', false), host('10.0.0.3', false)).slice(0, 2)).toEqual([
    '1 accused host confirmed as a bot.',
    'Confirmed as bots, but without a finding: 10.0.0.2 and 10.0.0.3.',
  ])
})

it('says what a match of threat lists brought', () => {
  expect(threatsSentence({ entries: 1, hosts: 2, news: 0 })).toBe(
    '1 entry of the lists was met by 2 internal hosts: no new findings. All findings: gannet findings.',
  )
  expect(threatsSentence({ entries: 3, hosts: 1, news: 1 })).toMatch(
    /^3 entries of the lists were met by 1 internal host: 1 new finding\./,
  )
  expect(threatsSentence({ entries: 0, hosts: 0, news: 0 })).toMatch(/^No entry of the lists was met\./)
})
