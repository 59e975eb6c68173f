/**
 * Many sources, one order, bounded memory.
 *
 * Every source yields episodes whose beginnings never go back. An exchange can be let go once no source can still
 * yield one that belongs before it; what waits is what is open at that moment.
 */
import type { Episode, Exchange } from './exchange.ts'

/** A binary heap: the least key first, ties in the order of arrival. */
export class Heap<T> {
  readonly #items: { readonly key: number; readonly turn: number; readonly value: T }[] = []
  #turn = 0

  get size(): number {
    return this.#items.length
  }

  get least(): number {
    return this.#items[0]?.key ?? Number.POSITIVE_INFINITY
  }

  push(key: number, value: T): void {
    const items = this.#items
    const item = { key, turn: this.#turn++, value }
    let at = items.length
    items.push(item)
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!before(item, items[parent]!)) break
      items[at] = items[parent]!
      at = parent
    }
    items[at] = item
  }

  /** @throws RangeError when empty. */
  pop(): T {
    const items = this.#items
    const first = items[0]
    const last = items.pop()
    if (!first || !last) throw new RangeError('the heap is empty')

    if (items.length > 0) {
      let at = 0
      for (;;) {
        let child = 2 * at + 1
        if (child >= items.length) break
        if (child + 1 < items.length && before(items[child + 1]!, items[child]!)) child++
        if (!before(items[child]!, last)) break
        items[at] = items[child]!
        at = child
      }
      items[at] = last
    }

    return first.value
  }
}

const before = (a: { key: number; turn: number }, b: { key: number; turn: number }) =>
  a.key < b.key || (a.key === b.key && a.turn < b.turn)

export type Order = 'by-end' | 'by-start'

/** How far the beginning of an episode may lie before that of an earlier one, in microseconds. */
const slack = 60_000_000

/**
 * All exchanges that begin within [from, to), in the order asked for.
 *
 * @throws RangeError when a source goes back in time by more than a minute.
 */
export function* inOrder(
  sources: Iterable<Iterable<Episode>>,
  { from, to, order }: { from: number; to: number; order: Order },
): Generator<Exchange> {
  const waiting = new Heap<{ episode: Episode; rest: Iterator<Episode>; latest: number }>()
  const done = new Heap<Exchange>()

  const advance = (rest: Iterator<Episode>, latest: number) => {
    for (let next = rest.next(); !next.done; next = rest.next()) {
      const start = beginning(next.value)
      if (start === Number.POSITIVE_INFINITY) continue
      if (start < latest - slack) throw new RangeError(`an episode at ${start} comes after one at ${latest}`)
      if (start >= to + slack) return
      const reached = Math.max(latest, start)
      waiting.push(reached - slack, { episode: next.value, rest, latest: reached })
      return
    }
  }

  for (const source of sources) advance(source[Symbol.iterator](), Number.NEGATIVE_INFINITY)

  while (waiting.size > 0) {
    const { episode, rest, latest } = waiting.pop()
    for (const each of episode) {
      if (each.start >= from && each.start < to) done.push(order === 'by-end' ? each.end : each.start, each)
    }
    advance(rest, latest)
    while (done.least < waiting.least) yield done.pop()
  }

  while (done.size > 0) yield done.pop()
}

/** All exchanges in order, made anew at each reading. */
export const readAnew = (
  sources: readonly (() => Iterable<Episode>)[],
  given: { from: number; to: number; order: Order },
): Iterable<Exchange> => ({
  [Symbol.iterator]: () =>
    inOrder(
      sources.map((source) => source()),
      given,
    ),
})

const beginning = (episode: Episode): number => {
  let least = Number.POSITIVE_INFINITY
  for (const { start } of episode) least = Math.min(least, start)
  return least
}

/** Later pieces of long exchanges put in their place among what begins after them. */
export function* spread<T>(
  exchanges: Iterable<Exchange>,
  split: (each: Exchange) => readonly { start: number; line: T }[],
): Generator<T> {
  const later = new Heap<T>()
  for (const each of exchanges) {
    while (later.least <= each.start) yield later.pop()
    const [first, ...rest] = split(each)
    if (first) yield first.line
    for (const piece of rest) later.push(piece.start, piece.line)
  }
  while (later.size > 0) yield later.pop()
}
