import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { describeWithData, sharedData } from '../../test/shared-data.ts'
import { UserError } from '../errors.ts'
import type { Truth } from '../model/truth.ts'
import { readTruth, readTruths } from './read-truth.ts'

const own: Truth = {
  about: 'x',
  internal: ['10.0.0.0/8', '2001:db8::/32'],
  botnets: [{ id: 'a', family: 'f', topology: 'star', hosts: ['10.0.0.1'], cnc: [], activities: ['scan'] }],
  benign: null,
  from: 1,
  to: 2,
}

const codeOf = (text: string): string => {
  try {
    readTruth(text)
  } catch (error) {
    if (error instanceof UserError) return error.code
    throw error
  }
  return 'read'
}

describe('truth.json', () => {
  it('reads back what was written', () => {
    expect(readTruth(JSON.stringify(own))).toEqual(own)
  })

  it.each([
    ['not JSON', '{'],
    ['a list', '[]'],
    ['nothing', '{}'],
    ['a network without a length', JSON.stringify({ ...own, internal: ['10.0.0.0'] })],
    ['a network that is none', JSON.stringify({ ...own, internal: ['campus/8'] })],
    ['times as text', JSON.stringify({ ...own, from: '1' })],
    ['a botnet that is none', JSON.stringify({ ...own, botnets: [1] })],
    [
      'hosts that are no list',
      JSON.stringify({ ...own, botnets: [{ ...own.botnets[0], hosts: '10.0.0.1' }] }),
    ],
    ['clean hosts that are no list', JSON.stringify({ ...own, benign: 'all' })],
  ])('refuses %s', (_, text) => {
    expect(codeOf(text)).toBe('truth-invalid')
  })
})

describe('a map of captures', () => {
  const map = JSON.stringify({
    _note: 'by hand',
    one: { path: 'captures/one', family: 'njRAT', bots: ['10.0.0.1'], c2: ['192.0.2.1:80/tcp'] },
    two: { path: 'captures/two', bots: [], benign_hosts: ['10.0.0.9'] },
  })

  it('judges the hosts that it names', () => {
    expect(readTruth(map, { capture: 'one' })).toEqual({
      about: 'captures/one',
      internal: [],
      botnets: [
        {
          id: 'one',
          family: 'njRAT',
          topology: 'undecided',
          hosts: ['10.0.0.1'],
          cnc: ['192.0.2.1:80/tcp'],
          activities: [],
        },
      ],
      benign: [],
      from: 0,
      to: 0,
    })
    expect(readTruth(map, { capture: 'two' })).toMatchObject({ botnets: [], benign: ['10.0.0.9'] })
    expect([...readTruths(map).keys()]).toEqual(['one', 'two'])
  })

  it('wants to know which capture, and refuses hosts that are no addresses', () => {
    expect(codeOf(map)).toBe('truth-invalid')
    expect(() => readTruth(map, { capture: 'three' })).toThrow('there is no three of one, two')
    expect(codeOf(JSON.stringify({ one: { bots: ['laptop'] } }))).toBe('truth-invalid')
  })
})

describeWithData('truth.json', 'the truth of the real captures', () => {
  it('is read whole', () => {
    const text = readFileSync(sharedData('truth.json'), 'utf8')
    const cases = Object.keys(JSON.parse(text) as object).filter((name) => !name.startsWith('_'))
    const truths = readTruths(text)
    expect([...truths.keys()]).toEqual(cases)
    expect(truths.get('strato-008')?.benign).toEqual(['147.32.81.167'])
    expect(truths.get('pcap-emotet')?.botnets[0]?.cnc).toContain('5.2.136.90:80')
  })
})
