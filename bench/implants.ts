/** Simulated command and control laid over a real capture: flows of its own hosts to servers that it never met. */
import { seeded } from '../src/math/random.ts'
import type { NewFlow } from '../src/model/flow.ts'
import type { RecordRow } from '../src/model/records.ts'
import { micros, seconds } from '../src/model/units.ts'

export interface ImplantPlan {
  readonly seed: number
  readonly count: number
  readonly hosts: readonly string[]
  /** Microseconds that the capture covers. */
  readonly first: number
  readonly last: number
}

export interface Implants {
  readonly flows: readonly (NewFlow & { position: number })[]
  /** DNS answers that name every second server. */
  readonly lookups: readonly (RecordRow<'dns'> & { position: number })[]
  /** address:port of each. */
  readonly cnc: ReadonlySet<string>
}

/**
 * Callers by the clock (period 5 s to 2 h, jitter 0 to 50 %, missed beats 0 to 30 %, from a tenth to the whole of
 * the capture, one in seven to a dead server) and, one in three, connections held open with keep-alives.
 */
export function implants({ seed, count, hosts, first, last }: ImplantPlan): Implants {
  const root = seeded(`implants ${seed}`)
  const cnc = new Set<string>()
  const flows: (NewFlow & { position: number })[] = []
  const lookups: (RecordRow<'dns'> & { position: number })[] = []
  for (let i = 0; i < count; i++) {
    const random = root.split(i)
    const client = random.pick(hosts)
    const server = `45.${random.integer(256)}.${random.integer(256)}.${1 + random.integer(254)}`
    const serverPort = portOf(random)
    cnc.add(`${server}:${serverPort}`)
    const span = (last - first) / 1e6
    if (random.next() < 0.5)
      lookups.push(
        lookup(client, server, { at: first, number: lookups.length + 1, name: `c${seed}-${i}.example` }),
      )
    const make = random.next() < 1 / 3 ? held : calls
    for (const flow of make(random, span)) {
      const { at, duration, sent, received, answered } = flow
      const clientPackets = Math.max(answered ? 5 : 3, Math.ceil(sent / 900))
      const serverPackets = answered ? Math.max(4, Math.ceil(received / 900)) : 0
      flows.push({
        position: flows.length + 1,
        start: micros(Math.round(first + at * 1e6)),
        duration: seconds(duration),
        proto: 'tcp',
        client,
        clientPort: 20000 + (flows.length % 40000),
        server,
        serverPort,
        packets: clientPackets + serverPackets,
        bytes: sent + received,
        clientPackets,
        clientBytes: sent,
        serverPackets,
        serverBytes: received,
        outcome: answered ? 'established' : 'unanswered',
        state: answered ? 'SF' : 'S0',
        service: '',
        uid: '',
        label: '',
      })
    }
  }
  return { flows, lookups, cnc }
}

const lookup = (
  client: string,
  server: string,
  { at, number, name }: { at: number; number: number; name: string },
) => ({
  position: number,
  start: micros(at),
  client,
  server: '10.255.255.53',
  uid: '',
  query: name,
  queryType: 'A',
  responseCode: 'NOERROR',
  answers: [server],
  ttls: [60],
})

type Random = ReturnType<typeof seeded>

interface Call {
  readonly at: number
  readonly duration: number
  readonly sent: number
  readonly received: number
  readonly answered: boolean
}

function portOf(random: Random): number {
  const draw = random.next()
  if (draw < 0.4) return 443
  if (draw < 0.55) return 80
  if (draw < 0.65) return random.pick([8080, 8443, 4444, 1177, 5552, 7707])
  return 1024 + random.integer(50000)
}

function calls(random: Random, span: number): Call[] {
  const active = span * (0.1 + 0.9 * random.next())
  const period = Math.exp(Math.log(5) + random.next() * Math.log(Math.max(2, Math.min(7200, active / 6) / 5)))
  const jitter = random.next() < 0.3 ? 0.02 : 0.5 * random.next()
  const missed = random.next() < 0.5 ? 0 : 0.3 * random.next()
  const answered = random.next() > 1 / 7
  const base = { sent: 150 + random.integer(1500), received: 100 + random.integer(4000) }
  const task = 0.15 * random.next()
  const made: Call[] = []
  let at = random.next() * (span - active)
  const end = at + active
  while (at < end && made.length < 3000) {
    if (random.next() >= missed) {
      const tasked = random.next() < task
      made.push({
        at,
        duration: answered ? 0.1 + random.exponential(0.8) : 0,
        sent: answered ? Math.round(base.sent * (tasked ? 1 + random.exponential(3) : 1)) : 180,
        received: answered ? Math.round(base.received * (tasked ? 1 + random.exponential(5) : 1)) : 0,
        answered,
      })
    }
    at += period * (1 + jitter * (2 * random.next() - 1))
  }
  return made
}

function held(random: Random, span: number): Call[] {
  const duration = Math.min(
    span * 0.98,
    Math.exp(Math.log(40) + random.next() * Math.log(Math.max(2, span / 40))),
  )
  const rate = 3 + random.exponential(40)
  const upload = 0.25 + 0.6 * random.next()
  const bytes = 800 + rate * duration
  return [
    {
      at: random.next() * (span - duration),
      duration,
      sent: Math.round(bytes * upload),
      received: Math.round(bytes * (1 - upload)),
      answered: true,
    },
  ]
}
