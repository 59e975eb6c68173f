/** Records of which one thing is very many: what import and analysis take, and that the answer is still explained. */
import { once } from 'node:events'
import { createWriteStream, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Answer } from '../../src/model/answer.ts'
import { connFields, dnsFields } from '../../test/fixtures/written-logs.ts'
import { type Random, randomFrom } from '../../test/fuzz-random.ts'
import {
  type Attempt,
  createTrials,
  type Ground,
  hold,
  type Level,
  megabytes,
  notTried,
  seconds,
  twoAtATime,
} from './attempt.ts'
import { endedWell, gannet } from './gannet.ts'

interface BlowUp {
  readonly name: string
  readonly of: string
  readonly counts: Readonly<Record<Level, number>>
  /** Which log, with its columns, and the lines of it for number `i` of all. */
  readonly log: 'conn' | 'dns'
  readonly lines: (i: number, random: Random) => string
}

const begin = 1_772_409_600

interface Conn {
  readonly at: number
  readonly client: string
  readonly server: string
  readonly port?: number
  readonly state?: 'SF' | 'S0'
}

let uid = 0
function conn({ at, client, server, port = 443, state = 'SF' }: Conn): string {
  const counts =
    state === 'SF'
      ? ['1.5', '100', '2000', 'SF', '6', '400', '8', '2400']
      : ['-', '-', '-', 'S0', '2', '96', '0', '0']
  const ends = [
    client,
    String(1024 + (uid % 60_000)),
    server,
    String(port),
    'tcp',
    state === 'SF' ? 'ssl' : '-',
  ]
  return `${[at.toFixed(6), `C${(uid++).toString(36)}`, ...ends, ...counts].join('\t')}\n`
}

const address = (first: number, i: number): string =>
  `${first}.${(i >> 16) & 255}.${(i >> 8) & 255}.${i & 255}`
const anywhere = (random: Random): string =>
  `${64 + random(60)}.${random(256)}.${random(256)}.${1 + random(254)}`

const letters = 'abcdefghijklmnopqrstuvwxyz'
const label = (random: Random): string =>
  Array.from({ length: 8 + random(12) }, () => letters[random(26)]).join('')

const blowUps: readonly BlowUp[] = [
  {
    name: 'internal hosts',
    of: 'hosts',
    counts: { smallest: 500, usual: 20_000, full: 100_000 },
    log: 'conn',
    lines: (i, random) =>
      [0, 1, 2, 3]
        .map((n) =>
          conn({ at: begin + n * 3600 + random(3600), client: address(10, i), server: anywhere(random) }),
        )
        .join(''),
  },
  {
    name: 'servers of one host',
    of: 'servers',
    counts: { smallest: 4000, usual: 200_000, full: 2_000_000 },
    log: 'conn',
    lines: (i) => conn({ at: begin + (i % 86_400), client: '10.0.0.7', server: address(100, i) }),
  },
  {
    name: 'hosts of one service',
    of: 'hosts',
    counts: { smallest: 500, usual: 100_000, full: 100_000 },
    log: 'conn',
    lines: (i, random) =>
      [0, 1, 2, 3, 4]
        .map((n) =>
          conn({ at: begin + n * 3600 + random(600), client: address(10, i), server: '203.0.113.9' }),
        )
        .join(''),
  },
  {
    name: 'generated names of one host',
    of: 'names',
    counts: { smallest: 2000, usual: 1_000_000, full: 1_000_000 },
    log: 'dns',
    lines: (i, random) =>
      `${[(begin + (i % 86_400)).toFixed(6), `D${i}`, '10.0.0.7', '5000', '10.0.0.53', '53', 'udp', `${label(random)}.com`, 'A', 'NXDOMAIN', 'T', 'T'].join('\t')}\n`,
  },
  {
    name: 'epochs of a day',
    of: 'epochs',
    counts: { smallest: 60, usual: 1000, full: 10_000 },
    log: 'conn',
    lines: (i, random) => conn({ at: begin - i * 86_400, client: '10.0.0.7', server: anywhere(random) }),
  },
  {
    name: 'hosts that each scan, among four times as many that do not',
    of: 'hosts',
    counts: { smallest: 20, usual: 1000, full: 100_000 },
    log: 'conn',
    lines: (i, random) => {
      const scan = (n: number) =>
        conn({
          at: begin + n * 20,
          client: address(10, i),
          server: address(203, i * 60 + n),
          port: 445,
          state: 'S0',
        })
      const quiet = (n: number) =>
        conn({ at: begin + random(3600), client: address(10, 2 ** 22 + 4 * i + n), server: anywhere(random) })
      return [...Array.from({ length: 60 }, (_, n) => scan(n)), ...[0, 1, 2, 3].map(quiet)].join('')
    },
  },
  {
    name: 'random flows',
    of: 'flows',
    counts: { smallest: 5000, usual: 300_000, full: 5_000_000 },
    log: 'conn',
    lines: (i, random) =>
      conn({
        at: begin + (i % 86_400),
        client: address(10, random(1000)),
        server: anywhere(random),
        port: random(65_536),
      }),
  },
]

