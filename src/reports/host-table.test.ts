import { describe, expect, it } from 'vitest'
import { hostile } from '../../test/fixtures/any-answer.ts'
import { cleanAnswer, sampleAnswer } from '../../test/fixtures/sample-answer.ts'
import { hostTable } from './host-table.ts'

describe('the table of hosts', () => {
  it('has a line for each accused host, in columns', () => {
    const lines = hostTable(sampleAnswer, { width: 160 }).trim().split('\n')
    expect(lines).toHaveLength(sampleAnswer.hosts.length + 2)
    const at = lines[1]!.indexOf('severity')
    for (const line of lines.slice(2))
      expect(line.slice(at)).toMatch(/^(?:high|medium|low|note) +\d\.\d\d \w/)
  })

  it('fits the terminal, and says how many are left out', () => {
    const lines = hostTable(sampleAnswer, { width: 60, limit: 3 }).trimEnd().split('\n')
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(60)
    expect(lines.at(-1)).toBe(`  and ${sampleAnswer.hosts.length - 3} others`)
  })

  it('says where a host calls on 80 columns too', () => {
    const long = sampleAnswer.hosts.map((each) => ({ ...each, botnet: 'bf339ff2e7999' }))
    const [, heads = '', ...lines] = hostTable({ ...sampleAnswer, hosts: long }, { width: 80 })
      .trim()
      .split('\n')
    expect(heads).toMatch(/^ {2}host +severity {2}conf {2}kinds +calls$/)
    const places = lines.map((line) => line.slice(heads.indexOf('calls')))
    expect(places.every((each) => each === '-' || /^(?:[\d.]+|\[[\da-f:]+\]):\d+\//.test(each))).toBe(true)
  })

  it('is empty without accused hosts', () => {
    expect(hostTable(cleanAnswer)).toBe('')
  })

  it('shows text of the traffic as one line that does nothing', () => {
    for (const text of hostile) {
      const hosts = sampleAnswer.hosts.map((each) => ({
        ...each,
        cnc: each.cnc.map((place) => ({ ...place, name: text })),
      }))
      const table = hostTable({ ...sampleAnswer, hosts }, { width: 400 })
      expect(table).not.toMatch(/(?!\n)\p{Cc}|\p{Cf}/u)
      expect(table.trim().split('\n')).toHaveLength(hosts.length + 2)
    }
  })
})
