import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { analysesIn } from '../analyses.ts'
import { openEmbedded } from '../embedded.ts'
import { prepare } from '../schema.ts'
import type { Store } from '../store.ts'
import { removableAnswers, removeAnswers } from './answer-retention.ts'

const folder = mkdtempSync(join(tmpdir(), 'gannet-answers-'))
const day = 86_400_000_000
const begin = 1_700_000_000_000_000
let store: Store
beforeAll(async () => {
  store = await openEmbedded(join(folder, 'db'))
  await prepare(store)
  await store.run(`INSERT INTO analysis SELECT concat('a', toString(number)), ${begin} + number * ${day}, '1', '{}', '{}'
    FROM numbers(10)`)
})
afterAll(async () => {
  await store.close()
  rmSync(folder, { recursive: true, force: true })
})

const kept = async () => (await analysesIn(store)).map(({ analysis }) => analysis)

it('removes answers made earlier than that before the newest, which stays', async () => {
  expect(await removableAnswers(store, 20 * day)).toBeNull()
  expect(await removableAnswers(store, 3 * day)).toEqual({ answers: 6, first: begin, last: begin + 5 * day })
  expect(await kept()).toHaveLength(10)

  await removeAnswers(store, (await removableAnswers(store, 3 * day))!)
  expect(await kept()).toEqual(['a9', 'a8', 'a7', 'a6'])
  expect(await removableAnswers(store, 3 * day)).toBeNull()

  await removeAnswers(store, (await removableAnswers(store, 0))!)
  expect(await kept()).toEqual(['a9'])
})

it('removes nothing for a clock that was ahead', async () => {
  await store.run(`INSERT INTO analysis VALUES ('ahead', ${(Date.now() + 864e7) * 1000}, '1', '{}', '{}')`)
  const now = Date.now() * 1000
  await store.run(`INSERT INTO analysis VALUES ('now', ${now - day}, '1', '{}', '{}')`)
  expect((await removableAnswers(store, 30 * day))!.answers).toBe(1)
  await removeAnswers(store, (await removableAnswers(store, 30 * day))!)
  expect(await kept()).toEqual(['ahead', 'now'])
})
