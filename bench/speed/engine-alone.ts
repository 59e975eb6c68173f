/**
 * What the engine alone needs for the questions that an analysis cannot do without: the limit under which no analysis
 * in it can be. `node bench/speed/engine-alone.ts FOLDER LOG…` reads Zeek logs with typed columns into tables sorted as
 * Gannet's are, and asks each question once, in one pass, with the answers handed to the process in Arrow:
 *
 * - flows: C-flows with 12 exact quantiles of each variable; traces with their calls in order; failed attempts of each
 *   host in windows of 5 minutes and an hour;
 * - DNS: names that failed, by host; who asked for each name, and what answered;
 * - TLS and HTTP: handshakes and requests of each host with each server; hosts of each name and client.
 *
 * Nothing is checked for duplicates or bad rows, joined between kinds, clustered, scored or explained.
 */
import { mkdirSync, readFileSync } from 'node:fs'
import { Session } from 'chdb'

/** Types of fields that are no text. */
const types: Readonly<Record<string, string>> = {
  ts: 'Float64',
  'id.orig_h': 'IPv6',
  'id.resp_h': 'IPv6',
  'id.orig_p': 'UInt16',
  'id.resp_p': 'UInt16',
  duration: 'Nullable(Float64)',
  orig_pkts: 'Nullable(UInt64)',
  orig_ip_bytes: 'Nullable(UInt64)',
  resp_pkts: 'Nullable(UInt64)',
  resp_ip_bytes: 'Nullable(UInt64)',
  orig_bytes: 'Nullable(UInt64)',
  resp_bytes: 'Nullable(UInt64)',
}

/** Columns of each kind: those that its questions ask for, and what a finding would cite. */
const kept: Readonly<Record<string, readonly string[]>> = {
  conn: [
    'uid',
    'id.orig_p',
    'proto',
    'service',
    'duration',
    'orig_pkts',
    'orig_ip_bytes',
    'resp_pkts',
  ].concat(['resp_ip_bytes', 'orig_bytes', 'resp_bytes', 'conn_state']),
  dns: ['uid', 'query', 'qtype_name', 'rcode_name', 'answers', 'TTLs'],
  ssl: ['uid', 'server_name', 'subject', 'issuer', 'ja3'],
  http: ['uid', 'method', 'host', 'uri', 'user_agent', 'status_code', 'resp_mime_types'],
}

const levels = Array.from({ length: 12 }, (_, i) => ((i + 1) / 13).toFixed(6)).join(', ')
const service = '`id.orig_h`, `id.resp_h`, `id.resp_p`, proto'
const bytes = '(orig_ip_bytes + resp_ip_bytes)'
const packets = '(orig_pkts + resp_pkts)'
const failed = "conn_state IN ('S0', 'REJ', 'RSTOS0', 'RSTRH')"

const questions: Readonly<Record<string, readonly string[]>> = {
  conn: [
    `SELECT quantilesExactInclusive(${levels})(toFloat64(${packets})) AS ppf,
       quantilesExactInclusive(${levels})(${bytes} / nullIf(${packets}, 0)) AS bpp,
       quantilesExactInclusive(${levels})(${bytes} / greatest(ifNull(duration, 0), 0.001)) AS bps FROM conn`,
    `SELECT toString(\`id.orig_h\`) AS client, toString(\`id.resp_h\`) AS server, toFloat64(count()) AS flows,
       avg(${packets}) AS ppf, avg(${bytes}) AS size, varPop(toFloat64(${bytes})) AS spread,
       toFloat64(uniqExact(intDiv(toInt64(ts), 3600))) AS hours FROM conn GROUP BY ${service} HAVING count() > 1`,
    `SELECT toString(\`id.orig_h\`) AS client, toString(\`id.resp_h\`) AS server,
       arraySort(groupArray((ts, ifNull(duration, 0), toFloat64(${bytes})))) AS calls
       FROM conn GROUP BY ${service} HAVING count() >= 4`,
    ...[300, 3600].map(
      (
        seconds,
      ) => `SELECT toString(\`id.orig_h\`) AS client, toFloat64(uniqExactIf(\`id.resp_h\`, ${failed})) AS servers,
       toFloat64(uniqExactIf(\`id.resp_p\`, ${failed})) AS ports FROM conn
       GROUP BY \`id.orig_h\`, intDiv(toInt64(ts), ${seconds})`,
    ),
  ],
  dns: [
    `SELECT toString(\`id.orig_h\`) AS client, toFloat64(uniqExactIf(query, rcode_name = 'NXDOMAIN')) AS vain,
       toFloat64(count()) AS asked FROM dns GROUP BY \`id.orig_h\``,
    `SELECT query, toFloat64(uniqExact(\`id.orig_h\`)) AS hosts, max(answers) AS answer FROM dns GROUP BY query`,
  ],
  ssl: [
    `SELECT toString(\`id.orig_h\`) AS client, toString(\`id.resp_h\`) AS server, toFloat64(count()) AS n,
       max(subject) AS subject FROM ssl GROUP BY \`id.orig_h\`, \`id.resp_h\`, \`id.resp_p\``,
    `SELECT server_name, toFloat64(uniqExact(\`id.orig_h\`)) AS hosts FROM ssl GROUP BY server_name`,
    `SELECT ja3, toFloat64(uniqExact(\`id.orig_h\`)) AS hosts FROM ssl GROUP BY ja3`,
  ],
  http: [
    `SELECT toString(\`id.orig_h\`) AS client, toString(\`id.resp_h\`) AS server, toFloat64(count()) AS n,
       toFloat64(uniq(uri)) AS paths FROM http GROUP BY \`id.orig_h\`, \`id.resp_h\`, \`id.resp_p\``,
    `SELECT user_agent, toFloat64(uniqExact(\`id.orig_h\`)) AS hosts FROM http GROUP BY user_agent`,
  ],
}

