/**
 * Structure-aware fuzzing of the readers of lines: Zeek in both forms, Suricata, Argus, CSV, JSON lines and Snort in
 * both forms.
 *
 * Lines of each format are made from a seed and then damaged where it hurts: cells left out, put in twice or exchanged,
 * values of another kind, escapes, quotes, numbers beyond what fits, broken UTF-8, headers in the middle, cut ends.
 * Many lines are one file, which is read as a whole or in stretches; for each file: nothing throws, records in = rows +
 * rejects, and the time is bounded. `node test/fuzz-texts.ts MILLIONS [SEED]` runs it for long; a share runs in the
 * tests.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readLines } from '../src/capture/import/bundle.ts'
import { inStretches } from '../src/capture/import/chunks.ts'
import { createContents } from '../src/capture/import/known-contents.ts'
import { newContentOfLong } from '../src/capture/import/long-content.ts'
import { openInput } from '../src/capture/input.ts'
import { alertFastReader } from '../src/capture/logs/alert-fast.ts'
import { argus } from '../src/capture/logs/argus.ts'
import { snortJson } from '../src/capture/logs/snort-json.ts'
import { suricata } from '../src/capture/logs/suricata.ts'
import { zeek } from '../src/capture/logs/zeek.ts'
import { zeekJson } from '../src/capture/logs/zeek-json.ts'
import type { Reader } from '../src/capture/reader.ts'
import { createRejects } from '../src/capture/rejects.ts'
import { csvReader, jsonlReader } from '../src/capture/tables/tables.ts'
import { schema } from '../src/store/ddl.ts'
import { openEmbedded } from '../src/store/embedded.ts'
import { beginLoads } from '../src/store/load.ts'
import type { Store } from '../src/store/store.ts'
import { connCells, connFields, eveLog } from './fixtures/written-logs.ts'
import { type Random, randomFrom } from './fuzz-random.ts'

export interface FuzzResult {
  readonly lines: number
  readonly records: number
  readonly rows: number
  readonly rejects: number
  /** Milliseconds of processor time of the slowest file. */
  readonly slowest: number
  /** Rows and rejects by format. */
  readonly kinds: Readonly<Record<string, { readonly rows: number; readonly rejects: number }>>
}

/** What cells and members of objects become. Characters are bytes (latin1), so that broken UTF-8 is among them. */
const values = [
  ...[
    '',
    '-',
    '(empty)',
    '""',
    '"',
    "'",
    '\\',
    '\\x',
    '\\x2',
    '\\x41',
    '\\x00',
    '\0',
    '\r',
    '\u00ff\u00fe',
    '\u00c3',
    '{}',
    '[]',
  ],
  ...[
    '0',
    '-1',
    '1e99',
    '-1e99',
    '1e-400',
    'nan',
    'inf',
    '18446744073709551615',
    '18446744073709551616',
    '999999999999999',
  ],
  ...['65535', '65536', '0x50', '0xfffff', '0x', '1.5', '9'.repeat(400), 'true', 'null', 'T', 'F'],
  ...[
    '::',
    '::ffff:1.2.3.4',
    '1.2.3.4',
    '1.2.3',
    '1.2.3.4:80',
    '00:11:22:33:44:55',
    'fe80::1%eth0',
    '[::1]:53',
    '300.1.1.1',
  ],
  ...[
    'tcp',
    'UDP',
    'icmp',
    'ipv6-icmp',
    'arp',
    'SF',
    'S0',
    'RSTR',
    'FSPA_FSPA',
    '_',
    'SA_',
    'CON',
    'INT',
    '<->',
    '  ?>',
    '<-',
  ],
  ...[
    '1970-01-01T00:00:00',
    '2011/08/16 15:01:46.5',
    '9999-99-99T99:99:99Z',
    '0000-00-00 00:00:00',
    '2260-01-01T00:00:00Z',
  ],
  ...[
    '#fields',
    '#separator \\x2c',
    'SrcAddr',
    'x'.repeat(3000),
    '%s',
    '${1}',
    '*',
    '?',
    ',',
    ';',
    '\t',
    '|',
  ],
]

/** Strings that mean something inside JSON. */
const inside = [
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '"',
  '\\u0000',
  '\\ud800',
  '\\u00',
  '\\',
  'null',
  ' ',
  '\t',
  '{"a":',
  '[[[[',
  '"event_type":"dns",',
]

interface Format {
  readonly reader: Reader
  readonly header: string
  /** Whether a line counts as a record, once it is damaged. */
  isRecord(line: string): boolean
  line(random: Random, i: number): string
  damage(random: Random, line: string): string
}

const pick = <T>(random: Random, list: readonly T[]): T => list[random(list.length)]!
const notEmpty = (line: string): boolean => line !== ''

const damagedText = (random: Random, line: string, marks: readonly string[]): string => {
  const at = random(line.length + 1)
  const what = pick(random, marks)
  const kind = random(4)
  if (kind === 0) return line.slice(0, at)
  if (kind === 1) return line.slice(0, at) + what + line.slice(at)
  if (kind === 2) return line.slice(0, at) + what + line.slice(at + what.length)
  return line.slice(0, at) + line.slice(Math.min(line.length, at + 1 + random(20)))
}

