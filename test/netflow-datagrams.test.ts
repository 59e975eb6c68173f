/** Datagrams of real exporters against what telegraf reads of them, and against what was read before. */
import { readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { describe, expect, it } from 'vitest'
import { datagramSets, type Row, readSet } from './netflow-datagrams.ts'
import { describeWithData } from './shared-data.ts'

describeWithData('conformance/netflow/telegraf', 'datagrams of real exporters', () => {
  const sets = datagramSets()

  it('are those of more than twenty exporters', () => {
    expect(sets.length).toBeGreaterThanOrEqual(80)
  })

  it('give the records and rejects that the table of docs/reference/conformance-netflow.md says', () => {
    const page = readFileSync(new URL('../docs/reference/conformance-netflow.md', import.meta.url), 'utf8')
    const documented = [
      ...page.matchAll(/((?:akvorado|logstash|telegraf)\/[\w-]+) (\d+)\/(\d+)\/(\d+)(?: \(([^)]*)\))?/g),
    ].sort(([, a = ''], [, b = '']) => (a < b ? -1 : 1))
    expect(documented.map(([, name]) => name)).toEqual(sets.map(({ name }) => name))
    for (const [i, [, name, datagrams, records, options, left]] of documented.entries()) {
      const read = readSet(sets[i]!)
      const rejects = Object.entries(read.rejects)
        .map(([why, n]) => `${n} ${why}`)
        .join(', ')
      expect(`${name} ${read.datagrams} ${read.rows.length} ${read.options} ${rejects}`).toBe(
        `${name} ${datagrams} ${records} ${options} ${left ?? ''}`,
      )
    }
  })

  describe('as telegraf expects them', () => {
    const cases = sets.filter(({ name }) => name.startsWith('telegraf/'))
    it.each(cases.map((set) => [set.name, set] as const))('%s', (name, set) => {
      const expected = flowsOf(readFileSync(`${dirname(set.files[0]!)}/expected.out`, 'utf8'))
      const mine = readSet(set)
        .rows.map(line)
        .map((each) => each.replace(' ff02::16 143 0 ', ' ff02::16 0 0 '))
        .sort()
      // The second record of this message is longer than its set; telegraf reads on into what follows.
      if (name === 'telegraf/issue_14370')
        expect([...mine, expect.stringContaining('2001:db8:0:1::1')].sort()).toEqual(expected)
      else expect(mine).toEqual(expected)
    })
  })
})

const line = ({ source, target, ports, octets, packets }: Row): string =>
  `${source} ${target} ${ports.replace(' both', '')} ${octets} ${packets}`

/**
 * The flows of telegraf's expected output. Its sFlow samples carry no counts of their own: one packet, of the IP
 * header's length.
 */
function flowsOf(text: string): string[] {
  return text
    .split('\n')
    .filter((each) => each.startsWith('netflow,'))
    .map((each) => {
      const value = (key: string) => new RegExp(`[ ,]${key}="?([^",]*?)u?"?(?:,| \\d+$)`).exec(each)?.[1]
      const isSflow = each.includes('version=sFlowV5')
      // Of IPv6 it tells the payload without the header of 40 bytes, and no type of ICMP.
      const octets = isSflow
        ? (value('ipv4_total_len') ?? Number(value('ip_total_len')) + 40)
        : (value('in_bytes') ?? value('in_total_bytes'))
      const packets = isSflow ? '1' : (value('in_packets') ?? value('in_total_packets'))
      return {
        source: value('src'),
        rest: `${value('dst')} ${value('src_port') ?? 0} ${value('dst_port') ?? 0} ${octets} ${packets}`,
      }
    })
    .filter(({ source }) => source !== undefined)
    .map(({ source, rest }) => `${source} ${rest}`)
    .sort()
}
