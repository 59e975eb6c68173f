/**
 * Programs that call a server, drawn as records: sleep and jitter, sizes, name or bare address, handshakes or requests.
 * Implants and honest software are drawn by the same code, so that nothing but what a description says tells them
 * apart.
 */
import type { Random } from '../../../src/math/random.ts'
import type { RecordName } from '../../../src/model/records.ts'
import type { Given } from '../../../test/fixtures/records.ts'

export type Records = Partial<Record<RecordName, readonly Given[]>>

/** How a program calls. Seconds and bytes. */
export interface Manner {
  readonly port: number
  readonly proto?: 'tcp' | 'udp'
  /** What is spoken, for records that tell it. `raw`: nothing that a sensor knows. */
  readonly speaks: 'tls' | 'http' | 'raw' | 'ssh' | 'quic'
  /** Name of the server, or null for a bare address. */
  readonly name: string | null
  /** Number of names or addresses behind it that it takes in turn. */
  readonly servers?: number
  /** Mean of the intervals, and how they are drawn: as a share below, around or above, or around with a bell. */
  readonly sleep: number
  readonly jitter?: number
  readonly drawn?: 'below' | 'around' | 'above' | 'bell' | 'exponential'
  readonly sent: number
  readonly received: number
  /** Share of calls that carry much more. */
  readonly tasks?: number
  /** Share by which sizes differ from call to call. */
  readonly padding?: number
  /**
   * One connection held for as long as it goes, with a keep-alive at each sleep; broken and opened again, if at all.
   */
  readonly held?: boolean
  readonly breaks?: number
  /** Share of calls that have no answer. */
  readonly failing?: number
  readonly posts?: number
  readonly selfSigned?: boolean
  /** A TLS fingerprint or user agent of its own. */
  readonly ownClient?: boolean
  readonly agent?: string
  /** Stops after this many calls. */
  readonly most?: number
  /** The server is another machine of the network. */
  readonly inside?: boolean
  /** The server is in a network of which the lists know the owner. */
  readonly at?: 'anywhere' | 'cloud' | 'cdn'
}

/** Where a program runs. */
export interface Place {
  readonly client: string
  readonly resolver: string
  /** Minutes since the epoch in which the host does anything, ascending. */
  readonly minutes: readonly number[]
  /** What the records of this network have. */
  readonly has: {
    readonly dns: boolean
    readonly tls: boolean
    readonly http: boolean
    readonly told: boolean
  }
  /** A network inside, for servers that are there: `192.168.1.`. */
  readonly near: string
}

/** Minutes of silence after which a machine counts as off. */
const offAfter = 30
/** Calls of one program, most. */
const mostCalls = 1500

/** Stretches in which the host is on, in seconds since the epoch. */
function stretches({ minutes }: Place): { from: number; to: number }[] {
  const found: { from: number; to: number }[] = []
  for (const minute of minutes) {
    const last = found.at(-1)
    if (last && minute * 60 - last.to < offAfter * 60) last.to = minute * 60 + 60
    else found.push({ from: minute * 60, to: minute * 60 + 60 })
  }
  return found
}

function interval({ sleep, jitter = 0, drawn = 'around' }: Manner, random: Random): number {
  const share = random.next()
  const by = {
    below: 1 - jitter * share,
    around: 1 + jitter * (2 * share - 1),
    above: 1 + jitter * share,
    bell: Math.max(0.1, random.normal(1, jitter / 2)),
    exponential: random.exponential(1),
  }[drawn]
  return Math.max(0.5, sleep * by)
}

/** Records of a program on a host; null where the host is on for too short to show it. */
export function drawnRecords(manner: Manner, place: Place, random: Random): Records | null {
  const all = stretches(place)
  const [whole] = all
  if (!whole) return null
  // Most were there before the records begin; others come on later.
  const begin = random.next() < 0.7 ? 0 : 0.6 * random.next()
  const from = whole.from + begin * ((all.at(-1)?.to ?? whole.to) - whole.from)
  const servers = Array.from({ length: manner.servers ?? 1 }, () => serverAt(manner, place, random))
  const writer = new Writer({ manner, place, servers, random })

  for (const stretch of all) {
    const start = Math.max(from, stretch.from) + Math.min(manner.sleep, 20) * random.next()
    if (start >= stretch.to) continue
    if (manner.held) writer.hold(start, stretch.to)
    else
      for (
        let at = start;
        at < stretch.to && writer.calls < (manner.most ?? mostCalls);
        at += interval(manner, random)
      )
        writer.call(at)
  }
  return writer.shown() ? writer.records : null
}

const prefixes = {
  // Whoever rents a machine there has such an address.
  cloud: ['165.227', '167.99', '3.120', '18.184', '20.50', '35.190', '45.76', '51.15'],
  cdn: ['104.21', '172.67', '151.101', '13.32'],
  anywhere: [
    '91.219',
    '185.215',
    '194.87',
    '5.188',
    '77.91',
    '103.75',
    '176.113',
    '190.14',
    '78.128',
    '200.58',
  ],
} as const

function serverAt({ inside, at = 'anywhere' }: Manner, { near }: Place, random: Random): string {
  if (inside) return `${near}${200 + random.integer(50)}`
  return `${random.pick(prefixes[at])}.${random.integer(254)}.${1 + random.integer(253)}`
}

interface Writing {
  readonly manner: Manner
  readonly place: Place
  readonly servers: readonly string[]
  readonly random: Random
}

