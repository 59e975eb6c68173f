/**
 * Databases of every earlier version, made by the release of that version (test/databases/): three machines of a
 * simulated day, two of them bots, analysed.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { afterAll, describe, expect, it } from 'vitest'
import schema from '../../../docs/reference/answer.schema.json' with { type: 'json' }
import { json } from '../../reports/json.ts'
import { lastAnswer } from '../analyses.ts'
import { openEmbedded } from '../embedded.ts'
import { oldestVersion, prepare, schemaVersion, versionOf } from '../schema.ts'
import type { Store } from '../store.ts'
import { migrate, plannedMigration } from './migrate.ts'
import { steps } from './steps.ts'

const scratch = mkdtempSync(join(tmpdir(), 'gannet-migrate-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

const versions = Array.from({ length: schemaVersion - oldestVersion }, (_, i) => oldestVersion + i)

/** Runs `work` on a copy of the database of a version. */
async function withCopy<T>(version: number, work: (store: Store) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(scratch, 'copy-'))
  const file = fileURLToPath(new URL(`../../../test/databases/version-${version}.tar.gz`, import.meta.url))
  execFileSync('tar', ['xzf', file, '-C', folder])
  return within(folder, work)
}

async function within<T>(folder: string, work: (store: Store) => Promise<T>): Promise<T> {
  const store = await openEmbedded(folder)
  try {
    return await work(store)
  } finally {
    await store.close()
  }
}

const shapesIn = (store: Store) =>
  store.rows(`SELECT name, partition_key, trim(BOTH '()' FROM sorting_key) AS key FROM system.tables
    WHERE database = currentDatabase() AND NOT startsWith(name, 'cplane') ORDER BY name`)

const contents = (store: Store) =>
  store.rows<{ flows: number }>(`SELECT toFloat64(count()) AS flows, toString(sum(cityHash64(*))) AS print,
    (SELECT toFloat64(count()) FROM dns_rows) AS questions, (SELECT toFloat64(count()) FROM ledger) AS inputs
    FROM (SELECT * FROM flow_rows)`)

const hours = (store: Store) => store.rows('SELECT toFloat64(sum(flows)) AS flows FROM service_hour')

describe.each(versions)('a database of version %i', (version) => {
  it('is refused with the command that mends it, and a plan changes nothing', () =>
    withCopy(version, async (store) => {
      await expect(prepare(store)).rejects.toMatchObject({
        code: 'database-version',
        hint: expect.stringContaining('gannet migrate'),
      })
      const planned = await plannedMigration(store)
      expect(planned).toMatchObject({ from: version, to: schemaVersion })
      expect(planned.steps.map(({ to }) => to)).toEqual(versions.slice(version - 1).map((each) => each + 1))
      expect(planned.rows).toBeGreaterThan(9000)
      expect(await versionOf(store)).toMatchObject({ version })
    }))

  it('has the same records and a valid answer afterwards, and is as a new one', async () => {
    const shapes = await withCopy(version, async (store) => {
      const before = await contents(store)
      await migrate(store, await plannedMigration(store))
      await prepare(store)
      expect(await contents(store)).toEqual(before)

      const last = await lastAnswer(store)
      const valid = new Ajv2020({ strict: false, allErrors: true }).compile(schema)
      const printed = { ...JSON.parse(json.render(last!.answer, last!.figures)), decided: null }
      expect(valid(printed), JSON.stringify(valid.errors?.slice(0, 3))).toBe(true)
      expect(last!.answer.hosts[0]!.findings.length).toBeGreaterThan(0)
      expect((await plannedMigration(store)).steps).toEqual([])

      return shapesIn(store)
    })
    const fresh = (store: Store) => prepare(store).then(() => shapesIn(store))
    expect(shapes).toEqual(await within(mkdtempSync(join(scratch, 'fresh-')), fresh))
  })

  it('goes on where it was cut short', () =>
    withCopy(version, async (store) => {
      const before = await contents(store)
      const planned = await plannedMigration(store)

      for (let statements = 0; ; statements++) {
        let left = statements
        const cut = <A extends unknown[], R>(work: (...args: A) => Promise<R>) => {
          return async (...args: A): Promise<R> => {
            if (left-- === 0) throw new Error('cut')
            return work(...args)
          }
        }
        const failing: Store = {
          ...store,
          run: cut(store.run),
          alter: cut(store.alter),
          byShard: (work, needs) => store.byShard((shard) => work({ ...shard, run: cut(shard.run) }), needs),
        }
        const done = await migrate(failing, planned).then(
          () => true,
          (error) => {
            if (error.message !== 'cut') throw error
            return false
          },
        )
        if (done) {
          expect(statements).toBeGreaterThan(version < 4 ? 2 : 0)
          break
        }
      }

      expect(await contents(store)).toEqual(before)
      await prepare(store)
      expect(await hours(store)).toEqual([{ flows: before[0]!.flows }])
    }))
})

it('has a step and a database for every version', () => {
  expect(steps.map(({ to }) => to)).toEqual(versions.map((version) => version + 1))
})
