import { describe, expect, it } from 'vitest'
import { UserError } from '../errors.ts'
import { isCncLabel, sideOf } from './labels.ts'
import { readTruthTable } from './read-truth-table.ts'

describe('labels', () => {
  it('of CTU-13 flows', () => {
    expect(sideOf('flow=From-Botnet-V50-1-TCP-CC16-HTTP-Not-Encrypted')).toBe('bot')
    expect(sideOf('flow=From-Normal-V50-Grill')).toBe('benign')
    for (const silent of [
      'flow=Background-TCP-Established',
      'flow=To-Botnet-V50-6-UDP',
      'flow=To-Normal-V50',
      'Background',
    ])
      expect(sideOf(silent)).toBe('unknown')
    expect(isCncLabel('flow=From-Botnet-V50-1-TCP-CC16-HTTP-Not-Encrypted')).toBe(true)
    expect(isCncLabel('flow=From-Botnet-V50-1-TCP-WEB-Established')).toBe(false)
    // "cc" within a word is no C&C.
    expect(isCncLabel('flow=From-Botnet-V50-1-TCP-Successful')).toBe(false)
  })

  it('of labelled Zeek logs and IoT-23', () => {
    expect(sideOf('Malicious   C&C')).toBe('bot')
    expect(sideOf('(empty)   Malicious   PartOfAHorizontalPortScan')).toBe('unknown')
    expect(sideOf('Benign -')).toBe('benign')
    expect(sideOf('benign')).toBe('benign')
    expect(isCncLabel('Malicious C&C-HeartBeat')).toBe(true)
    expect(isCncLabel('Malicious PartOfAHorizontalPortScan')).toBe(false)
  })
})

describe('a table of truth', () => {
  const table =
    'host,label,botnet,family,cnc\n10.0.0.1,bot,b1,irc,203.0.113.9:6667/tcp 203.0.113.8:6667\n10.0.0.2,malicious,b1,irc,\n10.0.0.3,clean,,,\n'

  it('names bots by botnet, and who is clean', () => {
    expect(readTruthTable(table)).toMatchObject({
      botnets: [
        {
          id: 'b1',
          family: 'irc',
          hosts: ['10.0.0.1', '10.0.0.2'],
          cnc: ['203.0.113.9:6667/tcp', '203.0.113.8:6667'],
        },
      ],
      benign: ['10.0.0.3'],
    })
  })

  it('says which line is wrong', () => {
    expect(() => readTruthTable('host,label\nten,bot')).toThrow(/truth:2: ten is not an address/)
    expect(() => readTruthTable('host,label\n10.0.0.1,perhaps')).toThrow(/perhaps is neither/)
    expect(() => readTruthTable('address,label\n10.0.0.1,bot')).toThrow(UserError)
  })
})
