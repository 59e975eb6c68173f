/**
 * A host that fetched programs. BotMiner logs every one, malicious or not, and most of its false positives came
 * from here (2008, sections 3.4 and 4): hosts that fetch the same popular program from its vendor. Popular programs
 * are left out: many hosts fetch them, or several from several servers as mirrors and CDNs have them.
 *
 * Programs are recognised by the type sniffed from the content; where an input only has HTTP, by the type the answer
 * claims, or by the name when that type says nothing. Without a content hash, server and size stand in for it (weaker:
 * marked `sized`). From flows alone no download is claimed.
 */

import type { Query } from '../../model/query.ts'
import { sayList } from '../../model/words/say.ts'
import { inside } from '../../store/networks.ts'
import { addressText, raw, sql, texts } from '../../store/sql.ts'
import type { Rule } from '../activity.ts'
import { executableNames, executableTypes, vagueTypes } from '../executables.ts'
import { activityRows, sketch } from '../rows.ts'
import { countOf } from '../traits.ts'

const defaults = {
  /** Different programs. */
  programs: 1,
  /** Smaller bodies are error pages and beacons. */
  minBytes: 1024,
  /** A server is popular when at least this many internal hosts, and this share of them, talk to it. */
  popularHosts: 10,
  popularShare: 0.25,
  /** A program is popular when popularHosts hosts, and this share of all, fetch it. */
  popularFetchers: 0.1,
  /** Or when at least this many hosts fetch it, from at least this many servers. */
  mirroredHosts: 3,
  mirroredServers: 3,
}

/** SQL: the program by its content, or by where it came from and how large it was. */
const itemOf = (hash: Query, size: Query): Query =>
  sql`if(${hash} != '', ${hash}, concat('sized ', ${addressText('server')}, ' ', toString(${size})))`

export const executableDownload: Rule<typeof defaults> = {
  name: 'executable-download',
  type: 'download',
  doc: 'One host fetched programs that are not popular, from servers that are not.',
  reads: ['file', 'http'],
  blind: 'downloads of programs: there are no HTTP and no file records',
  defaults,

  needs: () => [
    {
      table: 'file',
      count: sql`countIf(mimeType IN ${texts(executableTypes)}
        OR (mimeType IN ${texts(vagueTypes)} AND match(lower(name), ${executableNames})))`,
      least: 1,
    },
    {
      table: 'http',
      count: sql`countIf(mimeType IN ${texts(executableTypes)}
        OR (mimeType IN ${texts(vagueTypes)} AND match(lower(cutQueryString(uri)), ${executableNames})))`,
      least: 1,
    },
  ],

  query(scope, options) {
    const { programs, minBytes, popularHosts, popularShare } = options
    const { from, to, internal } = scope
    const seen = sql`start >= ${from} AND start < ${to} AND ${inside('client', internal)}`

    return activityRows(
      executableDownload,
      scope,
      sql`
      WITH carried AS MATERIALIZED (
        SELECT client, server, start, uid, name, hash, ifNull(bytes, 0) AS size FROM file
        WHERE ${seen} AND (mimeType IN ${texts(executableTypes)}
           OR (mimeType IN ${texts(vagueTypes)} AND match(lower(name), ${executableNames})))),
      fetched AS (
        SELECT client, server, start, uid, name, hash, size FROM carried
        UNION ALL
        SELECT client, server, start, uid, left(concat(host, cutQueryString(uri)), 120) AS name, '' AS hash,
          ifNull(responseBytes, 0) AS size
        FROM http
        WHERE ${seen} AND ifNull(status, 200) IN (200, 206) AND method IN ('GET', 'POST', '')
          AND (mimeType IN ${texts(executableTypes)}
            OR (mimeType IN ${texts(vagueTypes)} AND match(lower(cutQueryString(uri)), ${executableNames})))
          AND (uid = '' OR uid NOT IN (SELECT uid FROM carried))),
      program AS MATERIALIZED (
        SELECT client AS host, server, start, uid, name,
               ${itemOf(raw('hash'), raw('size'))} AS item
        FROM fetched WHERE size >= ${minBytes} OR hash != ''),
      talk AS (
        SELECT server, client FROM flow WHERE ${seen}
        UNION ALL SELECT server, client FROM http WHERE ${seen}
        UNION ALL SELECT server, client FROM file WHERE ${seen}),
      popular AS (
        SELECT server FROM talk WHERE server IN (SELECT server FROM program) GROUP BY server
        HAVING uniqExact(client) >= ${popularHosts}
           AND uniqExact(client) >= ${popularShare} * (SELECT uniqExact(client) FROM talk)),
      common AS (
        SELECT item FROM program GROUP BY item
        HAVING (uniqExact(host) >= ${popularHosts}
            AND uniqExact(host) >= ${options.popularFetchers} * (SELECT uniqExact(client) FROM talk))
          OR (uniqExact(host) >= ${options.mirroredHosts} AND uniqExact(server) >= ${options.mirroredServers})),
      rare AS MATERIALIZED (
        SELECT * FROM program WHERE item NOT IN common AND server NOT IN popular),
      carrier AS (SELECT uid, toString(min(id)) AS flow FROM flow
                  WHERE ${seen} AND uid IN (SELECT uid FROM rare WHERE uid != '') GROUP BY uid)
      SELECT host, min(start) AS first, max(start) AS last, count() AS times, uniqExact(item) AS targets,
             uniqExact(item) / ${programs} AS score, ${sketch(raw('item'))} AS traits,
             arraySlice(arraySort(groupUniqArray(if(name = '', concat('from ', ${addressText('server')}),
               name))), 1, 10) AS sample,
             arraySlice(arraySort(groupUniqArrayIf(carrier.flow, carrier.flow != '')), 1, 10) AS flows
      FROM rare LEFT JOIN carrier USING (uid) GROUP BY host`,
    )
  },

  counted: (traits) => [
    { table: 'file', where: sql`${itemOf(raw('hash'), raw('ifNull(bytes, 0)'))} IN ${texts(traits)}` },
    { table: 'http', where: sql`${itemOf(raw("''"), raw('ifNull(responseBytes, 0)'))} IN ${texts(traits)}` },
  ],

  did: ({ targets, sample, hosts }) =>
    `downloaded ${countOf(targets, hosts, 'program')} (${sayList(sample, 3)})`,
}
