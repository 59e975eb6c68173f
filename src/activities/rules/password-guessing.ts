/**
 * Many short conversations of like size with one login server, close together: passwords being guessed.
 *
 * Flows do not show the passwords. A script that logs in again and again does look the same, so the line is far
 * over what monitoring does, no conversation of the window may be a real session, and the doubt is stated. It is
 * an `exploit`: an attempt to break in, where scan is an attempt to look.
 */

import { minute } from '../../model/units.ts'
import { sayMany } from '../../model/words/say.ts'
import { inside, isSpecial } from '../../store/networks.ts'
import { float, raw, sql } from '../../store/sql.ts'
import type { Rule } from '../activity.ts'
import { onPorts } from '../records.ts'
import { activityRows, someAddresses, someFlows } from '../rows.ts'
import { countOf, portsOf } from '../traits.ts'

const defaults = {
  /** Answered conversations with one login port of one server in 15 minutes. */
  loginsIn15Minutes: 45,
  /** The same in one minute, where people log in: no hand does that, and scripts keep a session or wait. */
  loginsInMinute: 20,
  /** A conversation with more bytes either way is a session; of those there may be this share at most. */
  sessionBytes: 20_000,
  maxSessions: 0.05,
  /** Standard deviation over mean of the sizes of the others. A server that cuts guessers off early makes 0.6. */
  maxVariation: 0.75,
}

/**
 * Where a person or a program logs in: FTP, SSH, Telnet, POP, IMAP, rlogin, VMware, SQL Server, SSH again, MySQL,
 * RDP, PostgreSQL, VNC, WinRM.
 */
const loginPorts = raw('(21, 22, 23, 110, 143, 513, 902, 1433, 2222, 3306, 3389, 5432, 5900, 5985)')

/** An answered conversation where somebody logs in. */
const isLogin = sql`(proto = 'tcp' AND outcome = 'established'
  AND (serverPort IN ${loginPorts} OR service IN ('ssh', 'ftp', 'rdp', 'telnet')))`

/** Programs ask the databases of their own site all day, in short conversations: they count outside only. */
const databasePorts = raw('(1433, 3306, 5432)')

/** Where people log in. Mail programs open several conversations at once, and remote management many. */
const handPorts = raw('(21, 22, 23, 902, 2222, 3389, 5900)')

export const passwordGuessing: Rule<typeof defaults> = {
  name: 'password-guessing',
  type: 'exploit',
  doc: 'One host has many short conversations of like size with one login server.',
  reads: ['flow'],
  blind: 'password guessing: there are no flows',
  defaults,

  needs: (_scope, { loginsIn15Minutes, loginsInMinute }) => [
    {
      table: 'flow',
      count: sql`countIf(${isLogin})`,
      least: Math.min(loginsIn15Minutes, loginsInMinute),
    },
  ],

  query(scope, { loginsIn15Minutes, loginsInMinute, sessionBytes, maxSessions, maxVariation }) {
    const { from, to, internal } = scope

    return activityRows(
      passwordGuessing,
      scope,
      sql`
      WITH login AS MATERIALIZED (
        SELECT client AS host, server, serverPort AS port, start, id, ifNull(bytes, 0) AS size,
               serverPort IN ${handPorts} OR service IN ('ssh', 'ftp', 'rdp', 'telnet') AS byHand
        FROM flow
        WHERE start >= ${from} AND start < ${to} AND ${isLogin} AND ${inside('client', internal)}
          AND NOT ${isSpecial('server', internal)}
          AND NOT (serverPort IN ${databasePorts} AND ${inside('server', internal)})),
      scored AS (
        SELECT host, server, port, count() / any(w.3) AS score
        FROM login ARRAY JOIN [
          (toInt64(${15 * minute}), intDiv(start - ${from}, ${15 * minute}), ${float(loginsIn15Minutes)}),
          (toInt64(${minute}), intDiv(start - ${from}, ${minute}), if(byHand, ${float(loginsInMinute)}, inf))] AS w
        GROUP BY host, server, port, w.1, w.2
        HAVING sum(size) > 0 AND countIf(size > ${sessionBytes}) <= ${maxSessions} * count()
           AND stddevPopIf(size, size <= ${sessionBytes})
               <= ${maxVariation} * avgIf(size, size <= ${sessionBytes})),
      guessed AS (
        SELECT host, server, port, max(score) AS score FROM scored GROUP BY host, server, port HAVING score >= 1)
      SELECT host, min(start) AS first, max(start) AS last, count() AS times, uniqExact(server) AS targets,
             max(guessed.score) AS score,
             arraySort(groupUniqArray(concat('tcp/', toString(port)))) AS traits,
             ${someAddresses('server')} AS sample, ${someFlows}
      FROM login INNER JOIN guessed USING (host, server, port) GROUP BY host`,
    )
  },

  counted: (traits) => [{ table: 'flow', where: sql`${isLogin} AND ${onPorts(traits)}` }],

  did: ({ times, targets, traits, hosts }) =>
    `made ${countOf(times, hosts, 'short login attempt')} on ${portsOf(traits)} of ${sayMany(targets, 'server')}`,
}