const damagedCells =
  (separator: string) =>
  (random: Random, line: string): string => {
    const cells = line.split(separator)
    for (let times = 1 + random(3); times > 0; times--) {
      const at = random(cells.length)
      const kind = random(8)
      if (kind === 0) cells.splice(at, 1)
      else if (kind === 1) cells.splice(at, 0, pick(random, values))
      else if (kind === 2) cells[at] = `"${cells[at] ?? ''}`
      else if (kind === 3) [cells[at], cells[random(cells.length)]] = [pick(random, cells), cells[at] ?? '']
      else cells[at] = pick(random, values)
    }
    const whole = cells.join(separator)
    return random(6) === 0 ? damagedText(random, whole, values) : whole
  }

const damagedJson = (random: Random, line: string): string => {
  if (random(3) === 0) return damagedText(random, line, [...inside, ...values])
  const object = JSON.parse(line) as Record<string, unknown>
  const place = (from: Record<string, unknown>): void => {
    const key = pick(random, Object.keys(from))
    const value = from[key]
    const isInner = typeof value === 'object' && value !== null && Object.keys(value).length > 0
    if (isInner && random(3) > 0) place(value as Record<string, unknown>)
    else change(from, key)
  }
  const change = (from: Record<string, unknown>, key: string): void => {
    const value = from[key]
    const text = pick(random, values)
    const kind = random(8)
    if (kind === 0) delete from[key]
    else if (kind === 1) from[key] = [value, text]
    else if (kind === 2) from[key] = { [key]: value }
    else if (kind === 3) from[key] = Number(text)
    else if (kind === 4) from[text] = value
    else from[key] = text
  }
  for (let times = 1 + random(3); times > 0 && Object.keys(object).length > 0; times--) place(object)
  return JSON.stringify(object)
}

const json = (reader: Reader, line: Format['line']): Format => ({
  reader,
  header: '',
  isRecord: notEmpty,
  line,
  damage: damagedJson,
})

const address = (random: Random): string =>
  random(8) === 0 ? `2001:db8::${random(9)}` : `10.0.${random(4)}.${random(250)}`

const argusFields =
  'StartTime,Dur,Proto,SrcAddr,Sport,Dir,DstAddr,Dport,State,sTos,dTos,TotPkts,TotBytes,SrcBytes,Label'
const csvFields = 'start,duration,proto,client,clientPort,server,serverPort,packets,bytes,outcome,label'

export const formats: readonly Format[] = [
  {
    reader: zeek,
    header: `#separator \\x09\n#path\tconn\n#fields\t${connFields.join('\t')}\n`,
    isRecord: (line) => notEmpty(line) && !line.startsWith('#'),
    line: (_, i) => connCells(i).join('\t'),
    damage: damagedCells('\t'),
  },
  json(zeekJson, (_, i) => {
    const cells = connFields.map((field, at) => [field, connCells(i)[at]!] as const)
    return JSON.stringify(
      Object.fromEntries(cells.map(([f, v]) => [f, /^[\d.]+$/.test(v) && !/h$/.test(f) ? Number(v) : v])),
    )
  }),
  json(suricata, (_, i) => eveLog(1, i).trimEnd()),
  {
    reader: argus,
    header: `${argusFields}\n`,
    isRecord: (line) =>
      notEmpty(line) && !['SrcAddr', 'DstAddr', 'Proto'].every((each) => line.includes(each)),
    line: (random, i) =>
      `2011/08/16 15:01:${String(i % 60).padStart(2, '0')}.${random(1e6)},${random(100)}.5,${pick(random, ['tcp', 'udp', 'icmp'])},${address(random)},${random(65_536)},   ->,${address(random)},80,${pick(random, ['FSPA_FSPA', 'S_RA', 'CON', 'ECO'])},0,0,${2 + random(9)},${1000 + random(900)},${random(900)},flow=Background`,
    damage: damagedCells(','),
  },
  {
    reader: csvReader(null),
    header: `${csvFields}\n`,
    isRecord: notEmpty,
    line: (random, i) =>
      `${i + 1}.5,1,tcp,${address(random)},1024,"${address(random)}",443,${random(99)},${random(9999)},established,"a ""b"""`,
    damage: damagedCells(','),
  },
  json(jsonlReader(null), (random, i) =>
    JSON.stringify({
      start: i + 1,
      client: address(random),
      server: address(random),
      proto: 'tcp',
      serverPort: 443,
      bytes: random(9999),
    }),
  ),
  {
    reader: alertFastReader,
    header: '',
    isRecord: notEmpty,
    line: (random, i) =>
      `08/16-15:01:${String(i % 60).padStart(2, '0')}.${String(random(1e6)).padStart(6, '0')}  [**] [1:${random(9999)}:1] "a [b] {c} -> d" [**] [Classification: Misc] [Priority: 2] {TCP} ${address(random)}:1024 -> ${address(random)}:80`,
    damage: (random, line) =>
      damagedText(random, line, [...values, '[**]', '{', '}', ' -> ', '[Priority: ', '::']),
  },
  json(snortJson, (random, i) =>
    JSON.stringify({
      timestamp: `08/16-15:01:${String(i % 60).padStart(2, '0')}.5`,
      rule: `1:${random(9999)}:1`,
      ...{
        src_ap: `${address(random)}:1024`,
        dst_ap: `${address(random)}:80`,
        proto: 'TCP',
        msg: 'a',
        priority: 2,
      },
    }),
  ),
]

