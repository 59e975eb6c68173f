/**
 * Small clean networks of which only connections are known: ten hosts that call random addresses outside, and no record
 * that names one. Nothing says what is popular there, so that any server may be called by two or three hosts alike.
 *
 *     npm run bench -- nameless-networks [--seeds 1-4]
 *
 * `own pace`: each host calls eight of its servers by a clock of its own with 30 % of jitter; `one pace`: every host
 * calls a server by the server's clock, as programs of one kind do. Besides, each calls them, and servers that nobody
 * else calls, at random.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Random, seeded } from '../../src/math/random.ts'
import type { Row } from '../row.ts'
import { analysed } from '../samples/analysed.ts'
import { seedsAsked } from '../seeds.ts'
import { few } from '../smallest.ts'

const hosts = 10
const paces = ['own pace', 'one pace'] as const

interface Server {
  readonly address: string
  readonly port: number
  readonly sent: number
  readonly received: number
  /** Seconds. */
  readonly pace: number
}

interface Call {
  readonly at: number
  readonly host: number
  readonly server: Server
}

const between = (random: Random, least: number, most: number): number =>
  least + random.next() * (most - least)

function serverOf(random: Random): Server {
  const first = random.pick([5, 31, 45, 62, 77, 81, 91, 93, 109, 141, 151, 176, 178, 185, 188, 193, 212])
  return {
    address: `${first}.${random.integer(256)}.${random.integer(256)}.${1 + random.integer(254)}`,
    port: random.pick([443, 443, 80, 8080]),
    sent: Math.round(between(random, 200, 1700)),
    received: Math.round(between(random, 400, 20_000)),
    pace: between(random, 30, 630),
  }
}

function callsOf(random: Random, kind: (typeof paces)[number]): Call[] {
  const servers = Array.from({ length: 40 + random.integer(20) }, () => serverOf(random))
  const seconds = between(random, 4, 8) * 3600
  const calls: Call[] = []

  for (let host = 0; host < hosts; host++) {
    const own = servers.filter(() => random.next() < 0.25)
    for (const server of own.slice(0, 8)) {
      const pace = kind === 'one pace' ? server.pace : between(random, 30, 630)
      for (let at = pace * random.next(); at < seconds; at += pace * between(random, 0.7, 1.3))
        calls.push({ at, host, server })
    }
    for (let at = 0; at < seconds; at += -Math.log(1 - random.next()) * 180)
      calls.push({ at, host, server: random.next() < 0.7 ? random.pick(own) : serverOf(random) })
  }
  return calls.toSorted((a, b) => a.at - b.at)
}

const fields = `ts uid id.orig_h id.orig_p id.resp_h id.resp_p proto duration orig_bytes resp_bytes conn_state
  orig_pkts orig_ip_bytes resp_pkts resp_ip_bytes`.split(/\s+/)

function logOf(calls: readonly Call[]): string {
  const lines = calls.map(({ at, host, server: { address, port, sent, received } }, i) => {
    const [out, back] = [3 + Math.ceil(sent / 1400), 3 + Math.ceil(received / 1400)]
    const ends = [`192.168.7.${10 + host}`, 20_000 + (i % 40_000), address, port]
    const sizes = [out, sent + 52 * out, back, received + 52 * back]
    const time = (1_760_000_000 + at).toFixed(6)
    return [time, `C${i}`, ...ends, 'tcp', 0.4, sent, received, 'SF', ...sizes].join('\t')
  })
  const head = ['#separator \\x09', '#unset_field\t-', '#path\tconn', `#fields\t${fields.join('\t')}`]
  return `${[...head, ...lines].join('\n')}\n`
}

export async function run(): Promise<Row[]> {
  const seeds = seedsAsked([1, 2, 3, 4])
  const folder = mkdtempSync(join(tmpdir(), 'gannet-bench-'))
  const rows: Row[] = []
  try {
    for (const kind of few(paces)) {
      let [accused, groups] = [0, 0]
      for (const seed of seeds) {
        const path = join(folder, 'conn.log')
        writeFileSync(path, logOf(callsOf(seeded(`${kind} ${seed}`), kind)))
        const { runs, failed } = await analysed({ records: { paths: [path] }, modes: ['default'] })
        if (failed !== null || runs[0]!.hosts !== hosts)
          throw new RangeError(failed ?? 'not the hosts written')
        accused += runs[0]!.accused.length
        groups += runs[0]!.botnets.length
        console.error(kind, seed, runs[0]!.accused.map(({ claims }) => claims[0]).join(' '))
      }
      const over = `${seeds.length} networks of ${hosts} hosts`
      rows.push(
        {
          name: `${kind}: clean hosts accused`,
          figure: accused,
          unit: 'hosts',
          better: 'less',
          asserted: over,
        },
        { name: `${kind}: groups`, figure: groups, unit: 'groups', better: 'less', asserted: over },
      )
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  return rows
}

if (import.meta.main) console.table(await run())
