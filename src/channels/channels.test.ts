/** Data in pings, and stealers, out of rows in a real engine. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Bench, type Given, monday, openBench } from '../../test/fixtures/records.ts'
import { parseNetworks } from '../store/networks.ts'
import { icmpThresholds } from './icmp.ts'
import { icmpChannelsIn, stealersIn } from './index.ts'

const span = { from: monday, to: monday + 86_400e6, internal: parseNetworks(['10.0.0.0/8']) }
const minute = 60e6
let bench: Bench
beforeAll(async () => {
  bench = await openBench()
})
afterAll(() => bench.close())

describe('data in pings', () => {
  const pings = (n: number, row: (i: number) => Given): Given[] =>
    Array.from({ length: n }, (_, i) => ({
      start: monday + i * 5 * minute,
      proto: 'icmp',
      clientPort: 0,
      serverPort: 8 * 256,
      clientPackets: 50,
      serverPackets: 50,
      clientBytes: 50 * 84,
      serverBytes: 50 * 84,
      ...row(i),
    }))
  const found = async (flow: readonly Given[]) => {
    await bench.hold({ flow })
    return (await icmpChannelsIn(bench.store, span)).map(
      ({ peer, confidence }) => [peer, confidence] as const,
    )
  }

  it('are answered in another size than asked, and change from one exchange to the next', async () => {
    const channel = pings(6, (i) => ({ clientBytes: 50 * (200 + 40 * i), serverBytes: 50 * (400 + 90 * i) }))
    expect(await found(channel)).toEqual([['203.0.113.9', 0.9]])
  })

  it('accuse by one long exchange whose answers differ', async () => {
    const one = (received: number) => pings(1, () => ({ clientBytes: 50 * 300, serverBytes: 50 * received }))
    const { leastDifference } = icmpThresholds
    expect(await found(one(300 + leastDifference))).toEqual([['203.0.113.9', 0.75]])
    expect(await found(one(300 + leastDifference - 1))).toEqual([])
  })

  it('are no monitoring, whatever its size and loss, and none inside', async () => {
    const monitoring = pings(200, () => ({
      clientBytes: 50 * 1428,
      serverPackets: 45,
      serverBytes: 45 * 1428,
    }))
    expect(await found(monitoring)).toEqual([])
    const differs = { clientBytes: 50 * 300, serverBytes: 50 * 900 }
    expect(await found(pings(6, () => ({ ...differs, server: '10.0.0.9' })))).toEqual([])
    expect(await found(pings(6, () => ({ ...differs, serverPort: 0 })))).toEqual([])
  })

  it('are below the threshold where only the size of the ping changes: a search for the largest packet', async () => {
    const search = pings(10, (i) => ({ clientBytes: 50 * (84 + 100 * i), serverBytes: 50 * (84 + 100 * i) }))
    expect(await found(search)).toEqual([['203.0.113.9', 0.3]])
  })

  it('need enough requests and bytes', async () => {
    const few = (n: number, bytes: number) =>
      pings(1, () => ({
        clientPackets: n,
        serverPackets: n,
        clientBytes: n * bytes,
        serverBytes: n * (bytes + 100),
      }))
    expect(await found(few(50, 300))).toHaveLength(1)
    expect(await found(few(49, 300))).toEqual([])
    expect(await found(few(50, 60))).toEqual([])
  })
})

describe('a stealer', () => {
  const mail = (more: Given = {}): Given => ({
    start: monday + 60 * minute,
    serverPort: 587,
    clientBytes: 9000,
    serverBytes: 1500,
    ...more,
  })
  const check = (minutesBefore: number): Given => ({
    start: monday + (60 - minutesBefore) * minute,
    query: 'api.ipify.org',
  })
  const known = { query: 'mail.smallfirm.example', answers: ['203.0.113.9'] }
  const found = async (
    rows: { readonly flow: readonly Given[]; readonly dns?: readonly Given[] },
    rankOf: (name: string) => number | null = () => null,
  ) => {
    await bench.hold(rows)
    return (await stealersIn(bench.store, span, { rankOf })).map(({ confidence }) =>
      Number(confidence.toFixed(2)),
    )
  }

  it('submits mail where nobody else does, after it asked for its own address', async () => {
    expect(await found({ flow: [mail()], dns: [check(5), known] })).toEqual([0.6])
    expect(await found({ flow: [mail()], dns: [check(61)] })).toEqual([0.25])
    expect(await found({ flow: [mail()], dns: [check(-1)] })).toEqual([0.25])
    const thrice = [0, 20, 40].map((later) => mail({ start: monday + (60 + later) * minute }))
    expect(await found({ flow: thrice, dns: [check(5)] })).toEqual([0.7])
  })

  it('asked for its own address within an hour before', async () => {
    const late = mail({ start: monday + 180 * minute })
    const early = (minutesBefore: number) => ({ ...check(0), start: monday + (180 - minutesBefore) * minute })
    expect(await found({ flow: [late], dns: [early(59)] })).toEqual([0.6])
    expect(await found({ flow: [late], dns: [early(61)] })).toEqual([0.25])
    expect(await found({ flow: [late], dns: [early(90), early(59), early(-5)] })).toEqual([0.6])
  })

  it('uploads by FTP: the data connection counts', async () => {
    const control = mail({ serverPort: 21, clientBytes: 500, serverBytes: 900 })
    const data = mail({ serverPort: 44_523, clientBytes: 90_000, serverBytes: 200 })
    await bench.hold({ flow: [control, data], dns: [check(1)] })
    const [stealer] = await stealersIn(bench.store, span, { rankOf: () => null })
    expect(stealer).toMatchObject({ port: 21, sent: 90_500, received: 1100, checked: minute, callers: 1 })
  })

  it.each<[string, readonly Given[], readonly Given[]]>([
    ['a person who reads the mail box too', [mail(), mail({ serverPort: 993 })], [check(5)]],
    ['a server that colleagues use', [mail(), mail({ client: '10.0.0.6' })], [check(5)]],
    [
      'a mail server',
      [mail(), mail({ client: '198.51.100.7', server: '10.0.0.5', serverPort: 25 })],
      [check(5)],
    ],
    ['a connection that was refused', [mail({ outcome: 'refused' })], [check(5)]],
  ])('is not %s', async (_, flow, dns) => {
    expect(await found({ flow, dns })).toEqual([])
  })

  it('is a sign below the threshold where the provider is popular, whatever else it does', async () => {
    const thrice = [0, 20, 40].map((later) => mail({ start: monday + (60 + later) * minute }))
    expect(await found({ flow: [mail()], dns: [known] }, () => 900)).toEqual([0.02])
    expect(await found({ flow: thrice, dns: [check(5), known] }, () => 900)).toEqual([0.47])
  })

  it('is not a sender of mail in bulk, which the spam rules judge', async () => {
    const to = (n: number) => Array.from({ length: n }, (_, i) => mail({ server: `203.0.113.${i + 1}` }))
    expect(await found({ flow: to(3), dns: [check(5)] })).toHaveLength(3)
    expect(await found({ flow: to(4), dns: [check(5)] })).toEqual([])
  })
})
