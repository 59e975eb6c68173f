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
  const found = async (mostOfHost: number) =>
    (await findContacts(bench.store, scope, { analysis: 'most', mostOfHost })).map(({ trace, verdict }) => ({
      client: trace.client,
      server: trace.servers[0],
      port: trace.serverPort,
      score: verdict.score,
    }))

  // Of so many that none is left out, no rhythm is left out.
  const all = await found(1000)
  expect(all.length).toBeGreaterThan(200)
  const firstOf = (most: number) =>
    [...Map.groupBy(all, ({ client }) => client).values()].flatMap((own) => own.slice(0, most))
  for (const most of [1, 3, 20])
    expect((await found(most)).sort(byPlace)).toEqual(firstOf(most).sort(byPlace))
})

const byPlace = (a: Given, b: Given) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)
