import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Bench, type Given, monday, openBench } from '../../../test/fixtures/records.ts'
import type { Activity } from '../../model/activity.ts'
import type { Scope } from '../../model/networks.ts'
import { parseNetworks } from '../../store/networks.ts'
import type { Options, Rule } from '../activity.ts'
import { rules } from '../rules.ts'
import { failedConnections } from './failed-connections.ts'
import { flood } from './flood.ts'
import { horizontalScan } from './horizontal-scan.ts'
import { icmpSweep } from './icmp-sweep.ts'
import { scanRate } from './scan-rate.ts'
import { subnetSweep } from './subnet-sweep.ts'
import { verticalScan } from './vertical-scan.ts'

const scope: Scope = {
  epoch: 3,
  from: monday,
  to: monday + 86_400e6,
  internal: parseNetworks(['10.0.0.0/8', '2001:db8:1::/48']),
}
const second = 1e6
const minute = 60e6

let bench: Bench
beforeAll(async () => {
  bench = await openBench()
})
afterAll(() => bench.close())

const seen = async <O extends Options>(rule: Rule<O>, flow: readonly Given[], changed: Partial<O> = {}) => {
  await bench.hold({ flow })
  return bench.store.rows<Activity>(rule.query(scope, { ...rule.defaults, ...changed }))
}
/** Names of all scan rules that see something. */
const scansSeen = async (flow: readonly Given[]) => {
  await bench.hold({ flow })
  const names: string[] = []
  for (const rule of rules.filter(({ type }) => type === 'scan'))
    if ((await bench.store.rows(rule.query(scope, rule.defaults))).length > 0) names.push(rule.name)
  return names
}
const many = (n: number, flow: (i: number) => Given): Given[] => Array.from({ length: n }, (_, i) => flow(i))
/** The nth of addresses that lie in different networks. */
const spread = (i: number) => `${130 + (i % 30)}.${Math.floor(i / 30) + 1}.7.9`
const shut = { outcome: 'unanswered', clientPackets: 1, serverPackets: 0 }
/** Knocks at port 445 of n servers, one a second. */
const knocks = (n: number, more: Given = {}) =>
  many(n, (i) => ({ start: monday + i * second, server: spread(i), serverPort: 445, ...shut, ...more }))

describe('horizontal scan', () => {
  it('says who tried what, when and where', async () => {
    const [row] = await seen(horizontalScan, knocks(40))
    expect(row).toMatchObject({
      epoch: 3,
      type: 'scan',
      detector: 'horizontal-scan',
      host: '10.0.0.5',
      first: monday,
      last: monday + 39 * second,
      times: 40,
      targets: 40,
      score: 2,
      traits: ['tcp/445'],
    })
    expect(row?.sample).toHaveLength(10)
    expect(row?.sample[0]).toBe('130.1.7.9')
    expect(row?.flows).toHaveLength(10)
    expect(horizontalScan.did(row!)).toBe('tried 40 servers on port 445 that did not answer or refused')
  })

  it('begins at twenty servers in five minutes', async () => {
    expect(await seen(horizontalScan, knocks(19))).toEqual([])
    expect(await seen(horizontalScan, knocks(20))).toMatchObject([{ score: 1 }])
  })

  it('sees a slow scan by the hour and by the epoch', async () => {
    const every = (gap: number, n: number) =>
      many(n, (i) => ({ start: monday + i * gap, server: spread(i), serverPort: 445, ...shut }))
    expect(await seen(horizontalScan, every(119 * second, 29))).toEqual([])
    expect(await seen(horizontalScan, every(119 * second, 30))).toMatchObject([{ score: 1 }])
    expect(await seen(horizontalScan, every(20 * minute, 59))).toEqual([])
    expect(await seen(horizontalScan, every(20 * minute, 60))).toMatchObject([{ score: 1, targets: 60 }])
  })

  it('asks that 80% of the servers stay silent', async () => {
    const answered = (n: number) =>
      many(n, (i) => ({ start: monday + i * second, server: `99.${i}.1.1`, serverPort: 445 }))
    expect(await seen(horizontalScan, [...knocks(24), ...answered(6)])).toHaveLength(1)
    expect(await seen(horizontalScan, [...knocks(24), ...answered(7)])).toEqual([])
  })

  it('counts a server that answers at the second try as open', async () => {
    const later = { start: monday + 100 * second, server: spread(3), serverPort: 445 }
    expect(await seen(horizontalScan, [...knocks(20), later])).toEqual([])
  })

  it('claims nothing where the input does not say how connections went', async () => {
    expect(await seen(horizontalScan, knocks(200, { outcome: 'unknown' }))).toEqual([])
  })

  it('counts refusals, UDP and inside targets too, and nobody outside', async () => {
    expect(await seen(horizontalScan, knocks(20, { outcome: 'refused' }))).toHaveLength(1)
    expect(await seen(horizontalScan, knocks(20, { proto: 'udp', serverPort: 161 }))).toMatchObject([
      { traits: ['udp/161'] },
    ])
    const inside = many(20, (i) => ({ ...shut, server: `10.${i}.0.9`, serverPort: 445 }))
    expect(await seen(horizontalScan, inside)).toMatchObject([{ traits: ['(inside only)', 'tcp/445'] }])
    expect(await seen(horizontalScan, knocks(20, { client: '198.51.100.7' }))).toEqual([])
  })

  it('asks for four times as many on a port that is not listed', async () => {
    expect(await seen(horizontalScan, knocks(79, { serverPort: 4001 }))).toEqual([])
    expect(await seen(horizontalScan, knocks(80, { serverPort: 4001 }))).toHaveLength(1)
  })

  it('names the networks where many of the targets lie', async () => {
    const near = many(20, (i) => ({ ...shut, server: `203.0.113.${i + 1}`, serverPort: 23 }))
    expect(await seen(horizontalScan, near)).toMatchObject([{ traits: ['203.0.113.0/24', 'tcp/23'] }])
  })
})

