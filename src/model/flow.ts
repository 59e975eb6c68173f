import type { Columns, RowOf } from './record.ts'

/**
 * How a conversation went, in the words that the filters and the A-plane need.
 *
 * - `established`: both sides sent, and for TCP the handshake was seen or data passed both ways.
 * - `refused`: the server answered only to refuse (TCP RST, ICMP unreachable).
 * - `unanswered`: only the client sent.
 * - `reversed`: only the server side was seen.
 * - `unknown`: the input does not say.
 */
export const outcomes = ['established', 'refused', 'unanswered', 'reversed', 'unknown'] as const
export type Outcome = (typeof outcomes)[number]

/**
 * One conversation between two hosts, as one sensor saw it once.
 *
 * The client is the side that spoke first (Zeek's originator). Byte counts are IP bytes where the input has
 * them. The DDL, the API schema and `docs/reference/records.md` are made from this object.
 */
export const flowColumns = {
  id: {
    kind: 'id',
    doc:
      'Hash of the five-tuple, the start and the sensor’s own id. ' +
      'Findings cite it; a flow imported twice has the same one.',
    derived: 'cityHash64(start, client, clientPort, server, serverPort, proto, uid)',
  },
  start: { kind: 'time', doc: 'When the first packet passed.' },
  duration: { kind: 'span', doc: 'From first to last packet; 0 for one packet.' },
  proto: { kind: 'word', doc: 'Transport: tcp, udp, icmp, or the IANA name or number.' },
  client: { kind: 'address', doc: 'Address of the side that spoke first.' },
  clientPort: { kind: 'port', doc: 'Port on the client; 0 if the transport has none.' },
  server: { kind: 'address', doc: 'Address of the side that answered, or was meant to.' },
  serverPort: {
    kind: 'port',
    doc: 'Port on the server; ICMP: type × 256 + code; 0 if the transport has none.',
  },
  packets: { kind: 'count', doc: 'Packets both ways.', optional: true },
  bytes: { kind: 'count', doc: 'Bytes both ways.', optional: true },
  clientPackets: { kind: 'count', doc: 'Packets the client sent.', optional: true },
  clientBytes: { kind: 'count', doc: 'Bytes the client sent.', optional: true },
  serverPackets: { kind: 'count', doc: 'Packets the server sent.', optional: true },
  serverBytes: { kind: 'count', doc: 'Bytes the server sent.', optional: true },
  outcome: { kind: 'word', doc: 'established, refused, unanswered, reversed or unknown.' },
  state: {
    kind: 'word',
    doc: 'The connection state in the input’s own letters (Zeek conn_state, Argus State).',
  },
  service: {
    kind: 'word',
    doc: 'Application protocol if known, in Zeek’s words (dns, http, ssl).',
  },
  uid: {
    kind: 'text',
    doc: 'The sensor’s id of the connection, to join its other records; empty if it has none.',
  },
  label: {
    kind: 'text',
    doc: 'Ground truth that came with the input. Only `evaluate` reads it; no detector may.',
  },
  tunnel: {
    kind: 'word',
    doc: 'Outermost tunnel of its first packet: kind and endpoints (`vxlan 10.0.0.1>10.0.0.2`). Packet captures only.',
  },
} as const satisfies Columns

export type Flow = RowOf<typeof flowColumns>
