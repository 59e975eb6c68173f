/**
 * A host whose failed names add up to a generator's.
 *
 * Each failed domain says a log-likelihood ratio (`judged`, made by the names stage); a running sum that
 * never falls under zero (Page's CUSUM) is held to a line, as Krishnan et al. (DSN 2013) test failed names one after
 * the other. Few strange names suffice where `nxdomain-count` needs many of any kind. Failed are NXDOMAIN, and public
 * names asked by NetBIOS, to which Windows turns when the DNS has no answer. Names say nothing together that a machine
 * never asks again, so time plays no part but for their order.
 */

import { sayList } from '../../model/words/say.ts'
import { inside } from '../../store/networks.ts'
import { raw, sql } from '../../store/sql.ts'
import type { Rule } from '../activity.ts'
import { activityRows, noFlows, sketch } from '../rows.ts'
import { servesMail, servesNames } from '../servers.ts'
import { countOf } from '../traits.ts'

const defaults = {
  /** Natural logarithms; half of `sumLine` in src/dns/parameters.json, which accuses. */
  sum: 19.4,
  /** Failed domains of one host that are looked at, the first ones. */
  mostDomains: 2000,
  /** A domain that fails for this many hosts, and this share of them, is the site's habit. */
  commonHosts: 5,
  commonShare: 0.5,
  minMailClients: 3,
  minDnsClients: 3,
}

export const dgaScore: Rule<typeof defaults> = {
  name: 'dga-score',
  type: 'dga',
  doc: 'One host’s failed names add up to those of a generator.',
  reads: ['dns'],
  blind: 'generated names: there are no DNS records with response codes',
  defaults,

  needs: (_scope, { sum }) => [
    {
      table: 'dns',
      // One host's sum is no more than that of all names that look made up.
      count: sql`if(ifNull((SELECT sum(generated) FROM judged WHERE generated > 0), 0) >= ${sum * 0.999},
        countIf(responseCode = 'NXDOMAIN' OR queryType = 'NB'), 0)`,
      least: 1,
    },
  ],

  sparesServers: true,

  query(scope, options) {
    const { from, to, internal } = scope

    return activityRows(
      dgaScore,
      scope,
      sql`
      WITH asked AS (
        SELECT client AS host, registered AS domain, start,
               responseCode = 'NXDOMAIN' OR queryType = 'NB' AS failed, length(answers) > 0 AS answered
        FROM dns LEFT SEMI JOIN (SELECT query, registered FROM queried WHERE kind = 'public') AS known USING (query)
        WHERE start >= ${from} AND start < ${to} AND ${inside('client', internal)}
          AND (queryType = 'NB' OR (queryType IN ('A', 'AAAA', '') AND responseCode IN ('NXDOMAIN', 'NOERROR')))
          AND NOT ${servesMail(scope, options.minMailClients)}
          AND NOT ${servesNames(scope, options.minDnsClients)}),
      missing AS MATERIALIZED (
        SELECT host, domain, generated AS ratio, seen, last, times
        FROM (
          SELECT host, domain, min(start) AS seen, max(start) AS last, count() AS times
          FROM asked GROUP BY host, domain HAVING max(failed) AND NOT max(answered)) AS gone
        LEFT ANY JOIN (SELECT registered AS domain, generated FROM judged) AS known USING (domain)),
      common AS MATERIALIZED (
        SELECT domain FROM missing GROUP BY domain
        HAVING count() >= ${options.commonHosts}
           AND count() >= ${options.commonShare} * (SELECT uniqExact(host) FROM asked)),
      sums AS (
        SELECT host, groupArraySorted(${raw(String(Math.round(options.mostDomains)))})((seen, ratio)) AS told,
               arrayFold((sum, one) -> (greatest(0., sum.1 + one.2), greatest(sum.2, sum.1 + one.2)), told,
                 (0., 0.)).2 AS most
        FROM missing WHERE domain NOT IN common GROUP BY host)
      SELECT host, min(seen) AS first, max(missing.last) AS last, count() AS times, uniqExact(domain) AS targets,
             any(sums.most) / ${options.sum} AS score, ${sketch(raw('domain'))} AS traits,
             arrayMap(x -> x.2, groupArraySorted(10)((-ratio, domain))) AS sample, ${noFlows}
      FROM missing INNER JOIN sums USING (host)
      WHERE domain NOT IN common AND ratio > 0 GROUP BY host`,
    )
  },

  counted: () => [
    {
      table: 'dns',
      where: sql`(queryType = 'NB' OR (queryType IN ('A', 'AAAA', '') AND responseCode = 'NXDOMAIN'))`,
    },
  ],

  did: ({ targets, sample, hosts }) =>
    `looked up ${countOf(targets, hosts, 'non-existent domain')} that ` +
    `${targets === 1 ? 'looks' : 'look'} generated (NXDOMAIN; ${sayList(sample, 4)})`,
}