describe('not a scan', () => {
  it('a proxy that meets thousands of servers, of which one in ten is down', async () => {
    const busy = many(2000, (i) => ({
      start: monday + i * second,
      server: spread(i),
      ...(i % 10 === 0 ? shut : {}),
    }))
    expect(await scansSeen(busy)).toEqual([])
  })

  it('file sharing: thousands of dead peers on as many ports, UDP and TCP, some on the default port', async () => {
    const peers = many(4000, (i) => ({
      start: monday + i * 2 * second,
      proto: i % 2 ? 'udp' : 'tcp',
      server: spread(i),
      serverPort: i % 8 === 0 ? 6881 : 1024 + ((i * 7919) % 60_000),
      ...(i % 10 < 7 ? shut : {}),
    }))
    expect(await scansSeen(peers)).toEqual([])
  })

  it('a browser without IPv6 beyond its router, however many servers it tries', async () => {
    const tried = many(300, (i) => ({
      ...shut,
      start: monday + i * second,
      client: '2001:db8:1::5',
      server: `2a00:${i + 1}::7`,
    }))
    expect(await scansSeen(tried)).toEqual([])
    const answered = { client: '2001:db8:1::5', server: '2a00:ffff::7' }
    expect(await scansSeen([...tried, answered])).not.toEqual([])
  })

  it('a browser that meets many servers of one network, all answering', async () => {
    expect(
      await scansSeen(many(250, (i) => ({ start: monday + i * second, server: `203.0.113.${i}` }))),
    ).toEqual([])
  })

  it('a resolver that asks name servers everywhere, of which some are lame', async () => {
    const asked = many(3000, (i) => ({
      start: monday + i * 10 * second,
      proto: 'udp',
      server: spread(i % 600),
      serverPort: 53,
      ...(i % 6 === 0 ? shut : {}),
    }))
    expect(await scansSeen(asked)).toEqual([])
  })

  it('a mail server with many dead destinations', async () => {
    const mail = many(400, (i) => ({
      start: monday + i * minute,
      server: spread(i),
      serverPort: 25,
      ...(i % 3 === 0 ? shut : {}),
    }))
    expect(await scansSeen(mail)).toEqual([])
  })

  it('a monitoring box that visits 250 servers on three ports and by ping all day; a tenth are down', async () => {
    const visits = many(6000, (i) => {
      const target = i % 250
      const check = [
        { serverPort: 22 },
        { serverPort: 443 },
        { serverPort: 161, proto: 'udp' },
        { proto: 'icmp', serverPort: 2048 },
      ][Math.floor(i / 250) % 4]
      return {
        ...check,
        start: monday + i * 10 * second,
        server: `10.9.0.${target}`,
        ...(target % 10 === 0 ? shut : {}),
      }
    })
    expect(await scansSeen(visits)).toEqual([])
  })

  it('traceroutes, a poller that tries one dead server ten times a second, and late answers of a DNS server', async () => {
    const traces = many(900, (i) => ({
      ...shut,
      start: monday + i * second,
      proto: 'udp',
      server: `203.0.113.${i % 30}`,
      serverPort: 33434 + Math.floor(i / 30),
    }))
    expect(await scansSeen(traces)).toEqual([])
    const poller = many(6000, (i) => ({
      ...shut,
      start: monday + i * 0.1 * second,
      clientPort: 20_000 + (i % 40_000),
    }))
    expect(await scansSeen(poller)).toEqual([])
    const answers = many(300, (i) => ({
      ...shut,
      start: monday + i * second,
      proto: 'udp',
      clientPort: 53,
      server: '10.7.7.7',
      serverPort: 20_000 + i * 7,
    }))
    expect(await scansSeen(answers)).toEqual([])
  })

  it('a desktop under heavy scanning that refuses every one of them', async () => {
    const attacks = many(3000, (i) => ({
      outcome: 'refused',
      start: monday + i * second,
      client: spread(i),
      server: '10.0.0.5',
      serverPort: i % 1000,
    }))
    const errors = many(3000, (i) => ({
      ...shut,
      start: monday + i * second,
      proto: 'icmp',
      server: spread(i),
      serverPort: 3 * 256 + 3,
    }))
    expect(await scansSeen([...attacks, ...errors])).toEqual([])
  })
})

