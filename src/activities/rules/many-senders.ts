import { inside } from '../../store/networks.ts'
import { addressText, raw, sql } from '../../store/sql.ts'
import type { Rule } from '../activity.ts'
import { windows } from '../attempts.ts'
import { activityRows, noFlows, sketch } from '../rows.ts'
import { busyOutside, servesMail } from '../servers.ts'
import { countOf, remarks } from '../traits.ts'

const defaults = {
  /** Registered domains of envelope senders. */
  domainsIn5Minutes: 5,
  domainsInHour: 8,
  domainsInEpoch: 12,
  minMailClients: 3,
  /** With at most this many other outside servers the host is remarked as `mail only`. */
  mailOnlyServers: 5,
}

export const manySenders: Rule<typeof defaults> = {
  name: 'many-senders',
  type: 'spam',
  doc: 'One host that is no mail server hands over mail in the name of many domains.',
  reads: ['mail'],
  blind: 'sender addresses of mail, a sign of spam: there are no SMTP records',
  defaults,

  needs: (_scope, { domainsIn5Minutes, domainsInHour, domainsInEpoch }) => [
    {
      table: 'mail',
      count: sql`uniqExactIf(sender, position(sender, '@') > 0)`,
      least: Math.min(domainsIn5Minutes, domainsInHour, domainsInEpoch),
    },
  ],

  sparesServers: true,

  query(scope, options) {
    const { from, to, internal } = scope
    const { domainsIn5Minutes, domainsInHour, domainsInEpoch, minMailClients, mailOnlyServers } = options
    const lines = { in5Minutes: domainsIn5Minutes, inHour: domainsInHour, inEpoch: domainsInEpoch }
    const domain = raw("arrayElement(splitByChar('@', sender), -1)")

    return activityRows(
      manySenders,
      scope,
      sql`
      WITH message AS MATERIALIZED (
        SELECT client AS host, server, start, sender,
               if(cutToFirstSignificantSubdomain(${domain}) = '', ${domain},
                 cutToFirstSignificantSubdomain(${domain})) AS domain
        FROM mail
        WHERE start >= ${from} AND start < ${to} AND position(sender, '@') > 0 AND ${inside('client', internal)}
          AND NOT ${servesMail(scope, minMailClients)}),
      scored AS (
        SELECT host, uniqExact(domain) / any(w.3) AS score FROM message ${windows(scope, lines)}
        GROUP BY host, w.1, w.2),
      writer AS (SELECT host, max(score) AS score FROM scored GROUP BY host HAVING score >= 1)
      SELECT host, min(start) AS first, max(start) AS last, count() AS times, uniqExact(domain) AS targets,
             any(writer.score) AS score, any(host IN ${busyOutside(scope, mailOnlyServers)}) AS busy,
             arrayConcat(if(busy, emptyArrayString(), [${remarks.mailOnly}]),
               ${sketch(addressText('server'))}) AS traits,
             arraySlice(arraySort(groupUniqArray(left(domain, 100))), 1, 10) AS sample, ${noFlows}
      FROM message INNER JOIN writer USING (host) GROUP BY host`,
    )
  },

  counted: () => [{ table: 'mail', where: sql`position(sender, '@') > 0` }],

  did: ({ targets, hosts }) => `sent mail from addresses of ${countOf(targets, hosts, 'domain')}`,
}
