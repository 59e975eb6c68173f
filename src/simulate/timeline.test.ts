import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Exchange } from './exchange.ts'
import { Heap, inOrder, spread } from './timeline.ts'

const exchange = (start: number, end: number, uid = ''): Exchange => ({
  uid,
  start,
  end,
  proto: 'tcp',
  client: '10.0.0.1',
  clientPort: 1,
  server: '192.0.2.1',
  serverPort: 1,
  service: '',
  state: 'SF',
  history: '',
  clientPayload: 0,
  serverPayload: 0,
  clientPackets: 1,
  serverPackets: 1,
  clientIpBytes: 40,
  serverIpBytes: 40,
  origin: '',
})

const minute = 60e6
const whole = { from: 0, to: 100 * minute, order: 'by-end' as const }

describe('the heap', () => {
  it('sorts, and keeps the order of equals', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 9 })), (keys) => {
        const heap = new Heap<number>()
        keys.forEach((key, i) => {
          heap.push(key, i)
        })
        const out = keys.map(() => heap.pop())
        expect(out).toEqual(
          keys.map((_, i) => i).toSorted((a, b) => (keys[a] ?? 0) - (keys[b] ?? 0) || a - b),
        )
      }),
    )
  })

  it('is empty and says so', () => {
    const heap = new Heap<number>()
    expect(heap.least).toBe(Number.POSITIVE_INFINITY)
    expect(() => heap.pop()).toThrow(RangeError)
  })
})

describe('sources', () => {
  it('come out in the order of ends or of starts', () => {
    const source = fc.array(fc.tuple(fc.nat(90 * minute), fc.nat(30 * minute)), { maxLength: 20 })
    fc.assert(
      fc.property(fc.array(source, { maxLength: 5 }), (sources) => {
        const episodes = sources.map((each) =>
          each.toSorted(([a], [b]) => a - b).map(([start, length]) => [exchange(start, start + length)]),
        )
        const all = episodes.flat(2)
        const ends = [...inOrder(episodes, whole)].map(({ end }) => end)
        expect(ends).toEqual(all.map(({ end }) => end).toSorted((a, b) => a - b))
        const starts = [...inOrder(episodes, { ...whole, order: 'by-start' })].map(({ start }) => start)
        expect(starts).toEqual(all.map(({ start }) => start).toSorted((a, b) => a - b))
      }),
    )
  })

  it('may be a minute out of order and no more', () => {
    const back = (by: number) => [
      [[exchange(5 * minute, 5 * minute)], [exchange(5 * minute - by, 6 * minute)]],
    ]
    expect([...inOrder(back(minute), whole)]).toHaveLength(2)
    expect(() => [...inOrder(back(minute + 1), whole)]).toThrow(RangeError)
  })

  it('are read no further than is needed', () => {
    let read = 0
    const endless = function* () {
      for (let at = 0; ; at += minute) {
        read++
        yield [exchange(at, at + 1)]
      }
    }
    const out = inOrder([endless()], whole)
    for (let i = 0; i < 10; i++) out.next()
    expect(read).toBeLessThan(15)
  })

  it('are cut to the time asked for', () => {
    const source = [[exchange(0, 1, 'a')], [exchange(10, 11, 'b')], [exchange(20, 21, 'c')]]
    expect([...inOrder([source], { from: 10, to: 20, order: 'by-end' })].map(({ uid }) => uid)).toEqual(['b'])
  })
})

it('later pieces find their place', () => {
  const given = [exchange(0, 9, 'long'), exchange(5, 6, 'short'), exchange(8, 8, 'last')]
  const split = ({ uid, start }: Exchange) =>
    uid === 'long' ? [0, 3, 6, 9].map((at) => ({ start: at, line: `long ${at}` })) : [{ start, line: uid }]
  expect([...spread(given, split)]).toEqual(['long 0', 'long 3', 'short', 'long 6', 'last', 'long 9'])
})
