import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { anyAnswer, hostile } from '../../test/fixtures/any-answer.ts'
import { cleanAnswer, sampleAnswer, webBots } from '../../test/fixtures/sample-answer.ts'
import { sampleFigures } from '../../test/fixtures/sample-figures.ts'
import { describeIf, hasProgram, hasPython, run } from '../../test/outside.ts'
import type { Answer } from '../model/answer.ts'
import { techniques, techniquesOf, techniquesOfKind } from '../model/attack.ts'
import type { Evidence } from '../model/evidence.ts'
import { type Finding, findingKinds } from '../model/finding.ts'
import { noFigures } from '../reports/format.ts'
import { cefLine, leefLine } from './cef.ts'
import { alertsIn, exchangeFormats, exportFormats, exportNamed, indicatorsIn, ofBotnet } from './index.ts'
import { plainName } from './indicators.ts'
import { rpzAddress } from './lists.ts'
import { techniqueCounts } from './navigator.ts'
import { uuid5 } from './uuid.ts'

const written = (name: string, answer: Answer = sampleAnswer): string =>
  exportNamed(name)!.render(answer, noFigures)

/** The sample with every text that traffic can choose replaced by one that hurts. */
function hurting(text: string): Answer {
  const endpoint = { ...sampleAnswer.findings[0]!.cnc[0]!, name: text }
  return {
    ...sampleAnswer,
    botnets: sampleAnswer.botnets.map((each) => ({ ...each, cnc: [endpoint] })),
    findings: sampleAnswer.findings.map((each) => ({
      ...each,
      claim: `${text} is called`,
      cnc: [endpoint],
      rally: { method: 'name', names: [text] },
    })),
  }
}

/** Characters that move a cursor or reorder a line; line breaks and tabs are the format's own. */
const acting = /(?![\n\t])[\p{Cc}\p{Cf}]/u

describe('every export', () => {
  it.each(exportFormats.map(({ name }) => name))('%s writes the same answer the same way twice', (name) => {
    expect(written(name)).toBe(written(name))
    expect(written(name).length).toBeGreaterThan(200)
  })

  it.each(exchangeFormats.map(({ name }) => name))('%s has nothing in it that acts', (name) => {
    for (const each of hostile) expect(written(name, hurting(each)), JSON.stringify(each)).not.toMatch(acting)
  })

  it.each(exchangeFormats.map(({ name }) => name))('%s takes every answer that the types allow', (name) => {
    fc.assert(
      fc.property(anyAnswer, (answer) => {
        expect(written(name, answer)).not.toMatch(acting)
      }),
      { numRuns: 60 },
    )
  })

  it.each(exchangeFormats.map(({ name }) => name))('%s takes an answer without findings', (name) => {
    expect(() => written(name, cleanAnswer)).not.toThrow()
  })

  it.each([
    'jsonl',
    'stix',
    'misp',
    'ecs',
    'ocsf',
    'cef',
    'leef',
    'suricata',
    'zeek-intel',
    'navigator',
    'csv',
    'text',
    'html',
    'json',
  ])('%s carries ATT&CK techniques', (name) => {
    expect(written(name)).toMatch(/T1071[._]001/)
  })
})

describe('ATT&CK', () => {
  it('has a technique for each kind of finding, save the kind that is made of others', () => {
    expect(findingKinds.filter((kind) => techniquesOfKind[kind].length === 0)).toEqual(['together'])
  })

  it('reads ports, activities and how bots rally', () => {
    const base = { kind: 'beacon', cnc: [], evidence: [], rally: null } as const
    const at = (port: number, protocol = 'tcp') => ({ address: '203.0.113.9', port, protocol, name: null })
    const ids = (rest: Partial<Parameters<typeof techniquesOf>[0]>) =>
      techniquesOf({ ...base, ...rest }).map(({ id }) => id)
    expect(ids({})).toEqual(['T1071'])
    expect(ids({ cnc: [at(80)] })).toEqual(['T1071.001'])
    expect(ids({ cnc: [at(443)] })).toEqual(['T1071.001', 'T1573'])
    expect(ids({ cnc: [at(53, 'udp')] })).toEqual(['T1071.004'])
    expect(ids({ cnc: [at(6667)] })).toEqual(['T1071'])
    expect(ids({ cnc: [at(443, 'udp')] })).toEqual(['T1071'])
    expect(ids({ rally: { method: 'generated-names', names: [] } })).toEqual(['T1071', 'T1568.002'])
  })

  it('gives a host the techniques of what it did itself', () => {
    const scan = { kind: 'activity', activity: 'scan', hosts: ['10.0.0.1'] } as unknown as Evidence
    const botnet = { kind: 'botnet', cnc: [], evidence: [scan], rally: null } as const
    const ids = (host?: string) => techniquesOf(botnet, host).map(({ id }) => id)
    expect(ids()).toEqual(['T1046', 'T1071'])
    expect(ids('10.0.0.1')).toEqual(['T1046', 'T1071'])
    expect(ids('10.0.0.2')).toEqual(['T1071'])
    const finding = { ...botnet, hosts: ['10.0.0.1', '10.0.0.2'] } as unknown as Finding
    expect(techniqueCounts([finding]).map(({ technique, hosts }) => [technique.id, hosts.length])).toEqual([
      ['T1071', 2],
      ['T1046', 1],
    ])
  })

  it('names each technique by its key, in a form that ATT&CK has', () => {
    for (const [key, { id }] of Object.entries(techniques)) {
      expect(id).toBe(key)
      expect(id).toMatch(/^T\d{4}(\.\d{3})?$/)
      expect(Object.keys(techniques)).toContain(id.split('.')[0])
    }
  })
})

