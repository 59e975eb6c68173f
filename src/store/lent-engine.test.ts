import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { UserError } from '../errors.ts'
import { engineOf, openEmbedded } from './embedded.ts'
import { analysing, publishing } from './ledger/turns.ts'
import { borrowStore, lendEngine, receivedFault, sentFault } from './lent-engine.ts'
import { sql } from './sql.ts'
import type { Store } from './store.ts'

const folder = mkdtempSync(join(tmpdir(), 'gannet-lent-'))
let owner: Store
let lent: ReturnType<typeof lendEngine>
let store: Store

beforeAll(async () => {
  owner = await openEmbedded(join(folder, 'db'))
  await owner.run('CREATE TABLE number (n UInt64) ENGINE = MergeTree ORDER BY n')
})
afterAll(async () => {
  await owner.close()
  rmSync(folder, { recursive: true, force: true })
})
beforeEach(() => {
  lent = lendEngine(owner, engineOf(owner)!)
  store = borrowStore(lent.port, owner.where)
  return async () => {
    await store.close()
    lent.close()
  }
})

async function* chunksOf(...texts: readonly string[]) {
  const whole = Buffer.from(`left out\n${texts.join('')}`)
  let from = 'left out\n'.length
  for (const text of texts) {
    yield whole.subarray(from, from + text.length)
    from += text.length
  }
}

it('asks and inserts where the engine is', async () => {
  await store.insert('number', ['n'], chunksOf('1\n2\n', '', '3\n'))
  expect(await owner.rows('SELECT n FROM number ORDER BY n')).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }])
  expect(await store.rows(sql`SELECT ${"it's"} AS text`)).toEqual([{ text: "it's" }])
  expect(
    [...((await store.columns('SELECT n FROM number ORDER BY n'))['n'] as Float64Array)].map(Number),
  ).toEqual([1, 2, 3])
  const all = await Promise.all(Array.from({ length: 20 }, (_, i) => store.rows(sql`SELECT ${i} AS i`)))
  expect(all.map(([row]) => (row as { i: number }).i)).toEqual(all.map((_, i) => i))
})

it('gives errors as they are', async () => {
  await expect(store.run('SELECT nothing')).rejects.toThrow(/UNKNOWN_IDENTIFIER|Unknown expression/)
  const fault = receivedFault(sentFault(new UserError('database-full', 'no space', 'Free some.')))
  expect(fault).toBeInstanceOf(UserError)
  expect(fault).toMatchObject({ code: 'database-full', message: 'no space', hint: 'Free some.' })
  expect(receivedFault(sentFault(new TypeError('a bug'))).stack).toContain('lent-engine.test')
})

it('takes turns with the owner, and gives them back when it dies in one', async () => {
  const order: string[] = []
  const pause = () => new Promise((go) => setTimeout(go, 20))
  const work = (what: string) => async () => {
    order.push(`${what} begins`)
    await pause()
    order.push(`${what} ends`)
  }
  await Promise.all([
    analysing(owner, work('first')),
    pause().then(() => analysing(store, work('second'))),
    pause()
      .then(pause)
      .then(() => analysing(owner, work('third'))),
  ])
  expect(order).toEqual(['first', 'second', 'third'].flatMap((each) => [`${each} begins`, `${each} ends`]))
  await expect(publishing(store, () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  expect(await publishing(owner, async () => 'free')).toBe('free')

  let begun = () => {}
  const holds = new Promise<void>((go) => {
    begun = go
  })
  void publishing(store, () => {
    begun()
    return new Promise(() => {})
  })
  await holds
  lent.close()
  expect(await publishing(owner, async () => 'free again')).toBe('free again')
})
