/**
 * Rows a second into the store: the whole of an import (format told, content hashed, parsed, checked, published)
 * beside the engine's plain `INSERT … SELECT … FROM file()` of the same columns, with typed columns, no checks and
 * no ledger. Each side runs twice, in turn, into a database of its own; the better run of each counts.
 */

import { once } from 'node:events'
import { createWriteStream, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { importInputs } from '../../src/capture/import/import.ts'
import { name, raw, sql } from '../../src/store/sql.ts'
import type { Store } from '../../src/store/store.ts'
import type { Row } from '../row.ts'
import { best, createTrial, type Took } from './trial.ts'

export type { Row }

const rows = Number(process.env['GANNET_BENCH_ROWS'] ?? 1_000_000)

interface Contest {
  readonly name: string
  readonly header: string
  readonly line: (random: (below: number) => number, second: number) => string
  /** The engine's own format and columns, and what it selects into flow_rows. */
  readonly plain: {
    readonly format: string
    readonly structure: string
    readonly select: string
    readonly settings: string
  }
  /** The same where a field that is no number or address costs its row alone: read as text and converted. */
  readonly tolerant?: Contest['plain']
}

const zeekFields =
  'ts uid id.orig_h id.orig_p id.resp_h id.resp_p proto service duration orig_bytes resp_bytes conn_state local_orig local_resp missed_bytes history orig_pkts orig_ip_bytes resp_pkts resp_ip_bytes tunnel_parents'

const eveTexts = ['flow_id', 'src_ip', 'src_port', 'dest_ip', 'dest_port', 'proto', 'app_proto']
const eveFlowTexts = [
  'pkts_toserver',
  'pkts_toclient',
  'bytes_toserver',
  'bytes_toclient',
  'start',
  'end',
  'state',
]

export const contests: readonly Contest[] = [
  {
    name: 'Zeek conn.log',
    header: `#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\tconn\n#fields\t${zeekFields.replaceAll(' ', '\t')}\n`,
    line: (random, second) => {
      const [packets, answers, sent, got] = [1 + random(20), random(30), random(5000), random(50_000)]
      const state = ['SF', 'S0', 'REJ', 'RSTO', 'RSTR', 'OTH', 'S1'][random(7)]
      return `${(1655157610 + second).toFixed(6)}\tC${random(4294967296).toString(36)}${random(4294967296).toString(36)}\t10.${random(4)}.${random(256)}.${random(256)}\t${1024 + random(60_000)}\t${1 + random(200)}.${random(256)}.${random(256)}.${random(256)}\t${[80, 443, 53, 22, 8080][random(5)]}\t${random(2) ? 'tcp' : 'udp'}\t${random(2) ? '-' : 'http'}\t${(random(1e6) / 1000).toFixed(6)}\t${sent}\t${got}\t${state}\tT\tF\t0\tShADadFf\t${packets}\t${sent + packets * 40}\t${answers}\t${got + answers * 40}\t(empty)\n`
    },
    plain: {
      format: 'TSV',
      structure:
        'ts Float64, uid String, oh IPv6, op UInt16, rh IPv6, rp UInt16, proto String, service String, duration Nullable(Float64), ob Nullable(UInt64), rb Nullable(UInt64), cs String, lo String, lr String, mb UInt64, h String, opk UInt64, oib UInt64, rpk UInt64, rib UInt64, tp String',
      select:
        "1, _row_number, toInt64(round(ts * 1e6)), toInt64(round(ifNull(duration, 0) * 1e6)), proto, oh, op, rh, rp, opk + rpk, oib + rib, opk, oib, rpk, rib, '', cs, service, uid, '', ''",
      settings: "input_format_tsv_skip_first_lines = 6, format_tsv_null_representation = '-'",
    },
    tolerant: {
      format: 'TSVRaw',
      structure: zeekFields
        .split(' ')
        .map((field) => `\`${field}\` String`)
        .join(', '),
      select: `1, _row_number, accurateCastOrNull(round(toFloat64OrNull(ts) * 1e6), 'Int64'),
        ifNull(toInt64(round(toFloat64OrNull(duration) * 1e6)), 0), proto, assumeNotNull(toIPv6OrNull(\`id.orig_h\`)),
        ifNull(toUInt64OrNull(\`id.orig_p\`), 0), assumeNotNull(toIPv6OrNull(\`id.resp_h\`)),
        ifNull(toUInt64OrNull(\`id.resp_p\`), 0), toUInt64OrNull(orig_pkts) + toUInt64OrNull(resp_pkts),
        toUInt64OrNull(orig_ip_bytes) + toUInt64OrNull(resp_ip_bytes), toUInt64OrNull(orig_pkts),
        toUInt64OrNull(orig_ip_bytes), toUInt64OrNull(resp_pkts), toUInt64OrNull(resp_ip_bytes), '', conn_state,
        service, uid, '', ''`,
      settings: 'input_format_tsv_skip_first_lines = 6',
    },
  },
  {
    name: 'Argus binetflow',
    header:
      'StartTime,Dur,Proto,SrcAddr,Sport,Dir,DstAddr,Dport,State,sTos,dTos,TotPkts,TotBytes,SrcBytes,Label\n',
    line: (random, second) => {
      const [packets, sent, got] = [2 + random(50), 60 + random(5000), random(50_000)]
      const time = new Date((1313488906 + second) * 1000)
        .toISOString()
        .slice(0, 19)
        .replaceAll('-', '/')
        .replace('T', ' ')
      const state = ['FSPA_FSPA', 'S_', 'S_RA', 'SRPA_SPA'][random(4)]
      return `${time}.${String(random(1e6)).padStart(6, '0')},${(random(1e6) / 1000).toFixed(6)},tcp,10.${random(4)}.${random(256)}.${random(256)},${1024 + random(60_000)},   ->,${1 + random(200)}.${random(256)}.${random(256)}.${random(256)},${[80, 443, 22, 8080][random(4)]},${state},0,0,${packets},${sent + got},${sent},flow=Background\n`
    },
    plain: {
      format: 'CSV',
      structure:
        't String, dur Float64, proto String, sa IPv6, sp UInt16, dir String, da IPv6, dp UInt16, state String, st String, dt String, tp UInt64, tb UInt64, sb UInt64, label String',
      select:
        "1, _row_number, toUnixTimestamp64Micro(parseDateTime64BestEffort(t, 6, 'UTC')), toInt64(round(dur * 1e6)), proto, sa, sp, da, dp, tp, tb, NULL, sb, NULL, tb - sb, '', state, '', '', label, ''",
      settings: 'input_format_csv_skip_first_lines = 1',
    },
    tolerant: {
      format: 'CSV',
      structure:
        't String, dur String, proto String, sa String, sp String, dir String, da String, dp String, state String, st String, dt String, tp String, tb String, sb String, label String',
      select: `1, _row_number, toUnixTimestamp64Micro(parseDateTime64BestEffortOrNull(t, 6, 'UTC')),
        ifNull(toInt64(round(toFloat64OrNull(dur) * 1e6)), 0), proto, assumeNotNull(toIPv6OrNull(sa)),
        ifNull(toUInt64OrNull(sp), 0), assumeNotNull(toIPv6OrNull(da)), ifNull(toUInt64OrNull(dp), 0),
        toUInt64OrNull(tp), toUInt64OrNull(tb), NULL, toUInt64OrNull(sb), NULL,
        toUInt64OrNull(tb) - toUInt64OrNull(sb), '', state, '', '', label, ''`,
      settings: 'input_format_csv_skip_first_lines = 1',
    },
  },
  {
    name: 'Suricata EVE flow events',
    header: '',
    line: (random, second) => {
      const [packets, answers, sent, got] = [1 + random(20), random(30), random(5000), random(50_000)]
      const at = (seconds: number) => `${new Date(seconds * 1000).toISOString().slice(0, 23)}000+0000`
      const start = 1_655_157_610 + second
      const [state, proto] = [['new', 'established', 'closed'][random(3)], random(2) ? 'TCP' : 'UDP']
      return `${JSON.stringify({
        timestamp: at(start + 60),
        flow_id: random(4294967296),
        event_type: 'flow',
        src_ip: `10.${random(4)}.${random(256)}.${random(256)}`,
        // No port of a service: what comes from one may be turned round by an import, and is not by the engine.
        src_port: 55_000 + random(10_000),
        dest_ip: `${1 + random(200)}.${random(256)}.${random(256)}.${random(256)}`,
        dest_port: [80, 443, 53, 22, 8080][random(5)],
        proto,
        app_proto: random(2) ? 'http' : 'failed',
        flow: {
          pkts_toserver: packets,
          pkts_toclient: answers,
          bytes_toserver: sent,
          bytes_toclient: got,
          start: at(start),
          end: at(start + random(1000)),
          age: 60,
          state,
          reason: 'timeout',
          alerted: false,
        },
        ...(proto === 'TCP'
          ? { tcp: { tcp_flags: '1b', tcp_flags_ts: '1b', tcp_flags_tc: '1b', state: 'closed' } }
          : {}),
      })}\n`
    },
    plain: {
      format: 'JSONEachRow',
      structure:
        'timestamp String, flow_id UInt64, event_type String, src_ip IPv6, src_port UInt16, dest_ip IPv6, dest_port UInt16, proto String, app_proto String, flow Tuple(pkts_toserver UInt64, pkts_toclient UInt64, bytes_toserver UInt64, bytes_toclient UInt64, start String, `end` String, state String)',
      select:
        "1, _row_number, toUnixTimestamp64Micro(parseDateTime64BestEffort(flow.start, 6, 'UTC')) AS s, toUnixTimestamp64Micro(parseDateTime64BestEffort(flow.end, 6, 'UTC')) - s, proto, src_ip, src_port, dest_ip, dest_port, flow.pkts_toserver + flow.pkts_toclient, flow.bytes_toserver + flow.bytes_toclient, flow.pkts_toserver, flow.bytes_toserver, flow.pkts_toclient, flow.bytes_toclient, '', flow.state, app_proto, toString(flow_id), '', ''",
      settings: 'input_format_skip_unknown_fields = 1',
    },
    tolerant: {
      format: 'LineAsString',
      structure: 'line String',
      select: `1, _row_number, toUnixTimestamp64Micro(parseDateTime64BestEffortOrNull(j.flow.start, 6, 'UTC')) AS s,
        ifNull(toUnixTimestamp64Micro(parseDateTime64BestEffortOrNull(j.flow.end, 6, 'UTC')) - s, 0),
        (JSONExtract(line, 'Tuple(${eveTexts.map((each) => `${each} String`).join(', ')},
          flow Tuple(${eveFlowTexts.map((each) => `\`${each}\` String`).join(', ')}))') AS j).proto,
        assumeNotNull(toIPv6OrNull(j.src_ip)), ifNull(toUInt64OrNull(j.src_port), 0),
        assumeNotNull(toIPv6OrNull(j.dest_ip)), ifNull(toUInt64OrNull(j.dest_port), 0),
        toUInt64OrNull(j.flow.pkts_toserver) + toUInt64OrNull(j.flow.pkts_toclient),
        toUInt64OrNull(j.flow.bytes_toserver) + toUInt64OrNull(j.flow.bytes_toclient),
        toUInt64OrNull(j.flow.pkts_toserver), toUInt64OrNull(j.flow.bytes_toserver),
        toUInt64OrNull(j.flow.pkts_toclient), toUInt64OrNull(j.flow.bytes_toclient), '', j.flow.state, j.app_proto,
        j.flow_id, '', ''`,
      settings: 'max_threads = 0',
    },
  },
]

const target =
  'load, position, start, duration, proto, client, clientPort, server, serverPort, packets, bytes, clientPackets, clientBytes, serverPackets, serverBytes, outcome, state, service, uid, label, tunnel'

export async function run(): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'gannet-bench-'))
  try {
    const figures: Row[] = []
    for (const contest of contests) figures.push(...(await contestOf(contest, folder)))
    return figures
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

export async function contestOf(contest: Contest, folder: string): Promise<Row[]> {
  const path = join(folder, 'input')
  await write(contest, path)
  const timed = createTrial(folder, rows)
  const [ours, plain, text]: [Took[], Took[], Took[]] = [[], [], []]
  const { tolerant } = contest
  for (let turn = 0; turn < 2; turn++) {
    plain.push(await timed((store) => plainInsert(store, contest, path)))
    if (tolerant) text.push(await timed((store) => plainInsert(store, { plain: tolerant }, path)))
    ours.push(await timed(async (store) => void (await importInputs(store, [path]))))
  }
  const asserted = `${rows} rows in each table, the same sums of bytes and starts`
  const row = (name: string, measure: keyof Took, of = ours): Row => {
    const [mine, peers] = [rows / best(of)[measure], rows / best(plain)[measure]]
    return { name, figure: mine, unit: 'rows/s', ratio: mine / peers, peer: 'INSERT … FROM file()', asserted }
  }
  return [
    row(`import ${contest.name}, ${rows} rows`, 'clock'),
    row(`import ${contest.name}, by CPU time`, 'processor'),
    ...(text.length > 0
      ? [row(`${contest.name} read as text and converted, by CPU time`, 'processor', text)]
      : []),
    {
      name: `INSERT … FROM file() ${contest.name}, ${rows} rows`,
      figure: rows / best(plain).clock,
      unit: 'rows/s',
      asserted,
    },
  ]
}

export const plainInsert = (store: Store, { plain }: Pick<Contest, 'plain'>, path: string): Promise<void> =>
  store.run(
    sql`INSERT INTO ${name('flow_rows')} (${raw(target)}) SELECT ${raw(plain.select)}
        FROM file(${path}, ${raw(plain.format)}, ${plain.structure}) SETTINGS ${raw(plain.settings)}`,
  )

export function randomOf(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 4294967296) * below)
  }
}

async function write({ header, line }: Contest, path: string): Promise<void> {
  const random = randomOf(7)
  const out = createWriteStream(path)
  let text = header
  for (let i = 0; i < rows; i++) {
    text += line(random, i / 25)
    if (text.length < 1 << 20) continue
    if (!out.write(text)) await once(out, 'drain')
    text = ''
  }
  out.end(text)
  await once(out, 'finish')
}

if (import.meta.main) console.table(await run())