/** Writes calls down as a sensor would. */
class Writer {
  readonly #flow: Given[] = []
  readonly #dns: Given[] = []
  readonly #tls: Given[] = []
  readonly #http: Given[] = []
  readonly #on: Writing
  readonly #print: string
  #heldFor = 0
  #asked = Number.NEGATIVE_INFINITY

  constructor(on: Writing) {
    this.#on = on
    this.#print = on.manner.ownClient ? `own${on.random.integer(1e9)}` : 'a0e9f5d64349fb13191bc781f81f42e1'
  }

  get calls(): number {
    return this.#flow.length
  }

  get records(): Records {
    return { flow: this.#flow, dns: this.#dns, tls: this.#tls, http: this.#http }
  }

  /** Whether there is enough for anybody to judge by. */
  shown(): boolean {
    return this.#heldFor >= 60 || this.calls >= 3
  }

  call(at: number): void {
    const { manner, random } = this.#on
    const fails = random.next() < (manner.failing ?? 0)
    const task = random.next() < (manner.tasks ?? 0.03) ? 1 + random.exponential(5) : 1
    const padded = () => 1 + (manner.padding ?? 0.05) * random.next()
    this.#write(at, fails ? 0 : 0.1 + random.exponential(0.8), {
      sent: fails ? 0 : manner.sent * padded() * Math.sqrt(task),
      received: fails ? 0 : manner.received * padded() * task,
      fails,
    })
  }

  hold(from: number, to: number): void {
    const { manner, random } = this.#on
    for (let at = from; at < to; ) {
      const lasts = Math.min(to - at, manner.breaks ? random.exponential(manner.breaks) + 30 : to - at)
      const beats = lasts / manner.sleep
      this.#write(at, lasts, {
        sent: 800 + manner.sent * beats * (0.8 + 0.4 * random.next()),
        received: 800 + manner.received * beats * (0.8 + 0.4 * random.next()),
        fails: false,
      })
      this.#heldFor = Math.max(this.#heldFor, lasts)
      at += lasts + 1 + random.exponential(10)
    }
  }

  #write(
    at: number,
    duration: number,
    { sent, received, fails }: { readonly sent: number; readonly received: number; readonly fails: boolean },
  ): void {
    const { manner, place, servers, random } = this.#on
    const [start, server] = [Math.round(at * 1e6), servers[this.calls % servers.length]!]
    // Programs that are laid over together have no connection in common.
    const uid = `made ${place.client} ${servers[0]} ${this.calls}`
    const each = { client: place.client, server, serverPort: manner.port, uid }
    const proto = manner.speaks === 'quic' ? 'udp' : (manner.proto ?? 'tcp')
    const [up, down] = [Math.round(sent), Math.round(received)]
    const packets = (bytes: number) => (fails ? 0 : 4 + Math.ceil(bytes / 700))
    if (manner.name !== null) this.#ask(start, server)

    this.#flow.push({
      ...each,
      start,
      duration: Math.round(duration * 1e6),
      proto,
      clientPort: 1025 + ((this.calls * 7 + 40_000) % 60_000),
      clientBytes: up,
      serverBytes: down,
      bytes: up + down,
      clientPackets: fails ? 2 : packets(up),
      serverPackets: packets(down),
      packets: fails ? 2 : packets(up) + packets(down),
      outcome: fails ? 'unanswered' : 'established',
      state: proto === 'udp' ? 'SF' : fails ? 'S0' : 'SF',
      service: place.has.told && !fails ? spoken[manner.speaks] : '',
    })
    if (fails) return
    if (manner.speaks === 'tls' && place.has.tls)
      this.#tls.push({
        ...each,
        start,
        serverName: manner.name ?? '',
        fingerprint: this.#print,
        subject: manner.selfSigned ? 'CN=localhost' : '',
        issuer: manner.selfSigned ? 'CN=localhost' : '',
      })
    if (manner.speaks === 'http' && place.has.http)
      this.#http.push({
        ...each,
        start,
        method: random.next() < (manner.posts ?? 0) ? 'POST' : 'GET',
        host: manner.name ?? server,
        uri: `/${this.#print.slice(-4)}`,
        userAgent: manner.agent ?? (manner.ownClient ? this.#print : 'Mozilla/5.0'),
        requestBytes: Math.max(0, up - 400),
        responseBytes: Math.max(0, down - 300),
      })
  }

  /** Asks for the name when the last answer is old. */
  #ask(start: number, server: string): void {
    const { manner, place } = this.#on
    if (!place.has.dns || start - this.#asked < 300e6) return
    this.#asked = start
    this.#dns.push({
      client: place.client,
      server: place.resolver,
      start: start - 50_000,
      query: manner.name,
      answers: [server],
      ttls: [300],
    })
  }
}

const spoken: Readonly<Record<Manner['speaks'], string>> = {
  tls: 'ssl',
  http: 'http',
  raw: '',
  ssh: 'ssh',
  quic: 'quic',
}

const syllables = 'ba ce di fo gu ha ji ko lu ma ne pi ro su ta ve wi xo ya ze tri stra plo cla dre'.split(
  ' ',
)

/** A name that is in no list. */
export function inventedName(random: Random, suffixes: readonly string[]): string {
  const word = (n: number) => Array.from({ length: n }, () => random.pick(syllables)).join('')
  const front = random.next() < 0.5 ? '' : `${random.pick(['api', 'cdn', 'www', 'update', 'cloud', 'app'])}.`
  return `${front}${word(2 + random.integer(2))}${word(2)}.${random.pick(suffixes)}`
}

/** Between two numbers, even in the logarithm. */
export const between = (random: Random, least: number, most: number): number =>
  Math.exp(Math.log(least) + random.next() * Math.log(most / least))
