/**
 * What signature engines reported of internal hosts: Suricata and Snort alerts, Zeek notices. The source of the
 * alert must be internal: a host that is attacked from outside is a victim.
 *
 * As good as the signatures. An alert on the answer of a server names the server as source and is not used.
 */
import type { ActivityType } from '../../model/activity.ts'
import type { Scope } from '../../model/networks.ts'
import type { Query } from '../../model/query.ts'
import { sayList } from '../../model/words/say.ts'
import { inside } from '../../store/networks.ts'
import { addressText, raw, sql, texts } from '../../store/sql.ts'
import type { Rule } from '../activity.ts'
import { exploitClasses, exploitNotices, scanClasses, scanNotices } from '../alerts.ts'
import { activityRows, sketch } from '../rows.ts'

interface Reports {
  readonly name: string
  readonly type: ActivityType
  readonly classes: readonly string[]
  readonly notices: string
  readonly traits: Query
}

/** SQL: an alert of the classes, or a notice of the kind. */
const chosenBy = ({ classes, notices }: Pick<Reports, 'classes' | 'notices'>): Query =>
  sql`(category IN ${texts(classes)} OR (engine = 'zeek' AND match(signature, ${notices})))`

const reportedQuery = (scope: Scope, { name, type, classes, notices, traits }: Reports, alerts: number) => {
  const { from, to, internal } = scope
  const chosen = chosenBy({ classes, notices })

  return activityRows(
    { name, type },
    scope,
    sql`
    WITH carrier AS (
      SELECT uid, toString(min(id)) AS flow FROM flow
      WHERE start >= ${from} AND start < ${to} AND uid != '' AND uid IN (SELECT uid FROM alert) GROUP BY uid)
    SELECT client AS host, min(start) AS first, max(start) AS last, count() AS times,
           uniqExact(server) AS targets, count() / ${alerts} AS score, ${sketch(traits)} AS traits,
           arraySlice(arraySort(groupUniqArray(concat(left(message, 100), ' (', signature, ')',
             if(toString(server) = '::', '', concat(' to ', ${addressText('server')}))))), 1, 10) AS sample,
           arraySlice(arraySort(groupUniqArrayIf(carrier.flow, carrier.flow != '')), 1, 10) AS flows
    FROM alert LEFT JOIN carrier USING (uid)
    WHERE start >= ${from} AND start < ${to} AND ${inside('client', internal)} AND ${chosen}
    GROUP BY host`,
  )
}

const defaults = {
  /** Alerts of the classes listed in alerts.ts. */
  alerts: 1,
}

const exploit: Reports = {
  name: 'reported-exploit',
  type: 'exploit',
  classes: exploitClasses,
  notices: exploitNotices,
  traits: raw("concat(engine, ' ', signature)"),
}

export const reportedExploit: Rule<typeof defaults> = {
  name: exploit.name,
  type: 'exploit',
  doc: 'A signature engine reported an attack or a trojan with the host as its source.',
  reads: ['alert'],
  blind: 'exploits: there are no alerts of Suricata or Snort, and no Zeek notices',
  defaults,
  query: (scope, { alerts }) => reportedQuery(scope, exploit, alerts),
  counted: () => [{ table: 'alert', where: chosenBy(exploit) }],
  did: ({ sample }) => `raised alerts: ${sayList(sample, 3)}`,
}

const scan: Reports = {
  name: 'reported-scan',
  type: 'scan',
  classes: scanClasses,
  notices: scanNotices,
  traits: raw(`multiIf(serverPort > 0, concat(proto, '/', toString(serverPort)),
    match(message, 'port [0-9]+/(tcp|udp)'), replaceRegexpOne(message, '^.*port ([0-9]+)/(tcp|udp).*$', '\\\\2/\\\\1'),
    concat(engine, ' ', signature))`),
}

export const reportedScan: Rule<typeof defaults> = {
  name: scan.name,
  type: 'scan',
  doc: 'A signature engine reported a scan with the host as its source.',
  reads: ['alert'],
  blind: 'scans reported by an IDS: there are no alerts of Suricata or Snort, and no Zeek notices',
  defaults,
  query: (scope, { alerts }) => reportedQuery(scope, scan, alerts),
  counted: () => [{ table: 'alert', where: chosenBy(scan) }],
  did: ({ sample }) => `was reported for scanning: ${sayList(sample, 3)}`,
}
