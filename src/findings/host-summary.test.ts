import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Bench, openBench } from '../../test/fixtures/records.ts'
import { sampleAnswer } from '../../test/fixtures/sample-answer.ts'
import { sampleFigures } from '../../test/fixtures/sample-figures.ts'
import { keepAnswer } from '../store/analyses.ts'
import { hostSummaryOf } from './host-summary.ts'

let bench: Bench
beforeAll(async () => {
  bench = await openBench()
})
afterAll(() => bench.close())

it('counts as callers of a service the internal hosts of the newest analysis alone', async () => {
  const clients = ['10.0.0.5', '10.0.0.6', '10.0.0.7', '198.51.100.1', '198.51.100.2']
  await bench.hold({
    flow: clients.map((client) => ({ client, server: '10.0.0.53', serverPort: 53, proto: 'udp' })),
  })
  await keepAnswer(bench.store, sampleAnswer, sampleFigures)

  const callersOf = async (host: string) =>
    (await hostSummaryOf(bench.store, host)).called.map(({ callers }) => callers)

  expect(sampleAnswer.analysis.internal).toEqual(['10.0.0.0/8'])
  expect(await callersOf('10.0.0.5')).toEqual([3])
  // A host outside counts itself.
  expect(await callersOf('198.51.100.1')).toEqual([4])
})
