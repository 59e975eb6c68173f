/**
 * Zeek's own test traces, read by our packet reader and by Zeek (its committed conn.log), compared.
 * `node test/zeek-traces.ts` prints every case that differs and the first rows that do.
 */
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { FlowRow } from '../src/capture/flows/flow-record.ts'
import { readers } from '../src/capture/index.ts'
import { openInput } from '../src/capture/input.ts'
import type { Sink } from '../src/capture/reader.ts'
import { createRejects } from '../src/capture/rejects.ts'
import { sharedData } from './shared-data.ts'

const folder = 'conformance/zeek/testing/btest'

export interface Compared {
  readonly name: string
  readonly trace: string
  readonly flags: string
  /** Rows of each that the other has not. */
  readonly zeek: readonly string[]
  readonly ours: readonly string[]
  readonly rows: number
}

/** Names that some tests give Zeek's columns. */
const renamed: Readonly<Record<string, string>> = {
  src: 'id.orig_h',
  src_ip: 'id.orig_h',
  src_port: 'id.orig_p',
  dst: 'id.resp_h',
  dst_ip: 'id.resp_h',
  dst_port: 'id.resp_p',
  id_orig_h: 'id.orig_h',
  id_orig_p: 'id.orig_p',
  id_resp_h: 'id.resp_h',
  id_resp_p: 'id.resp_p',
}
/** Columns that both define. Start times are blanked in the baselines. */
const columnsCompared = [
  'id.orig_h',
  'id.orig_p',
  'id.resp_h',
  'id.resp_p',
  'proto',
  'conn_state',
  'orig_pkts',
  'orig_ip_bytes',
  'resp_pkts',
  'resp_ip_bytes',
  'duration',
]

type Cells = Readonly<Record<string, string>>

/** A case of the list that is not compared, and why. */
export interface Uncompared {
  readonly name: string
  readonly why: string
}

/** Every case whose trace and baseline are there and share a column with us. */
export async function compareWithZeek(): Promise<{ compared: Compared[]; uncompared: Uncompared[] }> {
  const lines = readFileSync(sharedData('conformance/zeek/cases.tsv'), 'utf8').trim().split('\n').slice(1)
  const compared: Compared[] = []
  const uncompared: Uncompared[] = []
  for (const line of lines) {
    const [name = '', traces = '', state, flags = ''] = line.split('\t')
    if (state !== 'present') continue
    const here = [...new Set(traces.split(' '))].filter((each) =>
      existsSync(sharedData(`${folder}/Traces/${each}`)),
    )
    const log = sharedData(`${folder}/Baseline/${name}/conn.log`)
    if (here.length === 0 || !existsSync(log)) {
      uncompared.push({ name, why: 'the copy lacks their trace or log' })
      continue
    }
    const zeek = rowsOf(readFileSync(log, 'utf8'))
    if (!zeek) {
      uncompared.push({ name, why: 'their log names no addresses and counts nothing' })
      continue
    }
    // Some tests read several traces, and keep the log of the last: the one that fits is it.
    const read = await Promise.all(
      here.map(async (trace) => {
        const flows = await flowsOf(sharedData(`${folder}/Traces/${trace}`))
        return { name, trace, flags, rows: zeek.rows.length, ...unlike(zeek, flows.map(asZeek)) }
      }),
    )
    compared.push(read.reduce((best, each) => (misses(each) < misses(best) ? each : best)))
  }
  return { compared, uncompared }
}

const misses = ({ zeek, ours }: Compared): number => zeek.length + ours.length

