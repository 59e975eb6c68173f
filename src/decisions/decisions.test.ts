import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { checkAnswer } from '../../test/contracts/answer.ts'
import {
  cdn,
  loneBot,
  peer,
  peerBots,
  sampleAnswer,
  scanner,
  spare,
  webBots,
} from '../../test/fixtures/sample-answer.ts'
import { sampleFigures } from '../../test/fixtures/sample-figures.ts'
import type { Answer } from '../model/answer.ts'
import type { Decision, Verb } from '../model/review/decision.ts'
import { micros } from '../model/units.ts'
import {
  addDecisions,
  applyDecisions,
  contactsNotAllowed,
  decisionsText,
  newDecision,
  parseDecisions,
  readDecisions,
  readSubject,
  removeDecision,
  saySubject,
  truthFromDecisions,
  warningsOf,
} from './index.ts'

const now = new Date('2026-03-05T08:00:00Z')
const decide = (
  verb: Verb,
  subject: string,
  rest: { scope?: string; expires?: string; reason?: string; tags?: string[] } = {},
): Decision =>
  newDecision({ verb, subject: readSubject(subject), author: 'anna', reason: 'known', ...rest }, now)

/** The sample with its parts as the detectors would have them, so that judging it again gives what it says. */
const judged = { answer: sampleAnswer, figures: sampleFigures }
const applied = (...decisions: Decision[]): Answer => applyDecisions(judged, decisions, { now }).answer
const accused = ({ hosts }: Answer) => hosts.map(({ host }) => host)

describe('a subject', () => {
  it.each([
    ['10.1.2.3', 'host 10.1.2.3'],
    ['::ffff:10.1.2.3', 'host 10.1.2.3'],
    ['2001:DB8:0:0::51', 'host 2001:db8::51'],
    ['203.0.113.9:443/tcp', 'service 203.0.113.9:443/tcp'],
    ['203.0.113.9:443', 'service 203.0.113.9:443'],
    ['[2001:db8::51]:16471/udp', 'service [2001:db8::51]:16471/udp'],
    ['10.0.0.0/8', 'network 10.0.0.0/8'],
    ['*.Example.com.', 'name example.com'],
    ['service 203.0.113.9:443', 'service 203.0.113.9:443'],
    ['as8075', 'owner AS8075'],
  ])('%s is %s', (text, expected) => {
    expect(saySubject(readSubject(text))).toBe(expected)
  })

  it.each([
    '',
    'localhost',
    '10.1.2.3/33',
    '203.0.113.9:99999',
    'name 10.1.2.3',
    'a b c',
    '<b>.example',
    '10.1.2.3:443/sctp',
    '$(x).com',
  ])('%s is refused', (text) => {
    expect(() => readSubject(text)).toThrow(/is no|no network/)
  })
})

