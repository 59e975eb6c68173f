import { afterAll, beforeAll, expect, it } from 'vitest'
import { at, scope } from '../../../test/fixtures/contact-calls.ts'
import { type Bench, type Given, openBench } from '../../../test/fixtures/records.ts'
import { seeded } from '../../math/random.ts'
import { findContacts } from './find.ts'

let bench: Bench
beforeAll(async () => {
  bench = await openBench()
})
afterAll(() => bench.close())

/** Hosts with contacts of all sorts: one call and many, by the clock and not, with names and without, in vain. */
function contacts(): Given[] {
  const random = seeded('contacts')
  return Array.from({ length: 6 }, (_, host) => host).flatMap((host) =>
    Array.from({ length: 40 }, (_, server) => server).flatMap((server) => {
      const period = 10 ** (1 + 3 * random.next())
      const jitter = random.next() ** 2
      const state = random.next() < 0.2 ? 'S0' : 'SF'
      const serverPort = random.next() < 0.7 ? 443 : 1024 + random.integer(9000)
      return Array.from({ length: random.next() < 0.4 ? 1 : 1 + random.integer(30) }, (_, call) => ({
        client: `10.0.${host}.7`,
        server: `203.0.113.${random.next() < 0.9 ? server + 1 : 100}`,
        serverPort,
        clientPort: 20_000 + 100 * server + call,
        start: at(60 + call * period * (1 - jitter * random.next())),
        duration: Math.round(10 ** (8 * random.next())),
        clientBytes: 200 + random.integer(300),
        serverBytes: random.integer(50_000),
        state,
      }))
    }),
  )
}

it('are those that the rhythm of all of them shows', async () => {
  await bench.hold({ flow: contacts() })
  const found = (mostOfHost: number) => listed({ mostOfHost })

  // Of so many that none is left out, no rhythm is left out.
  const all = await found(1000)
  expect(all.length).toBeGreaterThan(200)
  const firstOf = (most: number) =>
    [...Map.groupBy(all, ({ client }) => client).values()].flatMap((own) => own.slice(0, most))
  for (const most of [1, 3, 20])
    expect((await found(most)).sort(byPlace)).toEqual(firstOf(most).sort(byPlace))
})

const listed = async (given: Pick<Parameters<typeof findContacts>[2], 'mostOfHost' | 'telling'>) =>
  (await findContacts(bench.store, scope, { analysis: 'most', ...given })).map(({ trace, verdict }) => ({
    client: trace.client,
    server: trace.servers[0],
    port: trace.serverPort,
    score: verdict.score,
  }))

/** Two contacts of each of many hosts, beside those of the six. */
const others = (count: number): Given[] =>
  Array.from({ length: 2 * count }, (_, i) => ({
    client: `10.1.${i >> 1}.7`,
    server: `198.51.100.${(i % 2) + 1}`,
    serverPort: 443,
    clientPort: 20_000 + i,
    start: at(60 + i),
    state: 'SF',
  }))

it('are, of more hosts than the list has room for, a share of each and those whose score says something', async () => {
  await bench.hold({ flow: [...contacts(), ...others(150)] })
  const all = await listed({ telling: 0 })
  const share = Math.floor(1000 / 156)
  const telling = all[8 * share]!.score
  const few = await listed({ telling })

  const tell = (list: typeof all) => list.filter(({ score }) => score >= telling).sort(byPlace)
  expect(tell(few)).toEqual(tell(all))
  expect(few.length).toBeLessThan(all.length)

  const counts = Map.groupBy(few, ({ client }) => client)
  expect(counts.size).toBe(156)
  for (const [client, own] of counts) {
    const room = client.startsWith('10.0.') ? share : 2
    expect(own.length).toBe(Math.max(room, tell(own).length))
  }
})

it('hold their own calls, and not what was read of all', async () => {
  await bench.hold({ flow: contacts() })
  const [{ trace } = expect.unreachable()] = await findContacts(bench.store, scope, { analysis: 'most' })
  for (const column of Object.values(trace.calls)) expect(column.buffer.byteLength).toBe(column.byteLength)
  expect(Object.getOwnPropertyDescriptor(trace, 'flows')?.get).toBeUndefined()
  expect(trace.flows.length).toBeGreaterThan(0)
})

const byPlace = (a: Given, b: Given) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)
