/** C-flows of one epoch and transport, read in parts. */
import { type Variable, variables } from '../model/cflow.ts'
import type { Query } from '../model/query.ts'
import { addressText, raw, sql } from '../store/sql.ts'
import type { ResultColumns, Store } from '../store/store.ts'
import type { CflowColumns } from './vectors.ts'

export interface Cflows extends CflowColumns {
  readonly client: readonly string[]
  /** Clients that have a C-flow with the service of this one. */
  readonly callers: Float64Array
  readonly server: readonly string[]
  readonly port: Float64Array
}

interface Which {
  readonly analysis: string
  readonly epoch: number
  readonly proto: string
  /** SQL: C-flows that are clustered. */
  readonly condition: Query
}

const rowsOf = ({ analysis, epoch, proto, condition }: Which): Query =>
  sql`cflow WHERE analysis = ${analysis} AND epoch = ${epoch} AND proto = ${proto} AND ${condition}`

export async function sizeOf(store: Store, which: Which): Promise<{ cflows: number; clients: number }> {
  const [row] = await store.rows<{ cflows: number; clients: number }>(sql`
    SELECT toFloat64(count()) AS cflows, toFloat64(uniqExact(client)) AS clients FROM ${rowsOf(which)}`)
  return row ?? { cflows: 0, clients: 0 }
}

/**
 * The C-flows of one of `parts` parts, by a hash of their keys: each lies in one part, whatever else there is. Callers
 * are counted over all parts: where there is one, among the rows that are read, which takes half as long to plan.
 */
export async function readCflows(
  store: Store,
  which: Which,
  { parts, part }: { readonly parts: number; readonly part: number },
): Promise<Cflows> {
  const moments = variables.flatMap((each) => [`${each}Mean`, `${each}Variance`, `${each}Bins`]).join(', ')
  const from =
    parts === 1
      ? sql`(SELECT *, toFloat64(count() OVER (PARTITION BY server, serverPort)) AS callers FROM ${rowsOf(which)})`
      : sql`(SELECT * FROM ${rowsOf(which)} AND cityHash64(client, server, serverPort) % ${parts} = ${part}) AS c
    LEFT ANY JOIN (
      SELECT server, serverPort, toFloat64(count()) AS callers FROM ${rowsOf(which)}
      GROUP BY server, serverPort) AS s ON c.server = s.server AND c.serverPort = s.serverPort`

  const columns = await store.columns(sql`
    SELECT ${addressText('client')} AS client_, ${addressText('server')} AS server_, toUInt32(serverPort) AS port,
           toFloat64(flows) AS flows_, callers, ${raw(moments)}
    FROM ${from}
    ORDER BY client, server, serverPort`)

  return cflowsOf(columns)
}

function cflowsOf(columns: ResultColumns): Cflows {
  const column = <T>(key: string) => columns[key] as T
  const each = <T>(suffix: string) =>
    Object.fromEntries(variables.map((variable) => [variable, column<T>(`${variable}${suffix}`)])) as Record<
      Variable,
      T
    >
  const flows = column<Float64Array>('flows_')

  return {
    count: flows.length,
    client: column('client_'),
    server: column('server_'),
    port: column('port'),
    callers: column('callers'),
    flows,
    means: each('Mean'),
    variances: each('Variance'),
    bins: each('Bins'),
  }
}
