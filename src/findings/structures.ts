/** Relays and peer-to-peer hosts, as findings. */

import type { PeerTalk, Relayed } from '../model/evidence.ts'
import type { Finding } from '../model/finding.ts'
import type { Query } from '../model/query.ts'
import { clampRatio, micros } from '../model/units.ts'
import { sayEndpoint, sayMany } from '../model/words/say.ts'
import { identify, shown } from './identity.ts'

/** What the structures stage says of a host that forwards what external hosts send. */
export interface RelayFacts {
  readonly host: string
  /** Share of the calls that were passed on, over what chance gives. */
  readonly score: number
  readonly from: number
  readonly to: number
  readonly evidence: Omit<Relayed, 'query'> & { readonly query: Query }
}

/** Ports at which a reverse proxy or a load balancer is to be expected. */
const webPorts = [80, 443, 8080, 8443]
const tunnelPorts = [500, 1194, 1701, 1723, 4500, 51_820]

export function relayFinding({ host, score, from, to, evidence }: RelayFacts, epochKey: number): Finding {
  const { query, ...facts } = evidence
  const web = webPorts.includes(facts.port)
  const tunnel = tunnelPorts.includes(facts.port)
  const where = facts.destinations === 1 ? sayEndpoint(facts.to[0]!) : sayMany(facts.destinations, 'place')

  return {
    id: identify('f', ['relay', host, facts.port, facts.protocol, epochKey]),
    kind: 'relay',
    rally: null,
    hosts: [host],
    from: micros(from),
    to: micros(to),
    severity: web || tunnel ? 'low' : 'medium',
    confidence: clampRatio(Math.round(100 * score * (web ? 0.6 : tunnel ? 0.4 : 0.9)) / 100),
    claim: `${host} forwards connections of external hosts to its port ${facts.port}/${facts.protocol}, to ${where}.`,
    cnc: facts.destinations <= 5 ? [...facts.to] : [],
    evidence: [{ ...facts, query: shown(query) }],
    doubts: [
      web
        ? 'it is a reverse proxy or a load balancer in front of a service that is hosted outside'
        : 'it is a gateway or a proxy of your own that serves people outside',
      ...(tunnel ? ['it is the VPN gateway, and what comes through it leaves through it'] : []),
      'its owner runs an open relay on purpose, such as a Tor node or a game proxy',
    ],
  }
}

/** What the structures stage says of a host with peer-to-peer talk. */
export interface PeerFacts {
  readonly host: string
  readonly score: number
  readonly from: number
  readonly to: number
  readonly evidence: Omit<PeerTalk, 'query'> & { readonly query: Query }
}

export function peerFinding({ host, score, from, to, evidence }: PeerFacts, epochKey: number): Finding {
  const { query, ...facts } = evidence

  return {
    id: identify('f', ['p2p', host, facts.protocol, epochKey]),
    kind: 'p2p',
    // Peers are addresses that nobody looked up by name.
    rally: { method: 'peers', names: [] },
    hosts: [host],
    from: micros(from),
    to: micros(to),
    severity: 'medium',
    confidence: clampRatio(Math.round(100 * score) / 100),
    claim:
      `${host} takes part in a peer-to-peer overlay whose peers are mostly gone: it ` +
      `contacts ${sayMany(facts.peers, 'external peer')} and transfers nothing large.`,
    cnc: [],
    evidence: [{ ...facts, query: shown(query) }],
    doubts: [
      'it runs a file sharing program that finds no source, or that only maintains its distributed table',
      'it runs telephony, a game or a currency client that stays in touch with peers',
    ],
  }
}
