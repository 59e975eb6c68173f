/** A queue of whole numbers, each with a key: the least key comes out first, the lower number of equals. */
export class Heap {
  readonly #items: number[] = []
  readonly #keys: number[] = []

  get size(): number {
    return this.#items.length
  }

  push(item: number, key: number): void {
    let at = this.#items.length
    this.#items.push(item)
    this.#keys.push(key)
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!this.#before(at, parent)) return
      this.#swap(at, parent)
      at = parent
    }
  }

  /** @throws RangeError where nothing is left. */
  pop(): number {
    const top = this.#items[0]
    if (top === undefined) throw new RangeError('the heap is empty')
    this.#swap(0, this.#items.length - 1)
    this.#items.pop()
    this.#keys.pop()
    for (let at = 0; ; ) {
      let least = at
      for (const child of [2 * at + 1, 2 * at + 2]) {
        if (child < this.#items.length && this.#before(child, least)) least = child
      }
      if (least === at) return top
      this.#swap(at, least)
      at = least
    }
  }

  #before(a: number, b: number): boolean {
    const difference = this.#keys[a]! - this.#keys[b]!
    return difference < 0 || (difference === 0 && this.#items[a]! < this.#items[b]!)
  }

  #swap(a: number, b: number): void {
    const item = this.#items[a]!
    const key = this.#keys[a]!
    this.#items[a] = this.#items[b]!
    this.#keys[a] = this.#keys[b]!
    this.#items[b] = item
    this.#keys[b] = key
  }
}
