/** Suricata rules (version 6 and later) for command and control: an alert per host and hour for each indicator. */
import { createHash } from 'node:crypto'
import { isIPv6 } from 'node:net'
import type { Answer } from '../model/answer.ts'
import type { OutputFormat } from '../reports/format.ts'
import { type Indicator, indicatorsIn, remark } from './indicators.ts'
import { leftOutLines } from './lists.ts'

/** Local rules have numbers from 1,000,000 to 1,999,999. */
const first = 1_000_000
const room = 1_000_000

/** The same indicator keeps its number; of two that would share one, the later in order moves on. */
function numbered<T extends { readonly key: string }>(rules: readonly T[]): (T & { readonly sid: number })[] {
  const taken = new Set<number>()
  return rules.map((rule) => {
    let at = createHash('sha256').update(rule.key).digest().readUInt32BE(0) % room
    while (taken.has(at)) at = (at + 1) % room
    taken.add(at)
    return { ...rule, sid: first + at }
  })
}

/** In a quoted option a semicolon, a quote, a backslash and a colon are escaped. */
const quoted = (text: string): string => `"${text.replace(/[\\";:]/g, '\\$&')}"`

interface Rule {
  readonly key: string
  readonly head: string
  readonly match: string
  readonly indicator: Indicator
}

const ruleProtocol = (protocol: string): string =>
  ['tcp', 'udp', 'icmp'].includes(protocol) ? protocol : 'ip'

function rulesOf(indicator: Indicator): Rule[] {
  const { type, value, services, subdomains } = indicator

  if (type === 'address') {
    const place = isIPv6(value) ? `[${value}]` : value
    return services.map(({ port, protocol }) => ({
      key: `${value} ${port}/${protocol}`,
      head: `${ruleProtocol(protocol)} $HOME_NET any -> ${place} ${port > 0 && protocol !== 'icmp' ? port : 'any'}`,
      match: '',
      indicator,
    }))
  }

  const content = subdomains
    ? `dotprefix; content:${quoted(`.${value}`)}; nocase; endswith;`
    : `bsize:${value.length}; content:${quoted(value)}; nocase;`

  return [
    { key: `dns ${value}`, head: 'dns $HOME_NET any -> any any', match: `dns.query; ${content} `, indicator },
    {
      key: `tls ${value}`,
      head: 'tls $HOME_NET any -> $EXTERNAL_NET any',
      match: `tls.sni; ${content} `,
      indicator,
    },
  ]
}

function ruleText({ head, match, indicator, sid }: Rule & { readonly sid: number }): string {
  const ids = indicator.techniques.map(({ id }) => `mitre_technique_id ${id.replace('.', '_')}`)
  const metadata = [`confidence ${Math.round(indicator.confidence * 100)}`, ...ids].join(', ')
  return (
    `alert ${head} (msg:${quoted(`GANNET C&C ${indicator.value} (${remark(indicator)})`)}; ${match}` +
    'threshold:type limit, track by_src, seconds 3600, count 1; classtype:trojan-activity; ' +
    `sid:${sid}; rev:1; metadata:${metadata};)`
  )
}

function renderSuricata(answer: Answer): string {
  const found = indicatorsIn(answer)
  const rules = numbered(found.indicators.flatMap(rulesOf).toSorted((a, b) => (a.key < b.key ? -1 : 1)))
  return [...leftOutLines(found, '#'), ...rules.map(ruleText), ''].join('\n')
}

export const suricata = {
  name: 'suricata',
  doc: 'Suricata rules for addresses and names of command and control.',
  extension: 'rules',
  render: renderSuricata,
} as const satisfies OutputFormat