describe('vertical scan', () => {
  const ports = (n: number, more: Given = {}) =>
    many(n, (i) => ({ ...shut, start: monday + i * second, serverPort: 2 * i + 1, ...more }))

  it('counts ports in a row twice below 1024', async () => {
    const row = (n: number, from: number) => ports(n).map((flow, i) => ({ ...flow, serverPort: from + i }))
    expect(await seen(verticalScan, row(14, 100))).toEqual([])
    expect(await seen(verticalScan, row(20, 980))).toMatchObject([{ score: 39 / 15 }])
    expect(await seen(verticalScan, row(30, 1024))).toMatchObject([{ score: 2 }])
  })

  it('begins at fifteen ports of one server in five minutes', async () => {
    expect(await seen(verticalScan, ports(14))).toEqual([])
    const [row] = await seen(verticalScan, ports(15))
    expect(row).toMatchObject({ score: 1, targets: 15, times: 15, sample: ['203.0.113.9'] })
    expect(row?.traits).toHaveLength(16)
    expect(row?.traits).toContain('203.0.113.9/32')
    expect(verticalScan.did(row!)).toBe('tried 15 ports of 203.0.113.9 that did not answer or refused')
  })

  it('asks that 70% of the ports are shut', async () => {
    const open = (n: number) => many(n, (i) => ({ start: monday, serverPort: 9000 + i }))
    expect(await seen(verticalScan, [...ports(21), ...open(9)])).toHaveLength(1)
    expect(await seen(verticalScan, [...ports(21), ...open(10)])).toEqual([])
  })

  it('leaves out answers taken for questions, which go to ports that clients pick', async () => {
    const high = (n: number) => ports(n, {}).map((flow, i) => ({ ...flow, serverPort: 40_000 + i }))
    expect(await seen(verticalScan, [...ports(4), ...high(17)])).toEqual([])
    expect(await seen(verticalScan, [...ports(4), ...high(16)])).toHaveLength(1)
  })

  it('counts high UDP ports only where they are listed', async () => {
    const udp = (from: number) => many(50, (i) => ({ ...shut, proto: 'udp', serverPort: from + i }))
    expect(await seen(verticalScan, udp(1100))).toEqual([])
    expect(await seen(verticalScan, udp(100))).toHaveLength(1)
    expect(await seen(verticalScan, [...udp(1010).slice(0, 14)])).toEqual([])
    expect(
      await seen(verticalScan, [...udp(1010).slice(0, 14), { ...shut, proto: 'udp', serverPort: 1434 }]),
    ).toHaveLength(1)
  })
})

describe('subnet sweep', () => {
  const sweep = (n: number) =>
    many(n, (i) => ({
      ...shut,
      start: monday + i * second,
      server: `203.0.113.${i}`,
      serverPort: 1000 + 7 * i,
    }))

  it('begins at thirty addresses of one network in five minutes', async () => {
    expect(await seen(subnetSweep, sweep(29))).toEqual([])
    expect(await seen(subnetSweep, sweep(30))).toMatchObject([{ score: 1, targets: 30 }])
  })

  it('asks that half of the addresses are empty', async () => {
    const lives = (n: number) => many(n, (i) => ({ start: monday, server: `203.0.113.${100 + i}` }))
    expect(await seen(subnetSweep, [...sweep(30), ...lives(30)])).toHaveLength(1)
    expect(await seen(subnetSweep, [...sweep(30), ...lives(31)])).toEqual([])
  })

  it('sees an IPv6 network as a /64', async () => {
    const v6 = many(30, (i) => ({ ...shut, client: '10.0.0.5', server: `2a00:1::${i + 1}`, serverPort: 22 }))
    expect(await seen(subnetSweep, v6)).toMatchObject([{ traits: ['2a00:1::/64', 'tcp/22'] }])
  })
})