describe('indicators', () => {
  it('hold no internal, private or special address, and say what was left out', () => {
    const cnc = [
      '10.0.0.1',
      '127.0.0.1',
      '192.168.1.1',
      '224.0.0.251',
      'fe80::1',
      '203.0.113.77',
      'nonsense',
    ].map((address) => ({ address, port: 443, protocol: 'tcp', name: null }))
    const answer = {
      ...sampleAnswer,
      botnets: [],
      findings: [{ ...sampleAnswer.findings[0]!, cnc, rally: null, evidence: [] }],
    }
    const { indicators, leftOut } = indicatorsIn(answer)
    expect(indicators.map(({ value }) => value)).toEqual(['203.0.113.77'])
    expect(leftOut.map(({ value }) => value).toSorted()).toEqual(
      cnc
        .map(({ address }) => address)
        .filter((each) => each !== '203.0.113.77')
        .toSorted(),
    )
    expect(written('blocklist', answer)).toContain('# left out: 10.0.0.1 is internal')
  })

  it('of a tunnel are its domain with what is under it, never the resolver', () => {
    const finding = {
      ...sampleAnswer.findings[0]!,
      kind: 'tunnel' as const,
      cnc: [{ address: '198.51.100.53', port: 53, protocol: 'udp', name: null }],
      rally: { method: 'tunnel' as const, names: ['x.evil.example'] },
      evidence: [
        {
          kind: 'tunnel' as const,
          host: '10.0.0.7',
          domain: 'evil.example',
          names: 9,
          queries: 9,
          payload: 40,
          entropy: 4,
          up: 900,
          down: 900,
          answers: 9,
          type: 'TXT',
          flows: [],
          query: { sql: 'SELECT 1', params: {} },
        },
      ],
    }
    const answer = { ...sampleAnswer, botnets: [], findings: [finding] }
    const { indicators } = indicatorsIn(answer)
    expect(indicators.map(({ value, subdomains }) => [value, subdomains])).toEqual([['evil.example', true]])
    expect(written('rpz', answer)).toMatch(/^\*\.evil\.example CNAME \.$/m)
    expect(written('suricata', answer)).toContain('dotprefix; content:".evil.example"; nocase; endswith;')
  })

  it('take only names that a zone may hold', () => {
    expect(plainName('CDN.Example.Net.')).toBe('cdn.example.net')
    expect(plainName('*.x.example')).toBe('x.example')
    expect(plainName('bücher.example')).toBe('xn--bcher-kva.example')
    expect(plainName('_dmarc.example.com')).toBe('_dmarc.example.com')
    for (const none of [
      '',
      'localhost',
      'a b.example',
      'a;b.example',
      '$INCLUDE.example',
      '-a.example',
      '203.0.113.9',
      `${'a'.repeat(64)}.example`,
      `${'a.'.repeat(120)}example`,
      'a..example',
    ])
      expect(plainName(none), none).toBeNull()
    for (const each of hostile) expect(plainName(each), each).toBeNull()
  })
})

