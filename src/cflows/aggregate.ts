/**
 * Flows to C-flows.
 *
 * A C-flow gathers every flow of one client to one service (server, port, transport) inside one epoch: who talks
 * to whom, and how. Gu et al., "BotMiner", USENIX Security 2008, section 3.3. The four variables of a C-flow are
 * random variables with a sample each flow (each hour for `fph`; hours without a flow give none, see its
 * figure 5); their distributions are described by 13 bins cut at 12 quantiles of the samples of all C-flows.
 */

import { type Cuts, quantileLevels, type Variable, variables } from '../model/cflow.ts'
import type { Query } from '../model/query.ts'
import { hour } from '../model/units.ts'
import { cplaneTable } from '../store/cplane.ts'
import { join, name, numbers, raw, sql } from '../store/sql.ts'
import type { Store } from '../store/store.ts'

/** Microseconds: durations are taken as at least this, so that one-packet flows have a rate (pitfall 7). */
export const shortest = 1000

interface CflowOptions {
  readonly analysis: string
  readonly epoch: number
  readonly from: number
  /** A pair that met fewer times shows no rhythm and no shape; 1 as in the paper. */
  readonly minFlows: number
  /** Flows that passed the filters, before fragments are joined. */
  readonly flows: number
  /** Over this many flows quantiles are approximated (relative error 0.1 %), so that memory stays bounded. */
  readonly exactUpTo?: number
}

const samples: Readonly<Record<Exclude<Variable, 'fph'>, string>> = {
  ppf: 'toFloat64(packets)',
  bpp: 'bytes / nullIf(packets, 0)',
  bps: `bytes / (greatest(duration, ${shortest}) / 1e6)`,
}

/**
 * Flows of services that a client called often enough. Services are told by a hash. Two of a million share
 * one with a chance below 1 in 10^7; then the flows of a rare service count among the samples too.
 */
const enough = ({ analysis, minFlows }: Pick<CflowOptions, 'analysis' | 'minFlows'>): Query => sql`
  ${serviceHash} IN (SELECT ${serviceHash} AS service FROM ${cplaneTable(analysis)}
    GROUP BY service HAVING count() >= ${minFlows})`

const serviceHash = sql`cityHash64(client, server, serverPort, proto)`

/** The 12 pooled quantiles of each variable (type 7), over the C-flows that are kept. */
export async function cutsOf(store: Store, options: CflowOptions): Promise<Cuts> {
  const table = cplaneTable(options.analysis)
  const exact = options.flows <= (options.exactUpTo ?? 50_000_000)
  const levels = quantileLevels.join(', ')
  const quantiles = (value: string) =>
    raw(exact ? `quantilesExactInclusive(${levels})(${value})` : `quantilesDD(0.001, ${levels})(${value})`)
  const [row] = await store.rows<Record<Variable, number[]>>(sql`
    SELECT ${quantiles(samples.ppf)} AS ppf, ${quantiles(samples.bpp)} AS bpp, ${quantiles(samples.bps)} AS bps,
      (SELECT ${quantiles('toFloat64(n)')} FROM (
         SELECT count() AS n FROM ${table} WHERE ${enough(options)}
         GROUP BY client, server, serverPort, proto, intDiv(start - ${options.from}, ${hour}))) AS fph
    FROM ${table} WHERE ${enough(options)}`)
  return Object.fromEntries(
    variables.map((each) => [each, (row?.[each] ?? []).map(Number)]),
  ) as unknown as Cuts
}

/** Samples counted in right-closed bins: (k[i-1], k[i]]; in none where there is no sample. */
function bins(value: string, cuts: readonly number[]): Query {
  const place = sql`if(isNull(${raw(value)}), 13, arrayCount(k -> ifNull(${raw(value)}, 0) > k, ${numbers(cuts)}))`
  return sql`arrayMap(n -> toFloat64(n), sumForEach(arrayMap(bin -> toUInt64(${place} = bin), range(13))))`
}

/**
 * A sum that does not depend on the order of its terms, in whole numbers of 2^-32: threads take rows in any order,
 * a sum of floating-point numbers differs in its last digit by it, and a host on the border of a cluster falls to
 * one side or the other. Int256 holds the squares of a billion flows of 2^64 bytes in a millisecond each.
 */
const exactly = (value: Query): Query =>
  sql`(toFloat64(sum(toInt256(ifNull(${value}, 0) * 4294967296.))) / 4294967296.)`

/**
 * Writes the C-flows of the epoch, with their binned distributions, to table `cflow`. Hours are gathered apart from
 * flows: a row for each service and hour would have to carry the bins and sums of all variables.
 */
export function cflowsInto({ analysis, epoch, from, minFlows }: CflowOptions, cuts: Cuts): Query {
  const kept = sql`FROM ${cplaneTable(analysis)} WHERE ${enough({ analysis, minFlows })}`
  const key = raw('client, server, serverPort, proto')

  const ofFlows = variables
    .filter((each) => each !== 'fph')
    .map(
      (each) => sql`
      ifNull(${exactly(raw(samples[each]))} / nullIf(count(${raw(samples[each])}), 0), 0) AS ${name(`${each}Mean`)},
      greatest(ifNull(${exactly(sql`pow(${raw(samples[each])}, 2)`)} / nullIf(count(${raw(samples[each])}), 0),
        0) - pow(${name(`${each}Mean`)}, 2), 0) AS ${name(`${each}Variance`)},
      ${bins(samples[each], cuts[each])} AS ${name(`${each}Bins`)}`,
    )

  return sql`
    INSERT INTO cflow (analysis, epoch, client, server, serverPort, proto, flows, first, last,
      ppfMean, ppfVariance, ppfBins, bppMean, bppVariance, bppBins, bpsMean, bpsVariance, bpsBins,
      fphMean, fphVariance, fphBins)
    SELECT ${analysis}, ${epoch}, * FROM (
      SELECT ${key}, count() AS flows, min(start), max(start), ${join(ofFlows, ', ')}
      ${kept} GROUP BY ${key} HAVING flows >= ${minFlows}) AS ofFlows
    INNER JOIN (
      SELECT ${key}, avg(n) AS fphMean, varPop(toFloat64(n)) AS fphVariance,
        ${bins('toFloat64(n)', cuts.fph)} AS fphBins
      FROM (SELECT ${key}, count() AS n ${kept} GROUP BY ${key}, intDiv(start - ${from}, ${hour}))
      GROUP BY ${key}) AS ofHours USING (${key})`
}