/** @returns null when the log keeps none of the columns that name a flow or count it. */
function rowsOf(text: string): { columns: string[]; rows: Cells[] } | null {
  const lines = text.split('\n').filter((line) => line !== '')
  const header =
    lines.find((line) => line.startsWith('#fields\t'))?.slice(8) ??
    lines.find((line) => !line.startsWith('#')) ??
    ''
  const names = header.split('\t').map((name) => renamed[name] ?? name)
  const columns = columnsCompared.filter((name) => names.includes(name))
  if (!columns.some((name) => name.startsWith('id.') || name.endsWith('_pkts') || name === 'conn_state'))
    return null
  const rows = lines
    .filter((line) => !line.startsWith('#') && line !== header)
    .map((line) => Object.fromEntries(line.split('\t').map((cell, i) => [names[i] ?? '', cell])))
  return { columns, rows }
}

async function flowsOf(path: string): Promise<FlowRow[]> {
  const input = await openInput(path)
  const reader = readers.find((each) => each.accepts(input.head))
  const flows: FlowRow[] = []
  const sink = {
    rejects: createRejects(),
    write: async (record: string, rows: readonly FlowRow[]) => {
      if (record === 'flow') flows.push(...rows)
    },
    progress: () => {},
  }
  await reader?.read(input, sink as unknown as Sink)
  return flows
}

const unnamed = new Set(['tcp', 'udp', 'icmp'])

/** A flow in Zeek's words. Zeek names no transport but three, and gives the others no ports. */
function asZeek(flow: FlowRow): Cells {
  const isIcmp = flow.proto === 'icmp'
  const named = unnamed.has(flow.proto)
  return {
    'id.orig_h': flow.client,
    'id.orig_p': String(isIcmp ? flow.serverPort >> 8 : named ? flow.clientPort : 0),
    'id.resp_h': flow.server,
    'id.resp_p': isIcmp ? '*' : String(named ? flow.serverPort : 0),
    proto: named ? flow.proto : 'unknown_transport',
    conn_state: flow.state,
    orig_pkts: String(flow.clientPackets),
    orig_ip_bytes: String(flow.clientBytes),
    resp_pkts: String(flow.serverPackets),
    resp_ip_bytes: String(flow.serverBytes),
    duration: String(flow.duration / 1e6),
  }
}

function unlike(zeek: { columns: string[]; rows: Cells[] }, flows: readonly Cells[]) {
  const left = [...flows]
  const missing = zeek.rows.filter((row) => {
    const at = left.findIndex((flow) => zeek.columns.every((name) => agrees(name, row, flow)))
    if (at >= 0) left.splice(at, 1)
    return at < 0
  })
  const say = (row: Cells) => zeek.columns.map((name) => row[name] ?? '').join(' ')
  return { zeek: missing.map(say), ours: left.map(say) }
}

/**
 * Durations agree to 2 µs; but Zeek stops the clock of a TCP connection when both ends have closed it, and we
 * at its last packet, which is at most 5 s of silence later.
 */
function agrees(name: string, zeek: Cells, ours: Cells): boolean {
  const [theirs = '', mine = ''] = [zeek[name], ours[name]]
  if (name === 'id.resp_p' && mine === '*') return true
  if (name !== 'duration') return theirs === mine || (theirs === '-' && mine === '0')
  const later = Number(mine) - (theirs === '-' ? 0 : Number(theirs))
  const isClosed = /^(?:SF|RST|REJ|SH)/.test(ours['conn_state'] ?? '')
  return later > -2e-6 && later < (isClosed ? 5.1 : 2e-6)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { compared } = await compareWithZeek()
  const differ = compared.filter((each) => misses(each) > 0)
  for (const { name, trace, flags, zeek, ours } of differ) {
    console.log(`${name} (${trace}) [${flags}]`)
    for (const row of zeek.slice(0, 3)) console.log(`  Zeek ${row}`)
    for (const row of ours.slice(0, 3)) console.log(`  ours ${row}`)
  }
  const rows = compared.reduce((sum, each) => sum + each.rows, 0)
  const lost = differ.reduce((sum, { zeek }) => sum + zeek.length, 0)
  console.log(
    `${compared.length - differ.length} of ${compared.length} cases exact; ${rows - lost} of ${rows} connections`,
  )
}
