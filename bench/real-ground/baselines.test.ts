/** The baselines say what their page says they do. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { parseNetworks } from '../../src/store/networks.ts'
import { type Bench, type Given, monday, openBench } from '../../test/fixtures/records.ts'
import { type BaselineAnswers, baselinesIn } from './baselines.ts'

const bot = '10.0.0.5'
const day = 86_400
const at = (seconds: number) => Math.round(monday + seconds * 1e6)

let bench: Bench
let answers: BaselineAnswers

beforeAll(async () => {
  bench = await openBench()
  const times = (every: number) => Array.from({ length: Math.floor(day / every) }, (_, i) => at(i * every))

  // Two hosts poll one name by the clock, over two addresses in turn; one of them calls a bare address as well.
  const polls = [bot, '10.0.0.6'].flatMap((client) =>
    times(600).map((start, i) => ({
      client,
      server: `198.51.100.${i % 2}`,
      start,
      uid: `C${client}-${i}`,
    })),
  )
  const names: Given[] = polls.map((call) => ({ ...call, serverName: 'poll.example' }))
  const own = times(300).map((start) => ({ client: bot, server: '203.0.113.9', serverPort: 8080, start }))
  const twice = [10, 5000].map((start) => ({
    client: '10.0.0.7',
    server: '203.0.113.77',
    serverPort: 443,
    start: at(start),
  }))

  await bench.hold({ flow: [...polls, ...own, ...twice], tls: names })
  answers = await baselinesIn(bench.store, parseNetworks(['10.0.0.0/8']), [bot])
}, 60_000)

afterAll(() => bench.close())

it('RITA accuses whoever calls by the clock, by name where all connections of an address have one', () => {
  expect(answers.rita.accused.map(({ host }) => host).toSorted()).toEqual([bot, '10.0.0.6'])
  expect(answers.rita.accused.every(({ confidence }) => confidence === 1)).toBe(true)

  const own = answers.rita.contacts!.filter(({ host }) => host === bot)
  expect(own.map(({ name, address }) => name ?? address).toSorted()).toEqual(['203.0.113.9', 'poll.example'])
})

it('the naive rule accuses whoever has a contact that nobody else has', () => {
  expect(answers.rare.accused.map(({ host }) => host).toSorted()).toEqual([bot, '10.0.0.7'])
  expect(answers.rare.suspects.map(({ host }) => host)).toEqual(['10.0.0.6'])

  const own = answers.rare.contacts!.filter(({ host }) => host === bot)
  expect(own.map(({ name, address, rank }) => [name ?? address, rank])).toEqual([
    ['203.0.113.9', 1],
    ['poll.example', 2],
  ])
})