describe('CEF and LEEF', () => {
  const [alert] = alertsIn(sampleAnswer)

  it('escape what ends a column', () => {
    const finding = { ...alert!.finding, claim: 'a=b|c\\d\ne\tf' }
    const line = cefLine({ ...alert!, finding }, '1|2\\3')
    expect(line).toContain('msg=a\\=b|c\\\\d\\\\ne\\\\tf')
    expect(line.startsWith('CEF:0|Gannet|gannet|1\\|2\\\\3|')).toBe(true)
    const leef = leefLine({ ...alert!, finding }, '1|2')
    expect(leef.startsWith('LEEF:2.0|Gannet|gannet|1/2|')).toBe(true)
    expect(leef.split('\t').at(-1)).toBe('msg=a=b|c\\d\\ne\\tf')
  })

  it('have seven bars before the extension, and each pair a key, whatever the text', () => {
    for (const text of hostile) {
      for (const line of written('cef', hurting(text)).split('\n').slice(0, -1)) {
        const parts = line.split(/(?<!\\)(?:\\\\)*\|/)
        expect(parts.length).toBeGreaterThanOrEqual(8)
        const keys = [...line.matchAll(/(?:^|[ |])([A-Za-z0-9]+)=/g)].map(([, key]) => key)
        expect(keys).toContain('msg')
        expect(new Set(keys).size).toBe(keys.length)
      }
    }
  })

  it('are an event for each accused host of a finding', () => {
    const events = sampleAnswer.findings.reduce((sum, { hosts }) => sum + hosts.length, 0)
    expect(written('cef').trim().split('\n')).toHaveLength(events)
    expect(written('leef').trim().split('\n')).toHaveLength(events)
    expect(written('ecs').trim().split('\n')).toHaveLength(events)
  })
})

describe('Suricata rules', () => {
  const rule =
    /^alert (?:tcp|udp|icmp|ip|dns|tls) \$HOME_NET any -> (?:\$EXTERNAL_NET|any|\[?[0-9a-f.:]+\]?) (?:any|\d+) \((?:[a-z_.]+(?::(?:"(?:[^"\\;]|\\.)*"|[^;"]*))?; ?)+\)$/

  it('have the form of rules, whatever the names', () => {
    for (const text of ['plain.example', ...hostile]) {
      for (const line of written('suricata', hurting(text))
        .trim()
        .split('\n')
        .filter((each) => !each.startsWith('#')))
        expect(line).toMatch(rule)
    }
  })

  it('have numbers of their own in the local range', () => {
    const sids = [...written('suricata').matchAll(/sid:(\d+);/g)].map(([, sid]) => Number(sid))
    expect(sids.length).toBeGreaterThan(3)
    expect(new Set(sids).size).toBe(sids.length)
    for (const sid of sids) expect(sid >= 1_000_000 && sid < 2_000_000).toBe(true)
  })
})

describeIf(hasProgram('suricata'), 'suricata -T', 'Suricata is not installed', () => {
  it('loads the rules', () => {
    const { code, output } = run(['suricata', '-T', '-S', 'gannet.rules', '-l', '.'], {
      'gannet.rules': written('suricata'),
    })
    expect(output).not.toMatch(/error parsing/i)
    expect(code).toBe(0)
  })
})

describe('response policy zones', () => {
  it('write addresses backwards, with the longest run of zeros as zz', () => {
    expect(rpzAddress('203.0.113.9')).toBe('32.9.113.0.203.rpz-ip')
    expect(rpzAddress('2001:db8::51')).toBe('128.51.zz.db8.2001.rpz-ip')
    expect(rpzAddress('2001:db8:1:2:3:4:5:6')).toBe('128.6.5.4.3.2.1.db8.2001.rpz-ip')
    expect(rpzAddress('2001:db8:0:1:0:0:0:6')).toBe('128.6.zz.1.0.db8.2001.rpz-ip')
  })
})

describeIf(hasProgram('named-checkzone'), 'named-checkzone', 'bind9-utils is not installed', () => {
  it.each([
    ['the sample', sampleAnswer],
    ['no findings', cleanAnswer],
    ...hostile.map((each) => [JSON.stringify(each), hurting(each)] as const),
  ] as const)('takes the zone of %s', (_, answer) => {
    const { code, output } = run(['named-checkzone', 'gannet.rpz', 'zone'], {
      zone: written('rpz', answer as Answer),
    })
    expect(output).toContain('OK')
    expect(code).toBe(0)
  })
})

const python = (code: string, content: string) => run(['python3', '-c', code], { input: content })

describeIf(hasPython('stix2validator'), 'stix2-validator', 'PyPI: stix2-validator', () => {
  const check = `
import sys
from stix2validator import validate_string, ValidationOptions
result = validate_string(open('input').read(), ValidationOptions(version='2.1', strict_types=True))
for error in result.errors: print(error)
sys.exit(0 if result.is_valid else 1)`

  it.each([
    ['the sample', sampleAnswer],
    ['hostile text', hurting(hostile[0])],
    ['a quote', hurting("it's\\.example")],
  ] as const)(
    'takes the bundle of %s',
    (_, answer) => {
      expect(python(check, written('stix', answer))).toEqual({ code: 0, output: '' })
    },
    120_000,
  )
})

