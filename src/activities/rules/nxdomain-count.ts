/**
 * A host that asks for many domains that do not exist: generated names, most of them unregistered (Antonakakis et
 * al., Pleiades 2012).
 *
 * Domains count, not names: a search suffix or a typo repeats one. Left out: what is no public name (`queried.kind`:
 * reverse and black-list look-ups, one label, search suffixes, private top-level domains), domains that exist for the
 * host, and domains that fail for most of the population. Resolvers and mail servers ask for others, and are told
 * by who asks them.
 */

import { sayList } from '../../model/words/say.ts'
import { inside } from '../../store/networks.ts'
import { raw, sql } from '../../store/sql.ts'
import type { Rule } from '../activity.ts'
import { windows } from '../attempts.ts'
import { activityRows, noFlows, sketch } from '../rows.ts'
import { servesMail, servesNames } from '../servers.ts'
import { countOf } from '../traits.ts'

const defaults = {
  /** Domains that do not exist. */
  domainsIn5Minutes: 10,
  domainsInHour: 15,
  domainsInEpoch: 30,
  /** Of the domains asked in the window. */
  minFailedShare: 0.3,
  /** Failed domains against the median of the hosts that ask names, where at least ten do. */
  habitTimes: 5,
  /** A domain that fails for this many hosts, and this share of them, is the site's habit. */
  commonHosts: 5,
  commonShare: 0.5,
  minMailClients: 3,
  minDnsClients: 3,
}

export const nxdomainCount: Rule<typeof defaults> = {
  name: 'nxdomain-count',
  type: 'dga',
  doc: 'One host asks for many domains that do not exist.',
  reads: ['dns'],
  blind: 'generated names: there are no DNS records with response codes',
  defaults,

  needs: (_scope, { domainsIn5Minutes, domainsInHour, domainsInEpoch }) => [
    {
      table: 'dns',
      count: sql`uniqExactIf(query, responseCode = 'NXDOMAIN')`,
      least: Math.min(domainsIn5Minutes, domainsInHour, domainsInEpoch),
    },
  ],

  sparesServers: true,

  query(scope, options) {
    const { from, to, internal } = scope
    const { domainsIn5Minutes, domainsInHour, domainsInEpoch } = options
    const lines = { in5Minutes: domainsIn5Minutes, inHour: domainsInHour, inEpoch: domainsInEpoch }

    return activityRows(
      nxdomainCount,
      scope,
      sql`
      WITH asked AS MATERIALIZED (
        SELECT client AS host, start, registered AS domain, responseCode = 'NXDOMAIN' AS failed
        FROM dns LEFT SEMI JOIN (SELECT query, registered FROM queried WHERE kind = 'public') AS known USING (query)
        WHERE start >= ${from} AND start < ${to} AND queryType IN ('A', 'AAAA', '')
          AND responseCode IN ('NXDOMAIN', 'NOERROR') AND ${inside('client', internal)}
            AND NOT ${servesMail(scope, options.minMailClients)}
          AND NOT ${servesNames(scope, options.minDnsClients)}),
      verdict AS MATERIALIZED (
        SELECT host, domain, min(failed) AS missing FROM asked GROUP BY host, domain),
      common AS MATERIALIZED (
        SELECT domain FROM verdict WHERE missing GROUP BY domain
        HAVING count() >= ${options.commonHosts}
           AND count() >= ${options.commonShare} * (SELECT uniqExact(host) FROM verdict)),
      missing AS MATERIALIZED (SELECT host, domain FROM verdict WHERE missing AND domain NOT IN common),
      habit AS (
        SELECT if(count() >= 10, quantileExact(0.5)(n), 0) AS middle
        FROM (SELECT host, countIf(missing AND domain NOT IN common) AS n FROM verdict GROUP BY host)),
      scored AS (
        SELECT host, uniqExactIf(domain, (host, domain) IN missing) AS gone, gone / any(w.3) AS score
        FROM asked ${windows(scope, lines)}
        GROUP BY host, w.1, w.2 HAVING gone >= ${options.minFailedShare} * uniqExact(domain)),
      asker AS (
        SELECT host, max(score) AS score FROM scored
        WHERE host IN (SELECT host FROM missing GROUP BY host
                       HAVING count() >= ${options.habitTimes} * (SELECT middle FROM habit))
        GROUP BY host HAVING score >= 1)
      SELECT host, min(start) AS first, max(start) AS last, count() AS times, uniqExact(domain) AS targets,
             any(asker.score) AS score, ${sketch(raw('domain'))} AS traits,
             arraySlice(arraySort(groupUniqArray(domain)), 1, 10) AS sample, ${noFlows}
      FROM asked INNER JOIN asker USING (host)
      WHERE (host, domain) IN missing GROUP BY host`,
    )
  },

  counted: () => [{ table: 'dns', where: sql`queryType IN ('A', 'AAAA', '') AND responseCode = 'NXDOMAIN'` }],

  did: ({ targets, sample, hosts }) =>
    `looked up ${countOf(targets, hosts, 'non-existent domain')} (NXDOMAIN; ${sayList(sample, 4)})`,
}
