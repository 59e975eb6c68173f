import { describe, expect, it } from 'vitest'
import type { Store } from '../store/store.ts'
import type { Context } from './context.ts'
import { together } from './together.ts'

const at = (kind: Store['kind'], inTurn = false) => ({
  store: { kind } as Store,
  context: { inTurn } as Context,
})

/** Works that note when they begin and end. */
function works() {
  const notes: string[] = []
  const work = (name: string) => async () => {
    notes.push(`${name} begins`)
    await new Promise(setImmediate)
    notes.push(`${name} ends`)
    return name
  }
  return { notes, all: [work('one'), work('two')] as const }
}

describe('together', () => {
  it('does all at the same time, and gives what each gave', async () => {
    const { notes, all } = works()
    expect(await together(at('embedded'), all)).toEqual(['one', 'two'])
    expect(notes).toEqual(['one begins', 'two begins', 'one ends', 'two ends'])
  })

  it.each([
    ['a server', at('server')],
    ['whoever measures', at('embedded', true)],
  ])('does one after the other for %s', async (_, work) => {
    const { notes, all } = works()
    expect(await together(work, all)).toEqual(['one', 'two'])
    expect(notes).toEqual(['one begins', 'one ends', 'two begins', 'two ends'])
  })

  it('throws what the first threw, once all have ended', async () => {
    const notes: string[] = []
    const works = [
      async () => {
        throw new Error('broken')
      },
      async () => {
        await new Promise(setImmediate)
        notes.push('ended')
      },
    ]
    await expect(together(at('embedded'), works)).rejects.toThrow('broken')
    expect(notes).toEqual(['ended'])
  })
})
