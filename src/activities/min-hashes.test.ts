import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Bench, monday, openBench } from '../../test/fixtures/records.ts'
import { sketchOf } from '../math/sketch.ts'
import type { Activity } from '../model/activity.ts'
import type { Scope } from '../model/networks.ts'
import { parseNetworks } from '../store/networks.ts'
import { clusterActivities } from './acluster.ts'
import { minHashesOf } from './min-hashes.ts'
import { executableDownload } from './rules/executable-download.ts'

const scope: Scope = {
  epoch: 0,
  from: monday,
  to: monday + 86_400e6,
  internal: parseNetworks(['10.0.0.0/8']),
}

let bench: Bench
beforeAll(async () => {
  bench = await openBench()
})
afterAll(() => bench.close())

/** A program of which `changed` bytes are its own. */
const program = (changed: number) =>
  sketchOf(Uint8Array.from({ length: 4096 }, (_, i) => ((i < changed ? i * i * 31 : i * i) >> 3) % 253))

it('finds hosts whose programs are alike and not equal, from the records on', async () => {
  const file = [
    { client: '10.0.0.5', hash: 'sha256-first1024:aa', sketch: program(0) },
    { client: '10.0.0.6', hash: 'sha256-first1024:bb', sketch: program(200) },
    { client: '10.0.0.7', hash: 'sha256-first1024:cc', sketch: program(4096) },
    { client: '10.0.0.8', hash: 'sha256-first1024:dd', sketch: [] },
  ].map((row) => ({ ...row, mimeType: 'application/x-dosexec' }))
  await bench.hold({ file })
  const activities = await bench.store.rows<Activity>(
    executableDownload.query(scope, executableDownload.defaults),
  )
  expect(activities).toHaveLength(4)
  const minHashes = await minHashesOf(bench.store, scope, activities)
  expect([...minHashes.keys()]).toEqual(['sha256-first1024:aa', 'sha256-first1024:bb', 'sha256-first1024:cc'])
  expect(minHashes.get('sha256-first1024:bb')).toEqual(program(200))
  expect(clusterActivities(activities, { minHashes }).clusters).toMatchObject([
    { type: 'download', hosts: ['10.0.0.5', '10.0.0.6'], layer2: 'like sha256-first1024:aa' },
  ])
  expect(clusterActivities(activities).clusters).toEqual([])
})