/**
 * A file of a format: most lines damaged, lines of others among them; the first is good, so that the file is what it
 * is.
 */
function fileOf(random: Random, format: Format, lines: number): { text: Buffer; records: number } {
  let text = format.header
  let records = 0
  for (let i = 0; i < lines; i++) {
    const good = format.line(random, i)
    const kind = i === 0 ? 9 : random(10)
    const line =
      kind < 6
        ? format.damage(random, good)
        : kind === 6
          ? pick(random, [
              format.header.trimEnd(),
              '',
              '\r',
              ' ',
              '#close\t1',
              pick(random, formats).line(random, i),
            ])
          : good
    text += `${line}${random(20) === 0 ? '\r' : ''}\n`
  }
  if (random(2) === 0) text = text.slice(0, -1)
  const bytes = Buffer.from(text, 'latin1')
  const all = text.slice(format.header.length).split('\n')
  records = all
    // Zeros around a line are a hole in the file.
    .map((each) => each.replace(/^\0+|\0+$/g, ''))
    .map((each) => (each.endsWith('\r') ? each.slice(0, -1) : each))
    .filter((each) => format.isRecord(each)).length
  return { text: bytes, records }
}

interface Place {
  readonly store: Store
  readonly folder: string
}

async function readOne({ store, folder }: Place, reader: Reader, text: Buffer, own: number) {
  const path = join(folder, 'input')
  writeFileSync(path, text)
  const loads = beginLoads(store)
  const [load, rejects] = [loads.begin(), createRejects()]
  const rest = await newContentOfLong({
    input: await openInput(path),
    kind: reader,
    known: createContents(),
    before: null,
  })
  const sizes = { own, beside: 2000 }
  await inStretches({ reader, sizes, ...rest }, ({ path: stretch, shift, beside }) => {
    const part = { name: path, path, load, rejects, lines: 0, shift }
    return readLines({ store, loads }, reader, { path: stretch, parts: [part], beside })
  })
  return { rows: load.rows(), rejects: [...rejects.counts.values()].reduce((sum, n) => sum + n, 0) }
}

/** @throws Error naming the seed and the file where a record is lost, made up, or a reader throws. */
export async function fuzz(lines: number, seed = 7, each = 20_000): Promise<FuzzResult> {
  const random = randomFrom(seed)
  const folder = mkdtempSync(join(tmpdir(), 'gannet-fuzz-'))
  const store = await openEmbedded(join(folder, 'db'))
  const kinds: Record<string, { rows: number; rejects: number }> = {}
  const total = { lines: 0, records: 0, rows: 0, rejects: 0, slowest: 0 }
  try {
    for (const statement of schema) await store.run(statement)
    for (let file = 0; total.lines < lines; file++) {
      const format = formats[file % formats.length]!
      const { text, records } = fileOf(random, format, Math.min(each, lines))
      const began = process.cpuUsage()
      const name = `file ${file} of seed ${seed} (${format.reader.name})`
      const stretch = random(3) === 0 ? Math.ceil(text.length / 3) : text.length + 1
      const found = await readOne({ store, folder }, format.reader, text, stretch).catch((error: unknown) => {
        throw new Error(`${name}: ${error}`, { cause: error })
      })
      const { user, system } = process.cpuUsage(began)
      if (found.rows + found.rejects !== records)
        throw new Error(`${name}: ${records} records became ${found.rows} rows and ${found.rejects} rejects`)
      const before = kinds[format.reader.name] ?? { rows: 0, rejects: 0 }
      kinds[format.reader.name] = {
        rows: before.rows + found.rows,
        rejects: before.rejects + found.rejects,
      }
      total.lines += Math.min(each, lines)
      total.records += records
      total.rows += found.rows
      total.rejects += found.rejects
      total.slowest = Math.max(total.slowest, (user + system) / 1000)
      if (file % 32 === 31)
        for (const record of ['flow', 'dns', 'http', 'tls', 'file', 'mail', 'lease', 'alert'])
          await store.run(`TRUNCATE TABLE ${record}_rows`)
    }
    return { ...total, kinds }
  } finally {
    await store.close()
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

if (import.meta.main) {
  const [millions = '1', seed = '7'] = process.argv.slice(2)
  const result = await fuzz(Number(millions) * 1e6, Number(seed))
  console.log(result)
  console.log(`memory ${Math.round(process.resourceUsage().maxRSS / 1024)} MB at most`)
}
