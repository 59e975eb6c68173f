import { inside } from '../../store/networks.ts'
import { raw, sql } from '../../store/sql.ts'
import type { Rule } from '../activity.ts'
import { windows } from '../attempts.ts'
import { activityRows, noFlows, sketch } from '../rows.ts'
import { busyOutside, servesMail, servesNames } from '../servers.ts'
import { countOf, remarks } from '../traits.ts'

const defaults = {
  /** Registered domains whose MX was asked. */
  domainsIn5Minutes: 8,
  domainsInHour: 12,
  domainsInEpoch: 20,
  minMailClients: 3,
  minDnsClients: 3,
  /** With at most this many other outside servers the host is remarked as `mail only`. */
  mailOnlyServers: 5,
}

export const mxQueries: Rule<typeof defaults> = {
  name: 'mx-queries',
  type: 'spam',
  doc: 'One host that is neither mail server nor resolver asks for the mail servers of many domains.',
  reads: ['dns'],
  blind: 'MX queries, a sign of spam: there are no DNS records',
  defaults,

  needs: (_scope, { domainsIn5Minutes, domainsInHour, domainsInEpoch }) => [
    {
      table: 'dns',
      count: sql`uniqExactIf(query, queryType = 'MX')`,
      least: Math.min(domainsIn5Minutes, domainsInHour, domainsInEpoch),
    },
  ],

  sparesServers: true,

  query(scope, options) {
    const { from, to, internal } = scope
    const { domainsIn5Minutes, domainsInHour, domainsInEpoch, minMailClients, minDnsClients } = options
    const lines = { in5Minutes: domainsIn5Minutes, inHour: domainsInHour, inEpoch: domainsInEpoch }

    return activityRows(
      mxQueries,
      scope,
      sql`
      WITH asked AS MATERIALIZED (
        SELECT client AS host, start, cutToFirstSignificantSubdomain(query) AS domain FROM dns
        WHERE start >= ${from} AND start < ${to} AND queryType = 'MX' AND ${inside('client', internal)}
          AND NOT ${servesMail(scope, minMailClients)}
          AND NOT ${servesNames(scope, minDnsClients)} AND domain != ''),
      scored AS (
        SELECT host, uniqExact(domain) / any(w.3) AS score FROM asked ${windows(scope, lines)}
        GROUP BY host, w.1, w.2),
      asker AS (SELECT host, max(score) AS score FROM scored GROUP BY host HAVING score >= 1)
      SELECT host, min(start) AS first, max(start) AS last, count() AS times, uniqExact(domain) AS targets,
             any(asker.score) AS score, any(host IN ${busyOutside(scope, options.mailOnlyServers)}) AS busy,
             arrayConcat(if(busy, emptyArrayString(), [${remarks.mailOnly}]),
               ${sketch(raw("concat('mx ', domain)"))}) AS traits,
             arraySlice(arraySort(groupUniqArray(domain)), 1, 10) AS sample, ${noFlows}
      FROM asked INNER JOIN asker USING (host) GROUP BY host`,
    )
  },

  counted: () => [{ table: 'dns', where: sql`queryType = 'MX'` }],

  did: ({ targets, hosts }) => `looked up the mail servers (MX) of ${countOf(targets, hosts, 'domain')}`,
}
