/**
 * The C-plane load of BotMiner's Day 4: 1,520,739 flows after the filters in 73,021 TCP and 167,146 UDP C-flows of
 * 871 clients (Gu et al. 2008, Tables 2 and 3). For speed, not for detection: every flow is internal to external and
 * established, so that it passes filters F1 and F2. C-flows are drawn around archetypes, so that clusters exist.
 */
import { type Random, seeded } from '../../math/random.ts'
import type { Exchange } from '../exchange.ts'
import { actorOf, type Host, type Network } from '../network.ts'
import type { Records } from '../simulated-records.ts'

export const paperDayDoc =
  'The C-plane load of BotMiner’s Day 4: 1,520,739 flows in 240,167 C-flows; for speed only.'

interface LoadSize {
  /** C-flows of each transport. */
  readonly tcp: number
  readonly udp: number
  /** In all, at least one of each C-flow. */
  readonly flows: number
  readonly clients: number
}

export const paperDaySize: LoadSize = { tcp: 73_021, udp: 167_146, flows: 1_520_739, clients: 871 }

interface Archetype {
  readonly port: number
  readonly packets: number
  readonly bytes: number
  readonly duration: number
  /** Width of the hours that a C-flow of this kind is spread over. */
  readonly hours: number
}

const archetypes = (random: Random, count: number): Archetype[] =>
  Array.from({ length: count }, () => ({
    port: random.pick([80, 443, 443, 53, 123, 993, 6881, 5060, 1024 + random.integer(60_000)]),
    packets: 2 + Math.floor(random.logNormal(Math.log(8), 1.2)),
    bytes: 45 + random.integer(1200),
    duration: random.logNormal(0, 2),
    hours: 0.5 + 23 * random.next(),
  }))

/** Flows of each C-flow: one at least, the rest by a heavy-tailed lot; the sum is exact. */
function shares(random: Random, cflows: number, flows: number): Uint32Array {
  const counts = new Uint32Array(cflows).fill(1)
  const weights = Float64Array.from(counts, () => random.pareto(1.15))
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  let left = flows - cflows
  for (let i = 0; i < cflows; i++) {
    const more = Math.min(left, Math.floor((weights[i]! / total) * (flows - cflows)))
    counts[i] = 1 + more
    left -= more
  }
  for (; left > 0; left--) counts[random.integer(cflows)]!++
  return counts
}

export function paperDay(seed: number, size = paperDaySize): Records {
  const from = Date.parse('2007-11-15T00:00:00Z') * 1000
  const to = from + 86_400e6
  return {
    truth: {
      about: `simulated: paper-day, seed ${seed}`,
      internal: ['10.30.0.0/16'],
      botnets: [],
      benign: null,
      from,
      to,
    },
    records: { [Symbol.iterator]: () => flowsOf(seed, from, size) },
  }
}

function* flowsOf(seed: number, from: number, load: LoadSize): Generator<Exchange> {
  const random = seeded(`paper-day ${seed}`)
  const kinds = archetypes(random.split('archetypes'), 1528)
  const counts = shares(random.split('shares'), load.tcp + load.udp, load.flows)
  const kindOf = Uint16Array.from(counts, () => random.integer(kinds.length))
  const starts = new Float64Array(load.flows)
  const owner = new Uint32Array(load.flows)
  let at = 0

  for (let i = 0; i < counts.length; i++) {
    const width = kinds[kindOf[i]!]!.hours * 3600
    const begin = random.next() * (86_400 - width)
    for (let k = 0; k < counts[i]!; k++, at++) {
      starts[at] = begin + random.next() * width
      owner[at] = i
    }
  }

  const order = Uint32Array.from(starts, (_, i) => i).sort((a, b) => starts[a]! - starts[b]! || a - b)
  const actor = actorOf(
    { from } as Network,
    { address: '', system: 'windows' } as Host,
    random.split('actor'),
  )

  for (const i of order)
    yield flowOf(owner[i]!, starts[i]!, { kind: kinds[kindOf[owner[i]!]!]!, actor, load, from })
}

interface Making {
  readonly kind: Archetype
  readonly actor: ReturnType<typeof actorOf>
  readonly load: LoadSize
  readonly from: number
}

/** Client and server follow from the number of the C-flow, so that no two C-flows share them. */
function flowOf(cflow: number, at: number, { kind, actor, load, from }: Making): Exchange {
  const { random } = actor
  const client = cflow % load.clients
  const server = Math.floor(cflow / load.clients)
  const packets = Math.max(2, Math.round(kind.packets * random.logNormal(0, 0.15)))
  const clientPackets = Math.max(1, Math.floor(packets / 2))
  const serverPackets = packets - clientPackets
  const size = Math.max(40, Math.round(kind.bytes * random.logNormal(0, 0.1)))
  const duration = Math.min(3000, kind.duration * random.logNormal(0, 0.3))
  const tcp = cflow < load.tcp
  const start = from + Math.round(at * 1e6)

  return {
    uid: actor.uid(),
    start,
    end: Math.min(start + Math.round(duration * 1e6), from + 86_400e6 - 1),
    proto: tcp ? 'tcp' : 'udp',
    client: `10.30.${client >> 8}.${client & 255}`,
    clientPort: actor.port(),
    server: `${44 + (server >> 8)}.${server & 255}.${tcp ? 6 : 17}.7`,
    serverPort: kind.port,
    service: '',
    state: 'SF',
    history: tcp ? 'ShADadFf' : 'Dd',
    clientPayload: clientPackets * (size - 28),
    serverPayload: serverPackets * (size - 28),
    clientPackets,
    serverPackets,
    clientIpBytes: clientPackets * size,
    serverIpBytes: serverPackets * size,
    origin: '',
  }
}
