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
  /** Over this many flows quantiles are approximated (relative error 0.1 %), so that memory stays bounded. */
  readonly exactUpTo?: number
}

const samples: Readonly<Record<Exclude<Variable, 'fph'>, string>> = {
  ppf: 'toFloat64(packets)',
  bpp: 'bytes / nullIf(packets, 0)',
  bps: `bytes / (greatest(duration, ${shortest}) / 1e6)`,
}

const enough = ({ analysis, minFlows }: Pick<CflowOptions, 'analysis' | 'minFlows'>): Query => sql`
  (client, server, serverPort, proto) IN (
    SELECT client, server, serverPort, proto FROM ${cplaneTable(analysis)}
    GROUP BY client, server, serverPort, proto HAVING count() >= ${minFlows})`

/** The 12 pooled quantiles of each variable (type 7), over the C-flows that are kept. */
export async function cutsOf(store: Store, options: CflowOptions): Promise<Cuts> {
  const table = cplaneTable(options.analysis)
  const [size] = await store.rows<{ n: number }>(sql`SELECT toFloat64(count()) AS n FROM ${table}`)
  const exact = (size?.n ?? 0) <= (options.exactUpTo ?? 50_000_000)
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

/** Samples counted in right-closed bins: (k[i-1], k[i]]; in none where there is no sample. `place` names one's bin. */
function bins(value: string, cuts: readonly number[], place: string): Query {
  const within = sql`if(isNull(${raw(value)}), 13, arrayCount(k -> ifNull(${raw(value)}, 0) > k, ${numbers(cuts)}))`
  const inBin = (bin: number) => sql`toFloat64(countIf(${name(place)} = ${raw(String(bin))}))`
  const first = sql`toFloat64(countIf((${within} AS ${name(place)}) = 0))`
  return sql`[${join([first, ...Array.from({ length: 12 }, (_, i) => inBin(i + 1))], ', ')}]`
}

/**
 * A sum that does not depend on the order of its terms, in whole numbers of 2^-32: threads take rows in any order,
 * a sum of floating-point numbers differs in its last digit by it, and a host on the border of a cluster falls to
 * one side or the other. Int256 holds the squares of a billion flows of 2^64 bytes in a millisecond each.
 */
const exactly = (value: Query): Query => sql`sum(toInt256(ifNull(${value}, 0) * 4294967296.))`

/** The sum of such sums, as a number. */
const total = (column: string): Query => sql`(toFloat64(sum(${name(column)})) / 4294967296.)`

/** Writes the C-flows of the epoch, with their binned distributions, to table `cflow`. */
export function cflowsInto({ analysis, epoch, from, minFlows }: CflowOptions, cuts: Cuts): Query {
  const flowVariables = variables.filter((each) => each !== 'fph')

  const inner = flowVariables.map(
    (each) => sql`
      ${bins(samples[each], cuts[each], `${each}Place`)} AS ${name(`${each}Bins_`)},
      ${exactly(raw(samples[each]))} AS ${name(`${each}Sum`)},
      ${exactly(sql`pow(${raw(samples[each])}, 2)`)} AS ${name(`${each}Squares`)},
      count(${raw(samples[each])}) AS ${name(`${each}Count`)}`,
  )

  const outer = flowVariables.map(
    (each) => sql`
      ifNull(${total(`${each}Sum`)} / nullIf(sum(${name(`${each}Count`)}), 0), 0) AS ${name(`${each}Mean`)},
      greatest(ifNull(${total(`${each}Squares`)} / nullIf(sum(${name(`${each}Count`)}), 0),
        0) - pow(${name(`${each}Mean`)}, 2), 0) AS ${name(`${each}Variance`)},
      sumForEach(${name(`${each}Bins_`)}) AS ${name(`${each}Bins`)}`,
  )

  return sql`
    INSERT INTO cflow (analysis, epoch, client, server, serverPort, proto, flows, first, last, fphMean,
      fphVariance, fphBins,
      ppfMean, ppfVariance, ppfBins, bppMean, bppVariance, bppBins, bpsMean, bpsVariance, bpsBins)
    SELECT ${analysis}, ${epoch}, client, server, serverPort, proto,
      sum(n) AS flows, min(firstStart), max(lastStart),
      avg(n) AS fphMean, varPop(toFloat64(n)) AS fphVariance, ${bins('toFloat64(n)', cuts.fph, 'fphPlace')} AS fphBins,
      ${join(outer, ', ')}
    FROM (
      SELECT client, server, serverPort, proto, count() AS n, min(start) AS firstStart, max(start) AS lastStart,
        ${join(inner, ', ')}
      FROM ${cplaneTable(analysis)} WHERE ${enough({ analysis, minFlows })}
      GROUP BY client, server, serverPort, proto, intDiv(start - ${from}, ${hour})
    )
    GROUP BY client, server, serverPort, proto
    HAVING flows >= ${minFlows}`
}