describe('allowing', () => {
  it('nothing changes nothing but what is said of decisions', () => {
    const { decided, ...rest } = applied()
    expect(rest).toEqual(sampleAnswer)
    expect(decided).toMatchObject({ allowed: [], allowedHosts: [], confirmed: [], warnings: [] })
  })

  it('a host takes it out of every finding and lists it as allowed, with the decision', () => {
    const decision = decide('allow', scanner)
    const answer = applied(decision)
    expect(accused(answer)).not.toContain(scanner)
    expect(answer.decided?.allowedHosts).toEqual([scanner])
    expect(answer.decided?.allowed).toEqual([
      expect.objectContaining({ hosts: [scanner], by: [`${decision.id} (allow host ${scanner})`] }),
    ])
    expect(checkAnswer(answer)).toEqual([])
  })

  it('a service takes out the beacon to it and leaves the others', () => {
    const answer = applied(decide('allow', 'status.example.org'))
    expect(accused(answer)).not.toContain(loneBot)
    expect(accused(answer)).toEqual(expect.arrayContaining([...webBots, ...peerBots, scanner]))
    expect(checkAnswer(answer)).toEqual([])
  })

  it('a service in a scope takes it out for the hosts in the scope alone', () => {
    expect(accused(applied(decide('allow', 'status.example.org', { scope: '10.0.2.0/24' })))).not.toContain(
      loneBot,
    )
    expect(accused(applied(decide('allow', 'status.example.org', { scope: '10.0.3.0/24' })))).toContain(
      loneBot,
    )
  })

  it('one of two servers of a botnet leaves the botnet, without that server', () => {
    const answer = applied(decide('allow', `${spare.address}:${spare.port}/tcp`))
    const [botnet] = answer.botnets.filter(({ hosts }) => hosts.includes(webBots[0]!))
    expect(botnet!.hosts).toEqual(webBots)
    expect(botnet!.cnc.map(({ address }) => address)).toEqual([cdn.address])
  })

  it('every server of a botnet dissolves it; what its hosts did themselves stays', () => {
    const answer = applied(decide('allow', cdn.address), decide('allow', spare.address))
    expect(answer.botnets.filter(({ hosts }) => hosts.includes(webBots[0]!))).toEqual([])
    const scanning = sampleAnswer.findings.filter(
      ({ kind, hosts }) => kind === 'scan' && hosts.includes(webBots[0]!),
    )
    expect(scanning.length).toBeGreaterThan(0)
    expect(answer.findings.map(({ id }) => id)).toEqual(expect.arrayContaining(scanning.map(({ id }) => id)))
    expect(checkAnswer(answer)).toEqual([])
  })

  it('a member of a botnet narrows the finding to the others', () => {
    const answer = applied(decide('allow', webBots[1]!))
    const [finding] = answer.findings.filter(
      ({ kind, hosts }) => kind === 'botnet' && hosts.includes(webBots[0]!),
    )
    expect(finding!.hosts).not.toContain(webBots[1])
    expect(finding!.claim).toMatch(/\(1 of 5 allowed\)\.$/)
    expect(checkAnswer(answer)).toEqual([])
  })

  it('all members but one dissolves it: one host is no group', () => {
    const answer = applied(...webBots.slice(1).map((host) => decide('allow', host)))
    expect(
      answer.findings.filter(({ kind, hosts }) => kind === 'botnet' && hosts.includes(webBots[0]!)),
    ).toEqual([])
    expect(checkAnswer(answer)).toEqual([])
  })

  it('a network is of hosts and of destinations', () => {
    expect(accused(applied(decide('allow', '10.0.0.0/8')))).toEqual([])
    expect(accused(applied(decide('allow', '198.51.100.0/24')))).not.toContain(loneBot)
    expect(
      applied(decide('allow', `${peer.address}/64`)).botnets.every(({ cnc }) =>
        cnc.every(({ address }) => address !== peer.address),
      ),
    ).toBe(true)
  })

  it('an owner is of addresses that a database knows', () => {
    const decision = decide('allow', 'AS64500')
    const ownerOf = (address: string) => (address === '198.51.100.23' ? 'AS64500' : 'AS64501')
    expect(accused(applyDecisions(judged, [decision], { now, ownerOf }).answer)).not.toContain(loneBot)
    expect(accused(applied(decision))).toContain(loneBot)
  })

  it('counts until it expires and no longer', () => {
    const decision = decide('allow', scanner, { expires: '2026-03-05T08:00:01Z' })
    expect(accused(applyDecisions(judged, [decision], { now }).answer)).not.toContain(scanner)
    const later = applyDecisions(judged, [decision], { now: new Date('2026-03-05T08:00:01Z') }).answer
    expect(accused(later)).toContain(scanner)
    expect(later.decided?.expired).toEqual([decision.id])
  })

  it('takes indicators under the threshold into account, with the places they call', () => {
    const hint = {
      host: scanner,
      kind: 'beacon' as const,
      strength: 0.4,
      description: 'calls 198.51.100.99:443 at regular intervals',
      from: micros(0),
      to: micros(1),
      cnc: [{ address: '198.51.100.99', port: 443, protocol: 'tcp', name: null }],
      doubts: [],
    }
    const figures = { ...sampleFigures, weakIndicators: [hint] }
    const verdict = (...decisions: Decision[]) =>
      applyDecisions({ answer: sampleAnswer, figures }, [decide('allow', '192.0.2.1'), ...decisions], {
        now,
      }).answer.hosts.find(({ host }) => host === scanner)!
    expect(verdict().parts.map(({ kind }) => kind)).toEqual(['scan', 'beacon'])
    const without = verdict(decide('allow', '198.51.100.99:443/tcp'))
    expect(without.parts.map(({ kind }) => kind)).toEqual(['scan'])
    expect(without.confidence).toBeLessThan(verdict().confidence)
  })
})