interface Log {
  readonly path: string
  readonly kind: string
  readonly fields: readonly string[]
  /** Lines before the first record. */
  readonly head: number
}

/** What the head of a log says; null for what is no such log. */
function logOf(path: string): Log | null {
  const lines = readFileSync(path).subarray(0, 65_536).toString('latin1').split('\n')
  const word = (name: string) => lines.find((line) => line.startsWith(`#${name}\t`))?.split('\t') ?? []
  const [, kind = ''] = word('path')
  const fields = word('fields').slice(1)
  const head = lines.findIndex((line) => !line.startsWith('#'))
  return kind in kept && fields.length > 0 ? { path, kind, fields, head } : null
}

const quoted = (name: string): string => `\`${name}\``

/** The log in a table of the name of its kind. */
function loading({ path, kind, fields, head }: Log, isFirst: boolean): string[] {
  const columns = ['ts', 'id.orig_h', 'id.resp_h', 'id.resp_p', ...kept[kind]!]
  const structure = fields.map((field) => `${quoted(field)} ${types[field] ?? 'String'}`).join(', ')
  const selected = columns.map((each) => (fields.includes(each) ? quoted(each) : `'' AS ${quoted(each)}`))
  const order = kind === 'conn' ? `${service}, ts` : '`id.orig_h`, ts'
  const made = columns.map((each) => `${quoted(each)} ${types[each] ?? 'String'}`).join(', ')
  return [
    ...(isFirst ? [`CREATE TABLE ${kind} (${made}) ENGINE = MergeTree ORDER BY (${order})`] : []),
    `INSERT INTO ${kind} SELECT ${selected.join(', ')} FROM file('${path}', TSV, '${structure.replaceAll("'", "\\'")}')
     SETTINGS input_format_tsv_skip_first_lines = ${head}, format_tsv_null_representation = '-',
       input_format_allow_errors_num = 8, storage_file_read_method = 'pread'`,
  ]
}

/** @returns flows that were read, and bytes of answers. */
async function ask(folder: string, paths: readonly string[]): Promise<{ flows: number; bytes: number }> {
  mkdirSync(folder, { recursive: true })
  const session = new Session(folder)
  const send = (text: string, format: string) => session.queryBindAsync(text, {}, { format })
  const logs = paths.map(logOf).filter((each) => each !== null)
  const seen = new Set<string>()
  let size = 0

  await send('CREATE DATABASE IF NOT EXISTS alone', 'Null')
  await send('USE alone', 'Null')
  for (const log of logs) {
    for (const statement of loading(log, !seen.has(log.kind))) await send(statement, 'Null')
    seen.add(log.kind)
  }
  for (const kind of seen)
    for (const question of questions[kind] ?? []) size += (await send(question, 'arrow')).bytes().length
  const counted = seen.has('conn') ? (await send('SELECT count() FROM conn', 'TSV')).text() : '0'
  session.close()

  return { flows: Number(counted), bytes: size }
}

const [folder, ...paths] = process.argv.slice(2)
console.log(JSON.stringify(await ask(folder!, paths)))