describe('STIX', () => {
  interface Part {
    readonly type: string
    readonly id: string
    readonly [key: string]: unknown
  }
  const { objects } = JSON.parse(written('stix')) as { objects: Part[] }
  const of = (type: string) => objects.filter((each) => each.type === type)

  it('has a grouping for each botnet, observed data and a note for each finding, a sighting for each indicator', () => {
    expect(of('grouping')).toHaveLength(sampleAnswer.botnets.length)
    expect(of('observed-data')).toHaveLength(sampleAnswer.findings.length)
    expect(of('note')).toHaveLength(sampleAnswer.findings.length)
    expect(of('indicator').length).toBeGreaterThan(2)
    expect(of('sighting')).toHaveLength(of('indicator').length)
  })

  it('refers to nothing that is not in the bundle', () => {
    const ids = new Set(objects.map(({ id }) => id))
    const refs = objects.flatMap((each) =>
      Object.entries(each).flatMap(([key, value]) => (/_refs?$/.test(key) ? [value].flat() : [])),
    )
    expect(refs.length).toBeGreaterThan(20)
    expect(refs.filter((ref) => !ids.has(ref as string))).toEqual([])
  })

  it('makes ids as RFC 9562 has them', () => {
    expect(uuid5('6ba7b810-9dad-11d1-80b4-00c04fd430c8', 'www.example.com')).toBe(
      '2ed6657d-e927-568b-95e1-2665a8aea6a2',
    )
  })
})

describeIf(hasPython('pymisp'), 'PyMISP', 'PyPI: pymisp', () => {
  const check = `
import pymisp
event = pymisp.MISPEvent()
event.load_file('input')
print(len(event.attributes))`

  it('loads the event by its schema', () => {
    const { code, output } = python(check, written('misp'))
    expect(output.trim()).toMatch(/^\d+$/)
    expect(Number(output.trim())).toBeGreaterThan(webBots.length)
    expect(code).toBe(0)
  })
})

describeIf(hasPython('py_ocsf_models'), 'py-ocsf-models', 'PyPI: py-ocsf-models', () => {
  const check = `
from py_ocsf_models.events.findings.detection_finding import DetectionFinding
for line in open('input'): DetectionFinding.model_validate_json(line)
print('ok')`

  it('takes each finding', () => {
    const { output } = python(check, written('ocsf'))
    expect(output).toBe('ok\n')
  })
})

describe('ECS', () => {
  it('has the columns that an alert needs, each of the kind that the schema says', () => {
    for (const line of written('ecs').trim().split('\n')) {
      const document = JSON.parse(line)
      expect(Number.isNaN(Date.parse(document['@timestamp']))).toBe(false)
      expect(document.event.kind).toBe('alert')
      // Allowed values of event.category and event.type: ECS 8.17.
      expect(document.event.category).toEqual(['threat', 'network'])
      expect(document.event.type).toEqual(['indicator'])
      expect(document.ecs.version).toBe('8.17.0')
      expect(document.event.risk_score).toBeGreaterThanOrEqual(0)
      expect(document.event.risk_score).toBeLessThanOrEqual(100)
      expect(document.threat.technique.id.length).toBeGreaterThan(0)
    }
  })
})

describe('the Navigator layer', () => {
  it('scores techniques by accused hosts', () => {
    const layer = JSON.parse(written('navigator'))
    expect(layer.versions.layer).toBe('4.5')
    expect(layer.domain).toBe('enterprise-attack')
    for (const each of layer.techniques) {
      expect(each.techniqueID).toMatch(/^T\d{4}(\.\d{3})?$/)
      expect(each.score).toBeGreaterThan(0)
      expect(each.score).toBeLessThanOrEqual(layer.gradient.maxValue)
    }
  })
})

describe('one botnet', () => {
  it('is cut out whole, and lists its C&C alone', () => {
    const [botnet] = sampleAnswer.botnets
    const cut = ofBotnet(sampleAnswer, sampleFigures, botnet!.id)!
    expect(cut.answer.botnets).toEqual([botnet])
    expect(cut.answer.hosts.map(({ host }) => host)).toEqual(expect.arrayContaining([...botnet!.hosts]))
    const { indicators } = indicatorsIn(cut.answer)
    expect(indicators.filter(({ type }) => type === 'address').map(({ value }) => value)).toEqual(
      expect.arrayContaining(botnet!.cnc.map(({ address }) => address)),
    )
    expect(ofBotnet(sampleAnswer, sampleFigures, 'b-none')).toBeNull()
  })
})
