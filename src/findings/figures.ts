/** Numbers behind the pictures of one botnet: its C-cluster's distributions against the rest, its doings over time. */

import type { Distribution, Timeline } from '../model/answer.ts'
import { type Cuts, variableDocs, variables } from '../model/cflow.ts'
import type { Finding } from '../model/finding.ts'
import { micros } from '../model/units.ts'
import { addresses, addressText, integers, join, name, sql, texts } from '../store/sql.ts'
import type { At } from './endpoints.ts'

const steps = 48

interface BotnetFigureFacts {
  readonly botnet: string
  readonly finding: Finding
  readonly cuts: Cuts
}

export async function botnetFigures(
  at: At,
  facts: BotnetFigureFacts,
): Promise<{ distributions: Distribution[]; timeline: Timeline }> {
  return { distributions: await distributionsOf(at, facts), timeline: await timelineOf(at, facts) }
}

/** Shares in the 13 bins: of the members' C-flows to the C&C, and of all other C-flows. */
async function distributionsOf(
  { store, analysis, scope }: At,
  { botnet, finding, cuts }: BotnetFigureFacts,
): Promise<Distribution[]> {
  const keys = finding.cnc.map(({ address, port, protocol }) => `${address} ${port}/${protocol}`)
  const sums = variables.map((each) => sql`sumForEach(${name(`${each}Bins`)}) AS ${name(each)}`)
  const rows = await store.rows<{ own: number } & Record<string, number[]>>(sql`
    SELECT toUInt8(client IN (${addresses(finding.hosts)})
             AND concat(${addressText('server')}, ' ', toString(serverPort), '/', proto) IN (${texts(keys)})) AS own,
           ${join(sums, ', ')}
    FROM cflow WHERE analysis = ${analysis} AND epoch = ${scope.epoch} GROUP BY own`)
  const sharesOf = (own: number, variable: string): number[] => {
    const counts = rows.find((row) => Number(row.own) === own)?.[variable] ?? []
    const total = counts.reduce((sum, n) => sum + n, 0)
    return Array.from({ length: 13 }, (_, i) => (total > 0 ? (counts[i] ?? 0) / total : 0))
  }

  return variables.map((variable) => ({
    botnet,
    feature: variableDocs[variable].name,
    unit: variableDocs[variable].unit,
    cuts: cuts[variable],
    cluster: sharesOf(1, variable),
    rest: sharesOf(0, variable),
  }))
}

/** Flows of the members in equal steps of the epoch: to the C&C, failed, and to mail servers. */
async function timelineOf({ store, scope }: At, { botnet, finding }: BotnetFigureFacts): Promise<Timeline> {
  const step = Math.max(1, Math.ceil((scope.to - scope.from) / steps))
  const cnc = finding.cnc.map(({ address }) => address)
  const ports = finding.cnc.map(({ port }) => port)

  const rows = await store.rows<{ bin: number; cnc: number; failed: number; mail: number }>(sql`
    SELECT toFloat64(intDiv(start - ${scope.from}, ${step})) AS bin,
           toFloat64(countIf(server IN (${addresses(cnc)}) AND serverPort IN (${integers(ports)}))) AS cnc,
           toFloat64(countIf(outcome IN ('unanswered', 'refused'))) AS failed,
           toFloat64(countIf(serverPort = 25 AND proto = 'tcp')) AS mail
    FROM flow WHERE start >= ${scope.from} AND start < ${scope.to} AND client IN (${addresses(finding.hosts)})
    GROUP BY bin`)

  const series = (key: 'cnc' | 'failed' | 'mail') => {
    const counts = Array.from({ length: steps }, () => 0)
    for (const row of rows) if (row.bin >= 0 && row.bin < steps) counts[row.bin] = row[key]
    return counts
  }
  const all = [
    { name: 'flows to the C&C', counts: series('cnc') },
    { name: 'failed connections', counts: series('failed') },
    { name: 'flows to mail servers', counts: series('mail') },
  ]

  return {
    subject: botnet,
    from: micros(scope.from),
    step: micros(step),
    series: all.filter(({ counts }) => counts.some((n) => n > 0)),
  }
}
