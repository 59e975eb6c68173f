/**
 * What the A-plane sees in real records:
 * `node bench/detection/activities.ts NETWORKS NAME=PATH…` prints one line an activity and one a verdict.
 * NETWORKS are the internal ones, separated by commas; all of a capture is one epoch.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { activityVerdicts, clusterActivities, findActivities, phraseOf } from '../../src/activities/index.ts'
import { importInputs } from '../../src/capture/import/import.ts'
import { fillQueried } from '../../src/dns/index.ts'
import { micros } from '../../src/model/units.ts'
import { saySpan } from '../../src/model/words/say.ts'
import { openEmbedded } from '../../src/store/embedded.ts'
import { inside, parseNetworks } from '../../src/store/networks.ts'
import { sql } from '../../src/store/sql.ts'

const [networks = '', ...captures] = process.argv.slice(2)

for (const capture of captures) {
  const [title = '', path = ''] = capture.split('=')
  const folder = mkdtempSync(join(tmpdir(), 'gannet-activities-'))
  const store = await openEmbedded(folder)
  try {
    await importInputs(store, path.split(','), { acceptRejects: true })
    const [range] = await store.rows<{ first: number; last: number; flows: number; hosts: number }>(
      `SELECT toFloat64(min(a)) AS first, toFloat64(max(z)) AS last, toFloat64(max(n)) AS flows FROM (
         SELECT min(start) AS a, max(start) AS z, count() AS n FROM flow WHERE start > 0 HAVING n > 0
         UNION ALL SELECT min(start), max(start), 0 FROM dns HAVING count() > 0
         UNION ALL SELECT min(start), max(start), 0 FROM http HAVING count() > 0)
`,
    )
    if (!range) continue
    const scope = {
      epoch: 0,
      from: range.first,
      to: range.last + 1,
      internal: parseNetworks(networks.split(',')),
    }
    const began = performance.now()
    await fillQueried(store)
    const { activities, blind } = await findActivities(store, scope)
    const took = ((performance.now() - began) / 1000).toFixed(1)
    console.log(`## ${title}: ${range.flows} flows, ${saySpan(micros(range.last - range.first))}, ${took} s`)
    for (const each of activities) {
      console.log(
        `  ${each.host} [${each.detector} ${each.score.toFixed(1)}] ${phraseOf(each)} (${each.times} times in ${saySpan(micros(each.last - each.first))})`,
      )
    }
    for (const { type, hosts, layer2 } of clusterActivities(activities).clusters)
      console.log(`  A-cluster ${type}: ${layer2}: ${hosts.join(' ')}`)
    const [known] = await store.rows<{ n: number }>(
      sql`SELECT toFloat64(uniqExact(client)) AS n FROM flow WHERE ${inside('client', scope.internal)}`,
    )
    for (const { claim, severity, confidence } of activityVerdicts(activities, { population: known?.n ?? 0 }))
      console.log(`  ACCUSED ${severity} ${confidence.toFixed(2)} ${claim}`)
    for (const sentence of blind) console.log(`  blind: ${sentence}`)
  } catch (error) {
    console.log(`## ${title}: ${error instanceof Error ? error.message : String(error)}`)
  } finally {
    await store.close()
    rmSync(folder, { recursive: true })
  }
}
