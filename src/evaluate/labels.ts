/** Truth from the labels that came with the records: CTU-13 flows, Zeek logs labelled by tools, IoT-23. */
import type { TrueBotnet, Truth } from '../model/truth.ts'
import { addressText, sql } from '../store/sql.ts'
import type { Store } from '../store/store.ts'

/** What a label says of a flow's client. CTU-13's "background" is no label. */
export type Side = 'bot' | 'benign' | 'unknown'

/**
 * The side of one label.
 *
 * CTU-13 writes `flow=From-Botnet-V50-1-TCP-CC…`, `flow=From-Normal-…`, `flow=Background…`; `To-Botnet` and `To-Normal`
 * are answers to such hosts and say nothing of the client. Labelled Zeek logs and IoT-23 write `Malicious C&C`,
 * `Benign`, `Background`.
 */
export function sideOf(label: string): Side {
  if (/\bfrom-botnet\b/i.test(label) || /^\(?(malicious|botnet)\b/i.test(label.trim())) return 'bot'
  if (/\bfrom-normal\b/i.test(label) || /^\(?(benign|normal)\b/i.test(label.trim())) return 'benign'
  return 'unknown'
}

/** Whether a label says that the flow goes to a command and control server. */
export const isCncLabel = (label: string): boolean => /(^|[^a-z])(c&c|c2|cc)\d*([^a-z]|$)/i.test(label)

interface Labelled {
  readonly host: string
  readonly label: string
  readonly server: string
}

/**
 * Bots, their C&C and the clean hosts as the labels of the imported flows have it; null where no flow has a label.
 *
 * A host is a bot by one malicious flow of its own, and clean where all labels of its own flows say so. Bots whose
 * labels name no botnet are one, since these sets run one sample a capture.
 */
export async function truthFromLabels(store: Store): Promise<Truth | null> {
  const rows = await store.rows<{ host: string; label: string }>(sql`
    SELECT ${addressText('client')} AS host, label FROM flow WHERE label != '' GROUP BY client, label`)
  if (rows.length === 0) return null
  const bots = new Set(rows.filter(({ label }) => sideOf(label) === 'bot').map(({ host }) => host))
  const byHost = Map.groupBy(rows, ({ host }) => host)
  const benign = [...byHost]
    .filter(([host, own]) => !bots.has(host) && own.every(({ label }) => sideOf(label) === 'benign'))
    .map(([host]) => host)
  const calls = await store.rows<Labelled>(sql`
    SELECT DISTINCT ${addressText('client')} AS host, label,
      concat(${addressText('server')}, ':', toString(serverPort), '/', proto) AS server
    FROM flow WHERE match(label, '(?i)(c&c|c2|cc)') ORDER BY host, server`)
  const cnc = calls.filter(
    ({ host, label }) => bots.has(host) && sideOf(label) === 'bot' && isCncLabel(label),
  )
  const [extent] = await store.rows<{ from: number; to: number }>(sql`
    SELECT toFloat64(min(start)) AS from, toFloat64(max(start + duration)) AS to FROM flow`)

  const botnet: TrueBotnet = {
    id: 'labelled',
    family: 'unknown',
    topology: 'undecided',
    hosts: [...bots].sort(),
    cnc: [...new Set(cnc.map(({ server }) => server))],
    activities: [],
  }

  return {
    about: `labels of the records in ${store.where}`,
    internal: [],
    botnets: bots.size > 0 ? [botnet] : [],
    benign: benign.sort(),
    from: extent?.from ?? 0,
    to: extent?.to ?? 0,
  }
}