describe('confirming', () => {
  it('marks the host, accused or not', () => {
    const answer = applied(decide('confirm', loneBot), decide('confirm', '10.9.9.9'))
    expect(answer.decided?.confirmed.map(({ host, accused }) => [host, accused])).toEqual([
      [loneBot, true],
      ['10.9.9.9', false],
    ])
  })

  it('warns of a decision that would hide it', () => {
    const confirmed = decide('confirm', loneBot)
    const allowed = decide('allow', 'status.example.org')
    expect(warningsOf(judged, [confirmed], [allowed], { now })).toEqual([
      `Two decisions contradict each other: ${confirmed.id} confirms ${loneBot} as a bot, ` +
        `${allowed.id} (allow name status.example.org) hides its findings`,
    ])
    const own = decide('allow', loneBot)
    expect(warningsOf(judged, [confirmed], [own], { now })).toEqual([
      `Two decisions contradict each other: ${confirmed.id} confirms ${loneBot} as a bot, ` +
        `${own.id} allows it, so its findings are hidden`,
    ])
    expect(warningsOf(judged, [confirmed], [decide('allow', scanner)], { now })).toEqual([])
  })
})

it('leaves out contacts that are allowed, or of allowed hosts, within the scope', () => {
  const [first] = judged.answer.contacts
  const contacts = [
    { ...first!, host: '10.0.0.1', address: '203.0.113.1' },
    { ...first!, host: '10.0.0.2', address: '203.0.113.2' },
  ]
  const left = (...allowing: Decision[]) =>
    contactsNotAllowed(contacts, allowing, () => null).map(({ host }) => host)
  expect(left()).toEqual(['10.0.0.1', '10.0.0.2'])
  expect(left(decide('allow', '10.0.0.1'))).toEqual(['10.0.0.2'])
  expect(left(decide('allow', '203.0.113.2'))).toEqual(['10.0.0.1'])
})

describe('tags', () => {
  it('are of the host, and of those that call the place', () => {
    const { decided, ...rest } = applied(
      decide('tag', scanner, { tags: ['Triaged', 'it-team'] }),
      decide('tag', '10.0.7.0/24', { tags: ['lab'] }),
      decide('tag', 'status.example.org', { tags: ['vendor'] }),
    )
    expect(rest).toEqual(sampleAnswer)
    expect(decided?.tagged).toEqual([
      { host: loneBot, tags: ['vendor'] },
      { host: scanner, tags: ['it-team', 'lab', 'triaged'] },
    ])
  })

  it.each([
    [[]],
    [['two words']],
    [['-dash']],
    [['<b>']],
    [['x'.repeat(41)]],
    [Array.from({ length: 21 }, (_, i) => `t${i}`)],
  ])('%j are refused', (tags) => {
    expect(() => decide('tag', scanner, { tags })).toThrow(/tag/)
    if (tags.length > 0) expect(() => decide('allow', scanner, { tags })).toThrow('only a tag')
  })
})

describe('as truth', () => {
  it('confirmed hosts are bots in the groups of the answer, allowed ones are clean, others are not judged', () => {
    const truth = truthFromDecisions(
      [
        decide('confirm', webBots[0]!),
        decide('confirm', webBots[1]!),
        decide('confirm', loneBot),
        decide('allow', scanner),
        decide('allow', '10.0.8.0/24'),
      ],
      sampleAnswer,
      'decisions.yaml',
      now,
    )
    expect(truth.botnets.map(({ hosts }) => hosts)).toEqual([[webBots[0], webBots[1]], [loneBot]])
    expect(truth.benign).toEqual([scanner, '10.0.8.8'])
  })
})

