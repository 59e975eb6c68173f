import { inside, outside } from '../../store/networks.ts'
import { addressText, sql } from '../../store/sql.ts'
import type { Rule } from '../activity.ts'
import { subnet, windows } from '../attempts.ts'
import { activityRows, sketch, someAddresses, someFlows } from '../rows.ts'
import { busyOutside, servesMail } from '../servers.ts'
import { countOf, remarks } from '../traits.ts'

const defaults = {
  /** Outside addresses on port 25 and networks on 465 and 587. */
  serversIn5Minutes: 10,
  serversInHour: 15,
  serversInEpoch: 25,
  /** Clients that bring mail to the host's port 25 and so make it a mail server. */
  minMailClients: 3,
  /** With at most this many other outside servers the host is remarked as `mail only`. */
  mailOnlyServers: 5,
}

export const manyMailServers: Rule<typeof defaults> = {
  name: 'many-mail-servers',
  type: 'spam',
  doc: 'One host that is no mail server takes mail to many outside mail servers.',
  reads: ['flow'],
  blind: 'mail to many servers, a sign of spam: there are no flows',
  defaults,

  needs: (_scope, { serversIn5Minutes, serversInHour, serversInEpoch }) => [
    {
      table: 'flow',
      count: sql`uniqExactIf(server, proto = 'tcp' AND serverPort IN (25, 465, 587))`,
      least: Math.min(serversIn5Minutes, serversInHour, serversInEpoch),
    },
  ],

  sparesServers: true,

  query(scope, { serversIn5Minutes, serversInHour, serversInEpoch, minMailClients, mailOnlyServers }) {
    const { from, to, internal } = scope
    const lines = { in5Minutes: serversIn5Minutes, inHour: serversInHour, inEpoch: serversInEpoch }

    return activityRows(
      manyMailServers,
      scope,
      sql`
      WITH mail AS MATERIALIZED (
        SELECT client AS host, server, serverPort AS port, start, id,
               if(port = 25, IPv6NumToString(server), concat('submission ', ${subnet('server')})) AS place
        FROM flow
        WHERE start >= ${from} AND start < ${to} AND proto = 'tcp' AND serverPort IN (25, 465, 587)
          AND ${inside('client', internal)} AND ${outside('server', internal)}
          AND NOT ${servesMail(scope, minMailClients)}),
      scored AS (
        SELECT host, uniqExact(place) / any(w.3) AS score FROM mail ${windows(scope, lines)}
        GROUP BY host, w.1, w.2),
      sender AS (SELECT host, max(score) AS score FROM scored GROUP BY host HAVING score >= 1)
      SELECT host, min(start) AS first, max(start) AS last, count() AS times, uniqExact(server) AS targets,
             any(sender.score) AS score,
             any(host IN ${busyOutside(scope, mailOnlyServers)}) AS busy,
             arrayConcat(if(busy, emptyArrayString(), [${remarks.mailOnly}]),
               ${sketch(addressText('server'))}) AS traits,
             ${someAddresses('server')} AS sample, ${someFlows}
      FROM mail INNER JOIN sender USING (host) GROUP BY host`,
    )
  },

  counted: () => [{ table: 'flow', where: sql`proto = 'tcp' AND serverPort IN (25, 465, 587)` }],

  did: ({ targets, hosts }) => `delivered mail directly to ${countOf(targets, hosts, 'outside mail server')}`,
}
