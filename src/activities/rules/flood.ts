/**
 * Many attempts at one server that does not answer them: denial of service. BotMiner counts it as scan
 * (section 3.4, footnote).
 *
 * Two lines, either is enough: attempts a minute (SYN floods), or packets sent into silence at a high rate (UDP
 * and ICMP floods; by UDP outside targets only: cameras and log senders do that inside, while nobody pings so). The
 * first is far over what a poller does that retries a dead server. A flood of requests that are answered is not
 * seen.
 */

import { minute } from '../../model/units.ts'
import { sayList, sayMany } from '../../model/words/say.ts'
import { inside, isSpecial } from '../../store/networks.ts'
import { sql } from '../../store/sql.ts'
import type { Rule } from '../activity.ts'
import { single } from '../attempts.ts'
import { failedFlow, toNetworks } from '../records.ts'
import { activityRows, someAddresses, someFlows } from '../rows.ts'
import { countOf } from '../traits.ts'

const defaults = {
  /** Failed attempts at one server in one minute. */
  attemptsInMinute: 3000,
  /** Of the attempts in that minute. */
  minFailedShare: 0.9,
  /** Packets without any answer in one flow, and how many a second. */
  packets: 20_000,
  packetsASecond: 200,
}

export const flood: Rule<typeof defaults> = {
  name: 'flood',
  type: 'scan',
  doc: 'One host makes thousands of attempts a minute at one server, or sends it packets at a high rate into silence.',
  reads: ['flow'],
  blind: 'floods: there are no flows',
  defaults,

  needs: (_scope, { attemptsInMinute, packets }) => [
    {
      table: 'flow',
      count: sql`countIf(outcome IN ('refused', 'unanswered'))`,
      least: attemptsInMinute,
    },
    {
      table: 'flow',
      count: sql`maxIf(ifNull(clientPackets, 0), outcome = 'unanswered')`,
      least: packets,
    },
  ],

  query(scope, { attemptsInMinute, minFailedShare, packets, packetsASecond }) {
    const { from, to, internal } = scope

    return activityRows(
      flood,
      scope,
      sql`
      WITH sent AS (
        SELECT client AS host, server, proto, serverPort AS port, start, id,
               outcome IN ('refused', 'unanswered') AS failed,
               if(outcome = 'unanswered' AND (proto LIKE '%icmp%' OR NOT ${inside('server', internal)})
                  AND ifNull(clientPackets, 0) * 1e6 >= ${packetsASecond} * greatest(duration, 1000000),
                  ifNull(clientPackets, 0), 0) AS blind
        FROM flow
        WHERE start >= ${from} AND start < ${to} AND ${inside('client', internal)}
          AND NOT ${isSpecial('server', internal)} AND NOT (clientPort BETWEEN 1 AND 1023 AND serverPort >= 1024)),
      scored AS (
        SELECT host, server,
               greatest(
                 if(countIf(failed) >= ${minFailedShare} * count(), countIf(failed) / ${attemptsInMinute}, 0),
                 max(blind) / ${packets}) AS score
        FROM sent GROUP BY host, server, intDiv(start - ${from}, ${minute})),
      flooded AS (SELECT host, server, max(score) AS score FROM scored GROUP BY host, server HAVING score >= 1)
      SELECT host, min(start) AS first, max(start) AS last, count() AS times, uniqExact(server) AS targets,
             max(flooded.score) AS score,
             arrayConcat(
               arraySlice(arraySort(groupUniqArray(${single('server')})), 1, 100),
               arraySlice(arraySort(groupUniqArrayIf(concat(proto, '/', toString(port)),
                 proto IN ('tcp', 'udp'))), 1, 100)) AS traits,
             ${someAddresses('server')} AS sample, ${someFlows}
      FROM sent INNER JOIN flooded USING (host, server)
      WHERE failed GROUP BY host`,
    )
  },

  counted: (traits) => [{ table: 'flow', where: sql`${failedFlow} AND ${toNetworks(traits)}` }],

  did: ({ times, targets, sample, hosts }) => {
    const where = targets > sample.length ? sayMany(targets, 'server') : sayList(sample)
    return `flooded ${where} with ${countOf(times, hosts, 'unanswered attempt')}`
  },
}
