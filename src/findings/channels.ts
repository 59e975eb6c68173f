/** Data in pings, and what stealers hand over, as findings. */
import type { Finding } from '../model/finding.ts'
import type { Query } from '../model/query.ts'
import { clampRatio, micros } from '../model/units.ts'
import { identify, shown } from './identity.ts'

/** What the channels stage says of the pings of one host to one server. */
interface IcmpOf {
  readonly host: string
  readonly peer: string
  readonly requests: number
  readonly answers: number
  readonly sent: number
  readonly received: number
  readonly spread: number
  readonly carried: number
  readonly first: number
  readonly last: number
  readonly ids: readonly string[]
  readonly confidence: number
  readonly query: Query
}

export function icmpFinding({ host, peer, first, last, ids, confidence, query, ...facts }: IcmpOf): Finding {
  const endpoint = { address: peer, port: 0, protocol: 'icmp', name: null }

  return {
    id: identify('f', ['tunnel', host, peer, 'icmp']),
    kind: 'tunnel',
    hosts: [host],
    from: micros(first),
    to: micros(last),
    severity: 'high',
    confidence: clampRatio(confidence),
    claim: `${host} exchanges data with ${peer} inside pings.`,
    cnc: [endpoint],
    rally: null,
    evidence: [
      {
        kind: 'pings',
        endpoint,
        requests: facts.requests,
        answers: facts.answers,
        sent: facts.sent,
        received: facts.received,
        spread: facts.spread,
        carried: facts.carried,
        flows: ids,
        query: shown(query),
      },
    ],
    doubts: [
      'a test of the path pings with many sizes, and a device on the way cuts the answers',
      'somebody uses a tunnel on purpose, to get through a captive portal or in a test',
    ],
  }
}

/** What the channels stage says of mail or files that one host hands to one server. */
interface StealerOf {
  readonly host: string
  readonly server: string
  readonly port: number
  readonly name: string
  readonly times: number
  readonly sent: number
  readonly received: number
  readonly callers: number
  readonly checked: number
  readonly first: number
  readonly last: number
  readonly ids: readonly string[]
  readonly confidence: number
  readonly query: Query
}

export function stealerFinding(stealer: StealerOf): Finding {
  const { host, server, port, name, checked, first, last, ids, confidence, query } = stealer
  const endpoint = { address: server, port, protocol: 'tcp', name: name === '' ? null : name }
  const files = port === 21
  const asking = checked >= 0 ? ', right after it asked for its own public address' : ''

  return {
    id: identify('f', ['exfiltration', host, name || server, port]),
    kind: 'exfiltration',
    hosts: [host],
    from: micros(first),
    to: micros(last),
    severity: 'high',
    confidence: clampRatio(Math.round(1e3 * confidence) / 1e3),
    claim: `${host} hands ${files ? 'files' : 'mail'} to ${name || server}:${port}, which no other host does${asking}.`,
    cnc: [endpoint],
    rally: null,
    evidence: [
      {
        kind: 'handed',
        endpoint,
        times: stealer.times,
        sent: stealer.sent,
        received: stealer.received,
        callers: stealer.callers,
        checked: checked >= 0 ? micros(checked) : null,
        flows: ids,
        query: shown(query),
      },
    ],
    doubts: files
      ? [
          'a backup, or somebody who keeps a web site by FTP',
          'a camera or a recorder that hands its pictures over, and has dynamic DNS besides',
        ]
      : [
          'somebody has a mail box at a small provider, and reads it in a browser',
          'a device, such as a scanner or a power supply, sends its reports by mail',
        ],
  }
}