describe('the file', () => {
  let folder = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'gannet-decisions-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))
  const path = () => join(folder, 'site.decisions.yaml')

  it('gives back what was written, and removes what is taken out', async () => {
    const first = decide('allow', scanner, { reason: 'our scanner: "weekly"\nrun' })
    const second = decide('confirm', loneBot, { expires: '2026-12-31', scope: '10.0.0.0/8' })
    await addDecisions(path(), [first])
    await addDecisions(path(), [second])
    expect(await readDecisions(path())).toEqual([first, second])
    expect(await removeDecision(path(), first.id, 'ben')).toEqual(first)
    expect(await readDecisions(path())).toEqual([second])
    const log = readFileSync(`${path()}.log`, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(log.map(({ action, author, id }) => [action, author, id])).toEqual([
      ['add', 'anna', first.id],
      ['add', 'anna', second.id],
      ['remove', 'ben', first.id],
    ])
  })

  it('gives back tags, beside each other, and all of it as another file', async () => {
    const both = [decide('tag', scanner, { tags: ['a', 'b'] }), decide('tag', scanner, { tags: ['c'] })]
    await addDecisions(path(), both)
    await addDecisions(path(), [both[0]!, decide('allow', loneBot, { reason: '= "x"\n- y' })])
    const known = await readDecisions(path())
    expect(known.map(({ tags }) => tags)).toEqual([['c'], ['a', 'b'], []])
    expect(new Set(known.map(({ id }) => id)).size).toBe(3)
    expect(parseDecisions(decisionsText(known), 'another')).toEqual(known)
    expect(parseDecisions('- tag: host 10.0.0.1\n  tags: one\n', 'x')[0]?.tags).toEqual(['one'])
  })

  it('keeps comments and entries that a person wrote', async () => {
    writeFileSync(
      path(),
      '# ours\n- allow: host 10.0.7.7 # the scanner\n  reason: known\n\n# next\n- note: name example.org\n  reason: asked Jo\n',
    )
    await addDecisions(path(), [decide('confirm', loneBot)])
    const text = readFileSync(path(), 'utf8')
    expect(text).toMatch(/^# ours\n/)
    expect(text).toContain('# the scanner')
    expect(text).toContain('# next')
    expect(await readDecisions(path())).toHaveLength(3)
  })

  it('replaces a decision about the same thing', async () => {
    await addDecisions(path(), [decide('allow', scanner, { reason: 'old' })])
    await addDecisions(path(), [
      newDecision(
        { verb: 'allow', subject: readSubject(scanner), author: 'ben', reason: 'new' },
        new Date('2026-04-01'),
      ),
    ])
    expect((await readDecisions(path())).map(({ reason }) => reason)).toEqual(['new'])
  })

  it('loses nothing when many write at once', async () => {
    await Promise.all(
      Array.from({ length: 20 }, (_, i) => addDecisions(path(), [decide('allow', `10.0.0.${i}`)])),
    )
    expect(await readDecisions(path())).toHaveLength(20)
  })

  it.each([
    ['- allow: host 10.0.0.1\n- deny: x\n', ':2', 'deny'],
    ['- allow: host\n', ':1', 'is no'],
    ['- allow: host 1.1.1.1\n  confirm: host 1.1.1.1\n', ':1', 'one of'],
    ['- allow: host 1.1.1.1\n  expires: soon\n', ':1', 'no day'],
    ['- allow: host 1.1.1.1\n  scope: example.org\n', ':1', 'no network'],
    ['- note: host 1.1.1.1\n', ':1', 'reason'],
    ['allow: x\n', '', 'no list'],
    ['- allow: [\n', ':2', 'sequence'],
    ['- note: host 1.1.1.1\n  reason: &a x\n  author: *a\n', ':3', 'alias'],
  ])('refuses %j and names the line', (text, line, what) => {
    expect(() => parseDecisions(text, 'f.yaml')).toThrow(`f.yaml${line}`)
    expect(() => parseDecisions(text, 'f.yaml')).toThrow(what)
  })

  it('text of a reason stays text, whatever it holds', async () => {
    const reason = '!!js/function "x" & *a <script>\u202e'
    await addDecisions(path(), [decide('note', scanner, { reason })])
    expect((await readDecisions(path()))[0]!.reason).toBe(reason)
  })
})
