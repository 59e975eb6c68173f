import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Bench, openBench } from '../../test/fixtures/records.ts'
import { makeCclusters } from './cluster.ts'

let bench: Bench
beforeAll(async () => {
  bench = await openBench()
})
afterAll(() => bench.close())

/** C-flows that all look alike: `callers` clients of one server, and two clients of a server each. */
async function shapesWith(callers: number, mode: 'default' | 'paper') {
  const bins = `[${[8, ...Array(12).fill(0)].join(',')}]`
  const row = (client: string, server: string) =>
    `('a', 0, '::ffff:${client}', '::ffff:${server}', 443, 'tcp', 8, ${Array(4).fill('1, 0').join(', ')}, ${Array(4).fill(bins).join(', ')})`
  const many = Array.from({ length: callers }, (_, i) => row(`10.0.1.${i}`, '203.0.113.9'))
  const rows = [...many, row('10.0.0.1', '203.0.113.1'), row('10.0.0.2', '203.0.113.2')]
  await bench.store.run('TRUNCATE TABLE cflow')
  const variables = ['fph', 'ppf', 'bpp', 'bps']
  const columns = [
    ...variables.flatMap((each) => [`${each}Mean`, `${each}Variance`]),
    ...variables.map((each) => `${each}Bins`),
  ]
  await bench.store.run(
    `INSERT INTO cflow (analysis, epoch, client, server, serverPort, proto, flows, ${columns.join(', ')}) VALUES ${rows.join(', ')}`,
  )
  const { shapes } = await makeCclusters(bench.store, {
    analysis: 'a',
    epoch: 0,
    mode,
    seed: 1,
    activityTraffic: [],
  })
  return shapes.map(({ hosts }) => hosts.length)
}

it('hosts that talk alike to what over ten and a twentieth of all talk to share no shape by it', async () => {
  expect(await shapesWith(10, 'default')).toEqual([12])
  expect(await shapesWith(11, 'default')).toEqual([2])
  expect(await shapesWith(11, 'paper')).toEqual([13])
})
