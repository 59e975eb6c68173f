import { expect, it } from 'vitest'
import { topologyOf } from './topology.ts'

const hosts = Array.from({ length: 10 }, (_, i) => `10.0.0.${i}`)
const server = (from: number, to: number) => ({ members: hosts.slice(from, to) })

it('is a star where one server is called by nine in ten and no other by two', () => {
  expect(topologyOf(10, [server(0, 9), server(0, 1)])).toBe('star')
  expect(topologyOf(10, [server(0, 10)])).toBe('star')
  expect(topologyOf(10, [server(0, 8), server(0, 1)])).toBe('undecided')
  expect(topologyOf(10, [server(0, 9), server(0, 2)])).toBe('multi-server')
})

it('is multi-server where up to ten servers cover nine in ten together', () => {
  expect(topologyOf(10, [server(0, 5), server(5, 9)])).toBe('multi-server')
  expect(topologyOf(10, [server(0, 4), server(5, 9)])).toBe('undecided')
})

it('is p2p from eleven shared peers on, though all know one', () => {
  const pairs = (n: number) => Array.from({ length: n }, (_, i) => server(i % 9, (i % 9) + 2))
  expect(topologyOf(10, pairs(11))).toBe('p2p')
  expect(topologyOf(10, pairs(10))).toBe('multi-server')
  expect(topologyOf(10, [...pairs(11), server(0, 10)])).toBe('p2p')
})

it('is undecided without servers or with one member', () => {
  expect(topologyOf(10, [])).toBe('undecided')
  expect(topologyOf(1, [server(0, 1)])).toBe('undecided')
})
