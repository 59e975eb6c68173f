import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Bench, openBench } from '../../../test/fixtures/records.ts'
import { serversBeside } from './company.ts'

const [rows, clients] = [200_000, 100]
const began = 1_700_000_000

let bench: Bench
beforeAll(async () => {
  bench = await openBench()
})
afterAll(() => bench.close())

it('holds no list of all visits for each row', async () => {
  const { store } = bench
  await store.run(`
    INSERT INTO service_hour_rows (load, hour, client, server, serverPort, proto, flows, answered, first)
    SELECT 1, intDiv(${began} + number * 5, 3600) * 3600000000, IPv4ToIPv6(toIPv4(167772160 + number % ${clients})),
      IPv4ToIPv6(toIPv4(3405803776 + intDiv(number, 1000))), 443, 'tcp', 1, 1, ${began} + number * 5
    FROM numbers(${rows})`)
  await store.run(
    `INSERT INTO ledger SELECT 1, 'made', '', 0, 'made', 0, ${began}000000, ${began + rows * 5}000000, map(), 0, map(), '[]', 1`,
  )
  // A row and a visit each 500 s of each client; of a service, the first row of an hour is kept: of 5,000 s, three.
  const visited = Array.from({ length: clients }, (_, client) => ({
    client: `10.0.0.${client}`,
    visits: Array.from({ length: rows / clients }, (_, i) => began + (i * clients + client) * 5),
  }))

  await store.run('SET max_memory_usage = 1000000000')
  const found = await serversBeside(store, visited)
  expect(found).toHaveLength((rows / 1000) * clients)
  expect(found[0]).toMatchObject({ number: 0, what: { port: 443, proto: 'tcp' }, times: 3 })
})
