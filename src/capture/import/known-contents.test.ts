import { expect, it } from 'vitest'
import { createContents, either } from './known-contents.ts'

const of = (...contents: readonly (readonly [number, string])[]) => {
  const all = createContents()
  for (const [bytes, sha256] of contents) all.add({ bytes, sha256 })
  return all
}

it('knows contents by length and checksum, and the lengths around one', () => {
  const all = of([30, 'c'], [10, 'a'], [20, 'b'], [10, 'd'], [10, 'a'])
  expect([all.has(10, 'a'), all.has(10, 'd'), all.has(20, 'a'), all.has(5, 'a')]).toEqual([
    true,
    true,
    false,
    false,
  ])
  expect([-1, 0, 9, 10, 19, 20, 29, 30, 99].map(all.over)).toEqual([10, 10, 10, 20, 20, 30, 30, null, null])
  expect([-1, 0, 9, 10, 19, 20, 29, 30, 99].map(all.upTo)).toEqual([null, null, null, 10, 10, 20, 20, 30, 30])
  all.clear()
  expect([all.has(10, 'a'), all.over(0), all.upTo(99)]).toEqual([false, null, null])
})

it('takes two together', () => {
  const both = either(of([10, 'a'], [30, 'c']), of([20, 'b']))
  expect([both.has(10, 'a'), both.has(20, 'b'), both.has(30, 'b')]).toEqual([true, true, false])
  expect([0, 10, 20, 30].map(both.over)).toEqual([10, 20, 30, null])
  expect([5, 10, 25, 30].map(both.upTo)).toEqual([null, 10, 20, 30])
  const none = either(createContents(), createContents())
  expect([none.over(0), none.upTo(9)]).toEqual([null, null])
})

it('looks up among many as fast as among few', () => {
  const all = createContents()
  for (let i = 0; i < 50_000; i++) all.add({ bytes: (i * 7919) % 50_021, sha256: String(i) })
  const began = performance.now()
  for (let i = 0; i < 50_000; i++) if (!all.has((i * 7919) % 50_021, String(i))) throw new Error(`lost ${i}`)
  let [bytes, lengths] = [-1, 0]
  for (let next = all.over(bytes); next !== null; next = all.over(bytes))
    [bytes, lengths] = [next, lengths + 1]
  expect(lengths).toBe(50_000)
  expect(performance.now() - began).toBeLessThan(5000)
})