describe('ICMP sweep', () => {
  const pings = (n: number, more: Given = {}) =>
    many(n, (i) => ({
      ...shut,
      start: monday + i * second,
      proto: 'icmp',
      clientPort: 0,
      server: spread(i),
      serverPort: 2048,
      ...more,
    }))

  it('begins at twenty silent addresses in five minutes, or forty where the input does not say', async () => {
    expect(await seen(icmpSweep, pings(19))).toEqual([])
    expect(await seen(icmpSweep, pings(20))).toMatchObject([{ score: 1, traits: ['icmp/echo'] }])
    expect(await seen(icmpSweep, pings(39, { outcome: 'unknown' }))).toEqual([])
    expect(await seen(icmpSweep, pings(40, { outcome: 'unknown' }))).toHaveLength(1)
  })

  it('asks that half of them stay silent, and counts echo requests only', async () => {
    const alive = (n: number) =>
      pings(n, { outcome: 'established' }).map((flow, i) => ({ ...flow, server: `98.${i}.1.1` }))
    expect(await seen(icmpSweep, [...pings(20), ...alive(20)])).toHaveLength(1)
    expect(await seen(icmpSweep, [...pings(20), ...alive(21)])).toEqual([])
    expect(await seen(icmpSweep, pings(200, { serverPort: 3 * 256 + 3 }))).toEqual([])
  })
})

describe('failed connections', () => {
  const ports = [445, 139, 135, 1433, 3389]
  const sprayed = (n: number) =>
    many(n, (i) => ({ ...shut, start: monday + i * second, server: spread(i), serverPort: ports[i % 5] }))

  it('adds up what single ports are too few for', async () => {
    expect(await seen(horizontalScan, sprayed(20))).toEqual([])
    expect(await seen(failedConnections, sprayed(19))).toEqual([])
    expect(await seen(failedConnections, sprayed(20))).toMatchObject([{ score: 1, targets: 20 }])
  })

  it('asks for 0.4 weighted failures for each attempt', async () => {
    const answered = (n: number) => many(n, (i) => ({ start: monday, server: `98.${i}.1.1` }))
    expect(await seen(failedConnections, [...sprayed(40), ...answered(60)])).toHaveLength(1)
    expect(await seen(failedConnections, [...sprayed(40), ...answered(61)])).toEqual([])
  })

  it('asks that attempts are spread evenly', async () => {
    const one = (n: number) => many(n, () => ({ ...shut, start: monday, serverPort: 445 }))
    // 20 targets with one attempt each and one with n: H / ln 21 is 0.801 at n = 14 and 0.787 at n = 15.
    expect(await seen(failedConnections, [...sprayed(20), ...one(14)])).toHaveLength(1)
    expect(await seen(failedConnections, [...sprayed(20), ...one(15)])).toEqual([])
  })
})

describe('scan rate', () => {
  it('begins at fifty outside servers in five minutes, answered or not', async () => {
    expect(await seen(scanRate, knocks(49, { outcome: 'unknown' }))).toEqual([])
    expect(await seen(scanRate, knocks(50, { outcome: 'unknown' }))).toMatchObject([{ score: 1 }])
    expect(await seen(scanRate, knocks(50, { outcome: 'established' }))).toHaveLength(1)
  })

  it('leaves web servers and inside servers alone', async () => {
    expect(await seen(scanRate, knocks(500, { outcome: 'unknown', serverPort: 443 }))).toEqual([])
    const inside = many(250, (i) => ({ server: `10.1.1.${i}`, serverPort: 22 }))
    expect(await seen(scanRate, inside)).toEqual([])
  })
})

describe('flood', () => {
  const syns = (n: number) =>
    many(n, (i) => ({ ...shut, start: monday + i, clientPort: 1024 + (i % 60_000) }))

  it('begins at 3000 failed attempts at one server in one minute', async () => {
    expect(await seen(flood, syns(2999))).toEqual([])
    const [row] = await seen(flood, syns(3000))
    expect(row).toMatchObject({ score: 1, targets: 1, traits: ['203.0.113.9/32', 'tcp/443'] })
    expect(flood.did(row!)).toBe('flooded 203.0.113.9 with 3\u202f000 unanswered attempts')
  })

  it('begins at 20000 packets into silence, at 200 a second, outside', async () => {
    const stream = (clientPackets: number, seconds: number, server = '203.0.113.9') => [
      { ...shut, proto: 'udp', serverPort: 4000, clientPackets, duration: seconds * second, server },
    ]
    expect(await seen(flood, stream(19_999, 10))).toEqual([])
    expect(await seen(flood, stream(20_000, 100))).toHaveLength(1)
    expect(await seen(flood, stream(20_000, 101))).toEqual([])
    expect(await seen(flood, stream(20_000, 10, '10.0.0.9'))).toEqual([])
    const pings = { proto: 'icmp', serverPort: 2048, clientPort: 0 }
    expect(
      await seen(
        flood,
        stream(20_000, 10, '10.0.0.9').map((flow) => ({ ...flow, ...pings })),
      ),
    ).toHaveLength(1)
  })
})
