import { expect, it } from 'vitest'
import { traceOf } from '../../../test/fixtures/trace-of.ts'
import { joinedTraces } from './churn.ts'

/** Six calls every ten minutes to one server, then on to the next. */
const part = (server: string, from: number, sent = 500) =>
  traceOf(
    Array.from({ length: 6 }, (_, i) => ({ at: from + 600 * i + (i % 2), sent })),
    { servers: [server] },
  )

it('joins the short traces of a C&C that moves', () => {
  const joined = joinedTraces([part('203.0.113.1', 0), part('203.0.113.2', 3600), part('203.0.113.3', 7200)])
  expect(joined).toHaveLength(1)
  expect(joined[0]).toMatchObject({
    by: 'moves',
    servers: ['203.0.113.1', '203.0.113.2', '203.0.113.3'],
    connections: 18,
  })
  const { start } = joined[0]!.calls
  expect([...start]).toEqual([...start].sort((a, b) => a - b))
})

it('does not join traces whose sizes differ, clients or ports', () => {
  expect(joinedTraces([part('203.0.113.1', 0), part('203.0.113.2', 3600, 90_000)])).toEqual([])
  const other = { ...part('203.0.113.2', 3600), client: '10.0.0.8' }
  expect(joinedTraces([part('203.0.113.1', 0), other])).toEqual([])
  expect(joinedTraces([part('203.0.113.1', 0), { ...part('203.0.113.2', 3600), serverPort: 80 }])).toEqual([])
})

it('does not join what begins long after, or keeps another pace', () => {
  expect(joinedTraces([part('203.0.113.1', 0), part('203.0.113.2', 3600 + 600)])).toHaveLength(1)
  expect(joinedTraces([part('203.0.113.1', 0), part('203.0.113.2', 3600 + 1300)])).toEqual([])
  const faster = traceOf(
    Array.from({ length: 6 }, (_, i) => ({ at: 3600 + 300 * i, sent: 500 })),
    { servers: ['203.0.113.2'] },
  )
  expect(joinedTraces([part('203.0.113.1', 0), faster])).toEqual([])
})

it('does not join over more than three intervals of silence, however long both parts keep the pace', () => {
  const long = (server: string, from: number) =>
    traceOf(
      Array.from({ length: 40 }, (_, i) => ({ at: from + 600 * i, sent: 500 })),
      { servers: [server] },
    )
  expect(joinedTraces([long('203.0.113.1', 0), long('203.0.113.2', 41 * 600)])).toHaveLength(1)
  expect(joinedTraces([long('203.0.113.1', 0), long('203.0.113.2', 43 * 600)])).toEqual([])
})

it('does not join traces of one call or two', () => {
  const short = traceOf(
    [
      { at: 3600, sent: 500 },
      { at: 4200, sent: 500 },
    ],
    { servers: ['203.0.113.2'] },
  )
  expect(joinedTraces([part('203.0.113.1', 0), short])).toEqual([])
})

it('does not join what goes on at the same time', () => {
  const interleaved = part('203.0.113.2', 217)
  expect(joinedTraces([part('203.0.113.1', 0), interleaved])).toEqual([])
})