const heads = { conn: connFields, dns: dnsFields }

async function written({ log, lines }: BlowUp, path: string, count: number, random: Random): Promise<void> {
  const out = createWriteStream(path)
  let text = `#separator \\x09\n#path\t${log}\n#fields\t${heads[log].join('\t')}\n`
  for (let i = 0; i < count; i++) {
    text += lines(i, random)
    if (text.length < 1 << 20) continue
    if (!out.write(text)) await once(out, 'drain')
    text = ''
  }
  out.end(text)
  await once(out, 'finish')
}

/** Every finding says what, on what grounds, and what else it may be. */
function explained({ findings, hosts }: Answer): void {
  for (const { id, claim, evidence, doubts } of findings)
    hold(claim !== '' && evidence.length > 0 && doubts.length > 0, `${id} is not explained`)
  for (const { host, findings: found } of hosts) hold(found.length > 0, `${host} is accused of nothing`)
}

async function blownUp(each: BlowUp, { folder, level, seed }: Ground): Promise<Attempt> {
  const trials = createTrials()
  const count = each.counts[level]
  const place = join(folder, each.name.replaceAll(' ', '-'))
  mkdirSync(place)
  const log = join(place, `${each.log}.log`)
  await written(each, log, count, randomFrom(seed))
  const limits = { seconds: level === 'full' ? 7200 : 1200, megabytes: level === 'full' ? 8000 : 3000 }
  const took = { import: '', analyze: '' }
  let found = 0
  await trials.try(`${count} ${each.name}`, async () => {
    for (const words of [
      ['import', log],
      ['analyze', '--json'],
    ]) {
      const ended = await gannet([...words, '--db', join(place, 'db')], { limits })
      took[words[0] as 'import' | 'analyze'] =
        `${seconds(ended.seconds)} (${seconds(ended.processor)} of processor time), ${megabytes(ended.megabytes)}`
      hold(ended.code === 0, `${words[0]}: ${endedWell(ended) ?? ended.err}`)
      if (words[0] !== 'analyze') continue
      const answer = JSON.parse(ended.out) as Answer
      found = answer.findings.length
      explained(answer)
    }
  })
  rmSync(place, { recursive: true })
  return {
    attack: each.name,
    tried: count,
    of: each.of,
    held: `the answer is there (${found.toLocaleString('en-US')} findings), and each finding has its claim, evidence and doubts`,
    bound: `killed above ${limits.seconds} s or ${megabytes(limits.megabytes)}; import ${took.import}; analysis ${took.analyze}`,
    failed: trials.failed,
  }
}

export async function blowUpsOf(ground: Ground): Promise<Attempt[]> {
  const works = blowUps.map((each, i) => async () => {
    const isTried = ground.asks(each.name) && (i === 0 || !ground.isOver())
    const found = isTried ? await blownUp(each, ground) : notTried(each.name, each.of)
    ground.say(`${found.tried} ${found.attack}: ${found.bound}; ${found.failed[0] ?? 'held'}`)
    return found
  })
  if (ground.level === 'smallest') return twoAtATime(works)

  const attempts: Attempt[] = []
  for (const work of works) attempts.push(await work())
  return attempts
}
