/**
 * A host that tries many ports of one server and finds them shut.
 *
 * Traceroute is left out by its ports, and answers taken for questions by theirs: they go to ports that clients
 * pick for themselves (32768 and up). High UDP ports do not count: programs that get through address translation
 * guess at hundreds of them. A server that is down fails on the few ports that it has. Ports in a row count twice,
 * where they are below 1024: programs have their own few there, and a row of them is what scanners go through;
 * above, a server of files that hands out ports makes rows too.
 */
import { sayList } from '../../model/words/say.ts'
import { sql } from '../../store/sql.ts'
import type { Rule } from '../activity.ts'
import { attempts, failedPorts, insideRemark, leastOf, single, windows } from '../attempts.ts'
import { failedFlow, toNetworks } from '../records.ts'
import { activityRows, someAddresses, someFlows } from '../rows.ts'
import { isNetwork, numberOf } from '../traits.ts'

const defaults = {
  /** Ports that did not answer; UDP ports over 1023 only where they are listed in ports.ts. */
  portsIn5Minutes: 15,
  portsInHour: 25,
  portsInEpoch: 50,
  /** Of the ports tried in the window whose outcome is known. */
  minFailedShare: 0.7,
  /** With more of the ports than this at 32768 or over it is answers taken for questions. */
  maxHighShare: 0.8,
}

export const verticalScan: Rule<typeof defaults> = {
  name: 'vertical-scan',
  type: 'scan',
  doc: 'One host tries many ports of one server, inside or outside, and few answer.',
  reads: ['flow'],
  readsAttempts: true,
  blind: 'scans: there are no flows',
  defaults,

  needs: (_scope, { portsIn5Minutes, portsInHour, portsInEpoch }) => [
    { table: 'flow', count: failedPorts, least: Math.min(portsIn5Minutes, portsInHour, portsInEpoch) },
  ],

  query(scope, { portsIn5Minutes, portsInHour, portsInEpoch, minFailedShare, maxHighShare }) {
    const lines = { in5Minutes: portsIn5Minutes, inHour: portsInHour, inEpoch: portsInEpoch }

    return activityRows(
      verticalScan,
      scope,
      sql`
      WITH tried AS ${attempts(scope)},
      candidate AS (
        SELECT host, server FROM tried GROUP BY host, server
        HAVING uniqExactIf((proto, port), failed) >= ${leastOf(lines)}),
      door AS (
        SELECT host, server, w.1 AS length, w.2 AS window, w.3 AS line, proto, port,
               max(failed) AND NOT max(answered) AS shut, max(answered) AS open,
               if(proto = 'udp' AND port >= 1024 AND any(weight) < 0.5, 0, 1) AS worth
        FROM tried ${windows(scope, lines)}
        WHERE (host, server) IN candidate
        GROUP BY host, server, length, window, line, proto, port),
      scored AS (
        SELECT host, server,
               (sumIf(worth, shut) + arrayCount(step -> step = 1,
                 arrayDifference(arraySort(groupUniqArrayIf(toInt32(port), shut AND port < 1024)))))
               / any(line) AS score
        FROM door GROUP BY host, server, length, window
        HAVING countIf(shut) >= ${minFailedShare} * countIf(shut OR open)
           AND countIf(shut AND port >= 32768) <= ${maxHighShare} * countIf(shut)),
      probed AS (
        SELECT host, server, max(score) AS score FROM scored GROUP BY host, server HAVING score >= 1)
      SELECT host, min(start) AS first, max(start) AS last, count() AS times,
             uniqExact((server, proto, port)) AS targets, max(probed.score) AS score,
             arrayConcat(
               ${insideRemark(scope.internal)},
               arraySlice(arraySort(groupUniqArray(${single('server')})), 1, 50),
               arraySlice(arraySort(groupUniqArray(concat(proto, '/', toString(port)))), 1, 150)) AS traits,
             ${someAddresses('server')} AS sample, ${someFlows}
      FROM tried INNER JOIN probed USING (host, server)
      WHERE failed GROUP BY host`,
    )
  },

  counted: (traits) => [{ table: 'flow', where: sql`${failedFlow} AND ${toNetworks(traits)}` }],

  did: ({ targets, traits, sample, hosts }) => {
    const servers = traits.filter(isNetwork).length
    const where = servers > sample.length ? `${servers} servers` : sayList(sample)
    const ports = servers > 1 ? 'ports in all' : 'ports'
    return `tried ${numberOf(targets, hosts, ports)} of ${where} that did not answer or refused`
  },
}
