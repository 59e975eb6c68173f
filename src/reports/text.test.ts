import { stripVTControlCharacters } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { anyAnswer } from '../../test/fixtures/any-answer.ts'
import { cleanAnswer, sampleAnswer } from '../../test/fixtures/sample-answer.ts'
import { ratio } from '../model/units.ts'
import { renderHost, renderText } from './text.ts'
import { clip, widthOf, wrap } from './wrap.ts'

const lines = (text: string) => text.trimEnd().split('\n')

describe('the text report', () => {
  it('says in two sentences what was read and who is accused', () => {
    expect(renderText(sampleAnswer, { width: 200 }).split('\n').slice(0, 2)).toEqual([
      'Read 3 inputs: 128\u202f351 flows and 40\u202f212 DNS records, 2026-03-04 00:00:00 to 2026-03-05 00:00:00 UTC (1 d).',
      '15 of 312 internal hosts accused: 13 in 2 botnets, 2 alone (6 findings).',
    ])
  })

  it('prints the worst verdict first, and under it the findings with their reasons and their doubts', () => {
    const text = renderText(sampleAnswer, { width: 200 })
    expect(text.split('\n\n').slice(1, 3)).toEqual([
      [
        'HIGH  Botnet b:3fa2c1d0 of 5 hosts  (very likely, 0.93)',
        '  hosts    10.0.0.7 0.93, 10.0.0.12 0.93, 10.0.1.31 0.93, 10.0.1.44 0.93, 10.0.2.9 0.93',
        '  detected botnet 5, scan 1',
        '  c&c      203.0.113.9:443/tcp (cdn.example.net)',
        '           203.0.113.77:8080/tcp',
        '  rally    fixed names: cdn.example.net',
        '  stages   inbound scan 1 of 5, C&C contact 1 of 5, attack 1 of 5',
      ].join('\n'),
      [
        '  HIGH  Botnet of 5 hosts talks alike and acts alike  (confidence 0.93)  f:3fa2c1d0',
        '    because  Cross-plane score per host: 1.31 to 1.9 (threshold 0.42).',
        '             10.0.0.12, 10.0.1.31, 10.0.1.44 and 10.0.2.9 have similar traffic, to 203.0.113.9:443/tcp (cdn.example.net) and 203.0.113.77:8080/tcp: about 11.9 flows per hour, 9.5 packets per flow,',
        '               142 B per packet, 1.3 kB per second. 5 of 312 hosts have such traffic.',
        '             10.0.0.7, 10.0.0.12, 10.0.1.31 and 2 others tried 412 servers on port 445, 98% without answer (2\u202f061 times in 42 min).',
        '    unless   they are scanners of your own that report to one console',
        '             they are one fleet of managed machines being patched',
        '    att&ck   T1046 Network Service Discovery, T1071.001 Web Protocols, T1573 Encrypted Channel',
        '    also     scan by 10.0.0.7 f:1e77f002',
      ].join('\n'),
    ])
    expect(text.indexOf('f:88b0e47a')).toBeLessThan(text.indexOf('f:0c55d1ee'))
  })

  it('says what a verdict of several indicators is made of, and what would change it', () => {
    const text = renderText(sampleAnswer, { width: 200 })
    const block = text.split('\n\n').find((each) => each.startsWith('MEDIUM  10.0.2.88'))
    expect(block).toBe(
      [
        'MEDIUM  10.0.2.88  (very likely, 0.82)',
        '  weighed  beacon 0.82 (+2.5): calls 198.51.100.23:443 at regular intervals',
        '           family 0.70 (+2.1): behaves like the family Bifrose towards 198.51.100.23:443',
        '           −5.0 before any indicator',
        '  changes  without the heaviest it would come to 0.31',
      ].join('\n'),
    )
    expect(renderText(cleanAnswer)).not.toContain('weighed')
  })

  it('names those under the line, and nobody where nobody is suspect', () => {
    expect(renderText(sampleAnswer)).toContain(
      'Below the threshold, worst first\n  - 10.0.8.8 (unlikely, 0.24): it calls 198.51.100.40:8443 at regular intervals',
    )
    expect(renderText(cleanAnswer)).not.toContain('Below the threshold')
    const quiet = sampleAnswer.suspects.map((each) => ({ ...each, confidence: ratio(0.09) }))
    expect(renderText({ ...sampleAnswer, suspects: quiet })).not.toContain('Below the threshold')
  })

  it('counts what the limit leaves out, and nothing when all is shown', () => {
    expect(renderText(sampleAnswer, { limit: 2 })).toContain('… and 2 more (gannet findings)')
    expect(renderText(sampleAnswer, { limit: 2 })).not.toContain('f:0c55d1ee')
    const passing = renderText(sampleAnswer, { limit: 2, isTemporary: true })
    expect(passing).toContain('… and 2 more (gannet findings, after gannet run with --db FOLDER)')
    expect(renderText(sampleAnswer, { limit: 4 })).not.toContain('more (gannet findings)')
  })

  it('says plainly that nothing was found, and what was looked at', () => {
    const text = renderText(cleanAnswer)
    expect(text).toContain('Nothing found: none of 312 internal hosts is accused.')
    expect(text).toContain('2\u202f103 TCP and 811 UDP C-flows in 1 epoch')
    expect(text).toContain('downloads of programs: there are no HTTP')
    expect(text).not.toMatch(/HIGH|MEDIUM|LOW/)
  })

  it('counts rejected records by reason and shows some', () => {
    const text = renderText(sampleAnswer, { width: 120 })
    expect(text).toContain(
      '3 of 120\u202f314 records rejected in ./zeek-logs/conn.log.gz: 2 cut short or malformed, 1 without a valid time',
    )
    expect(text).toContain('  at line 4411, cut short or malformed: 1772582401.22\\tCq1')
  })

  it('prints the filters when asked, and only then', () => {
    expect(renderText(sampleAnswer, { verbose: true })).toContain(
      'F1: 128\u202f351 → 91\u202f022 (29% left out)',
    )
    expect(renderText(sampleAnswer)).not.toContain('F1:')
  })

  it('is the same text with colours, and without an escape unless they are asked for', () => {
    const coloured = renderText(sampleAnswer, { color: true })
    expect(coloured).toContain('\u001b[31m')
    expect(stripVTControlCharacters(coloured)).toBe(renderText(sampleAnswer))
    expect(renderText(sampleAnswer)).not.toContain('\u001b')
  })

  it('fits the width and lets nothing act on a terminal, whatever the input says', () => {
    fc.assert(
      fc.property(anyAnswer, fc.integer({ min: 40, max: 120 }), fc.boolean(), (answer, width, verbose) => {
        const hosts = answer.hosts.map(({ host }) => renderHost(answer, host, { width }))
        for (const text of [renderText(answer, { width, verbose }), ...hosts]) {
          expect(text).not.toMatch(/[\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u)
          expect(text.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u)
          for (const line of lines(text)) expect(widthOf(line)).toBeLessThanOrEqual(width)
        }
      }),
      { numRuns: 150 },
    )
  })
})

it('counts the columns of a headline, not its characters', () => {
  const host = '⺀⺀⺀⺀⺀⺀⺀⺀⺀⺀'
  const [first] = sampleAnswer.hosts
  const text = renderText({ ...sampleAnswer, hosts: [{ ...first!, host, botnet: null }] }, { width: 40 })
  for (const line of lines(text)) expect(widthOf(line)).toBeLessThanOrEqual(40)
})

describe('the page of one host', () => {
  it('shows its botnet, every finding with flows and the commands that show them again', () => {
    const text = renderHost(sampleAnswer, '10.0.0.7')
    expect(text).toContain('HIGH  10.0.0.7 is accused of botnet, scan  (very likely, 0.93)')
    expect(text).toContain('b:3fa2c1d0, multi-server, 5 hosts')
    expect(text).toContain('f:1e77f002')
    expect(text).toContain('7300000000000009001')
    expect(text).toMatch(/again +cross-plane: gannet evidence f:3fa2c1d0 1/)
    expect(text).not.toContain('f:88b0e47a')
  })

  it('says of a host that is not accused what was looked at, and where it gives orders', () => {
    expect(renderHost(sampleAnswer, '10.3.3.3')).toMatch(
      /^10\.3\.3\.3 is not accused of anything\.\n\nRead 3 inputs/,
    )
    expect(renderHost(sampleAnswer, '10.0.8.8')).toMatch(
      /^10\.0\.8\.8 is not accused of anything\. \(unlikely, 0\.24\)\n {2}weighed {2}beacon 0\.41/,
    )
    expect(renderHost(sampleAnswer, '203.0.113.9')).toContain('named as command and control by f:3fa2c1d0.')
  })
})

describe('wrap', () => {
  it('breaks at spaces, and inside a word only where it is longer than a line', () => {
    expect(wrap('one two three', 8)).toEqual(['one two', 'three'])
    expect(wrap('a abcdefghijkl', 8)).toEqual(['a', 'abcdefgh', 'ijkl'])
    expect(wrap('', 8)).toEqual([])
  })

  it('counts East Asian characters twice and combining marks not at all', () => {
    expect(widthOf('日本')).toBe(4)
    expect(widthOf('e\u0301')).toBe(1)
    expect(clip('日本語', 5)).toBe('日本…')
    expect(clip('abcde', 5)).toBe('abcde')
  })
})
