/**
 * Processor time and memory of the clustering by number of C-flows: `node bench/speed/cflows.ts DB N [BOUND]`.
 *
 * The C-flows are those of the newest analysis in DB, many times over under other clients, their means and variances
 * moved by up to 5 %. DB is changed; give it a copy. One size a process, since memory is the largest that it ever had.
 */
import { makeCclusters } from '../../src/clusters/index.ts'
import { variables } from '../../src/model/cflow.ts'
import { openEmbedded } from '../../src/store/embedded.ts'
import { raw, sql } from '../../src/store/sql.ts'

const [db = '', count = '10000', bound] = process.argv.slice(2)
const analysis = 'bench'
const store = await openEmbedded(db)
await store.run(`ALTER TABLE cflow DROP PARTITION '${analysis}'`)
await store.run(`ALTER TABLE ccluster DROP PARTITION '${analysis}'`)

const [held] = await store.rows<{ n: number }>(
  "SELECT toFloat64(count()) AS n FROM cflow WHERE proto = 'tcp'",
)
const copies = Math.ceil(Number(count) / (held?.n ?? 1))
const near = (column: string) =>
  `${column} * (0.95 + cityHash64(client, server, serverPort, copy, '${column}') % 1000 / 10000)`
const moments = variables.flatMap((each) => [
  `${near(`${each}Mean`)} AS ${each}Mean_`,
  `${near(`${each}Variance`)} AS ${each}Variance_`,
  `${each}Bins`,
])
await store.run(sql`
  INSERT INTO cflow (analysis, epoch, client, server, serverPort, proto, flows, first, last,
    ${raw(variables.flatMap((each) => [`${each}Mean`, `${each}Variance`, `${each}Bins`]).join(', '))})
  SELECT ${analysis}, 0, toIPv6(concat('fd00::', hex(copy), ':', hex(cityHash64(client) % 65536))), server, serverPort, proto,
    flows, first, last, ${raw(moments.join(', '))}
  FROM cflow CROSS JOIN (SELECT number AS copy FROM numbers(${copies})) AS copies
  WHERE proto = 'tcp' AND analysis != ${analysis} LIMIT ${Number(count)}`)

const [made] = await store.rows<{ n: number }>(
  `SELECT toFloat64(count()) AS n FROM cflow WHERE analysis = '${analysis}'`,
)
if (made?.n !== Number(count)) throw new Error(`${made?.n} C-flows were made, not ${count}`)

const memory = process.resourceUsage().maxRSS
const before = process.cpuUsage()
const { fine } = await makeCclusters(store, {
  analysis,
  epoch: 0,
  mode: 'default',
  seed: 1,
  activityTraffic: [],
  ...(bound === undefined ? {} : { exactUpTo: Number(bound) }),
})
const { user, system } = process.cpuUsage(before)
const [labels] = await store.rows<{ n: number }>('SELECT toFloat64(count()) AS n FROM ccluster')
if ((labels?.n ?? 0) < Number(count)) throw new Error(`only ${labels?.n} C-flows have a cluster`)
await store.close()

const megabytes = (kilobytes: number) => Math.round(kilobytes / 1000)
process.stdout.write(
  `${count} C-flows, fitted up to ${bound ?? 'the default'}: ${((user + system) / 1e6).toFixed(1)} s, ` +
    `${megabytes(memory)} MB before, at most ${megabytes(process.resourceUsage().maxRSS)} MB, ${fine} clusters\n`,
)
