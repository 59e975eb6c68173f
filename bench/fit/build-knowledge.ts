/**
 * Rebuilds the packed lists in src/knowledge/lists:
 *
 *     node bench/fit/build-knowledge.ts [--lists DIR] [--systems DIR]
 *
 * `--lists` is a folder of MISP warning lists (CC0, github.com/MISP/misp-warninglists: the `list.json` of
 * each, named as its folder; ../shared/data/lists/misp where not given). `--systems` is an unpacked npm
 * package @ip-location-db/asn (CC BY 4.0); the packed table of systems stays as it is where not given.
 * Prints the sizes.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { brotliCompressSync, constants } from 'node:zlib'
import { rangeOf } from '../../src/knowledge/addresses.ts'
import type { ListHeader, PackedName } from '../../src/knowledge/packed.ts'
import { registeredOf } from '../../src/knowledge/registered-domain.ts'

const out = fileURLToPath(new URL('../../src/knowledge/lists/', import.meta.url))
const home = fileURLToPath(new URL('../../../shared/data/lists/misp', import.meta.url))
const { values } = parseArgs({
  options: { lists: { type: 'string', default: home }, systems: { type: 'string' } },
})

interface Warninglist {
  readonly name: string
  readonly version: number | string
  readonly list: readonly string[]
}

const readList = (name: string): Warninglist =>
  JSON.parse(readFileSync(join(values.lists, `${name}.json`), 'utf8')) as Warninglist

/** A version that is a day, as a day. */
const dayOf = (version: number | string): string | null =>
  /^(20\d\d)(\d\d)(\d\d)$/.exec(String(version))?.slice(1).join('-') ?? null

const newest = (lists: readonly Warninglist[]): string =>
  lists
    .flatMap(({ version }) => dayOf(version) ?? [])
    .sort()
    .at(-1) ?? 'unknown'

const sourceOf = ({ name, version }: Warninglist): string =>
  `${name}, version ${dayOf(version) ?? version}, by way of MISP warninglists`

const compressed = (body: Buffer): Buffer =>
  brotliCompressSync(body, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: 11,
      [constants.BROTLI_PARAM_LGWIN]: 24,
      [constants.BROTLI_PARAM_SIZE_HINT]: body.length,
    },
  })

function write(name: PackedName, header: ListHeader, body: Buffer, packed = compressed(body)): void {
  writeFileSync(
    join(out, `${name}.packed`),
    Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), packed]),
  )
  console.log(`${name}: ${body.length} bytes, packed ${packed.length}`)
}

const domainOf = (name: string): string | null => {
  const { domain, isTenant } = registeredOf(name)
  return isTenant ? null : domain
}

/** In ascending order of bytes; a tab comes before every letter of a name. */
const sortedLines = (lines: readonly string[]): Buffer =>
  Buffer.from(`${[...lines].sort((a, b) => (a < b ? -1 : 1)).join('\n')}\n`)

/** Registered domains by the best class of rank: tops of 1,000, 10,000, 20,000 and 100,000. */
function popularity(): void {
  const classes: readonly (readonly [rank: number, lists: readonly string[]])[] = [
    [1000, ['cisco_top1000']],
    [10_000, ['tranco10k']],
    [20_000, ['cisco_top20k']],
    [100_000, ['cloudflare-top100k']],
  ]
  const lists = classes.flatMap(([, names]) => names.map(readList))

  const rankOf = new Map<string, number>()
  for (const [rank, names] of classes) {
    const before = rankOf.size
    for (const name of names.flatMap((each) => readList(each).list)) {
      const domain = domainOf(name.toLowerCase())
      if (domain && /^[a-z0-9.-]+$/.test(domain) && !domain.endsWith('.arpa') && !rankOf.has(domain))
        rankOf.set(domain, rank)
    }
    console.log(`  rank ${rank}: ${rankOf.size - before}`)
  }
  // The widest class is written without its number.
  const lines = [...rankOf].map(([domain, rank]) => (rank === 100_000 ? domain : `${domain}\t${rank}`))
  write(
    'popularity',
    {
      title: 'Popular registered domains',
      date: newest(lists),
      licence: 'CC0-1.0',
      sources: lists.map(sourceOf),
    },
    sortedLines(lines),
  )
}

/** Domains under which anybody may have a name (dynamic DNS) that the public suffix list does not have. */
function sharedDomains(): void {
  const list = readList('dynamic-dns')
  const domains = list.list
    .map((each) => each.toLowerCase().replace(/^\./, ''))
    .filter((each) => {
      return domainOf(each) !== null && /^[a-z0-9.-]+$/.test(each)
    })
  write(
    'shared-domains',
    { title: 'Dynamic DNS domains', date: 'unknown', licence: 'CC0-1.0', sources: [sourceOf(list)] },
    sortedLines([...new Set(domains)]),
  )
}

function ranges(): void {
  const owners = [
    ['Amazon', 'cloud', 'amazon-aws'],
    ['Microsoft', 'cloud', 'microsoft-azure'],
    ['Cloudflare', 'cdn', 'cloudflare'],
    ['Fastly', 'cdn', 'fastly'],
  ] as const
  const lists = owners.map(([, , name]) => readList(name))
  const lines = owners.flatMap(([owner, kind, name]) => [
    `@${owner}\t${kind}`,
    ...readList(name).list.filter((each) => rangeOf(each) !== null),
  ])
  write(
    'ranges',
    {
      title: 'Ranges that their owners publish',
      date: newest(lists),
      licence: 'CC0-1.0',
      sources: lists.map(sourceOf),
    },
    Buffer.from(lines.join('\n')),
  )
}

/**
 * Addresses that many sites share are left out: a sinkhole behind a content network is known by its name
 * alone.
 */
function sinkholes(): void {
  const list = readList('sinkholes')
  const shared = ['cloudflare', 'microsoft-azure', 'fastly'].flatMap((name) =>
    readList(name).list.flatMap((each) => rangeOf(each) ?? []),
  )
  const own = list.list.filter((each) => {
    const range = rangeOf(each)
    return (
      range !== null &&
      !shared.some((s) => s.version === range.version && s.first <= range.first && s.last >= range.last)
    )
  })
  write(
    'sinkholes',
    { title: 'Sinkholes', date: 'unknown', licence: 'CC0-1.0', sources: [sourceOf(list)] },
    Buffer.from(own.join('\n')),
  )
  console.log(`  ${own.length} of ${list.list.length} kept`)
}

interface SystemRange {
  readonly first: number
  last: number
  readonly system: number
}

/** Rows `first,last,system,…` of one family, ascending, joined where one system goes on, without overlap. */
function systemRanges(folder: string, file: string): SystemRange[] {
  const rows = readFileSync(join(folder, file), 'utf8').split('\n').filter(Boolean)
  const all = rows.flatMap((row) => {
    const [from = '', to = '', system] = row.split(',', 3)
    const first = rangeOf(from)
    const last = rangeOf(to)
    return first && last ? [{ first: first.first, last: last.last, system: Number(system) }] : []
  })

  const joined: SystemRange[] = []
  for (const each of all.sort((a, b) => a.first - b.first || a.last - b.last)) {
    const before = joined.at(-1)
    const first = before ? Math.max(each.first, before.last + 1) : each.first
    if (first > each.last) continue
    if (before && before.system === each.system && before.last + 1 === first) before.last = each.last
    else joined.push({ ...each, first })
  }
  return joined
}

/** Ranges that are compressed together, and unpacked for an address of one of them. */
const rangesOfBlock = 2048

/** Whole numbers, seven bits a byte, the lowest first. */
function numbersAsBytes(numbers: readonly number[]): Buffer {
  const bytes: number[] = []
  for (const number of numbers) {
    let rest = number
    for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128)
    bytes.push(rest)
  }
  return Buffer.from(bytes)
}

function systems(folder: string): void {
  const sides = ['asn-ipv4.csv', 'asn-ipv6.csv'].map((file) => systemRanges(folder, file))
  const counts = new Map<number, number>()
  for (const { system } of sides.flat()) counts.set(system, (counts.get(system) ?? 0) + 1)
  const order = [...counts].sort((a, b) => b[1] - a[1] || a[0] - b[0]).map(([system]) => system)
  const placeOf = new Map(order.map((system, i) => [system, i]))

  const head = [order.length, ...order]
  const [plain, packed]: [Buffer[], Buffer[]] = [[], []]
  for (const side of sides) {
    const inBlocks = Array.from({ length: Math.ceil(side.length / rangesOfBlock) }, (_, i) =>
      side.slice(i * rangesOfBlock, (i + 1) * rangesOfBlock),
    )
    const blocks = inBlocks.map((ranges) =>
      numbersAsBytes([
        ...ranges.map(({ first }, i) => first - (i === 0 ? first : ranges[i - 1]!.last + 1)),
        ...ranges.map(({ first, last }) => last - first),
        ...ranges.map(({ system }) => placeOf.get(system) ?? 0),
      ]),
    )
    const compact = blocks.map(compressed)
    head.push(inBlocks.length, ...inBlocks.map(([range]) => range!.first))
    head.push(...inBlocks.map(({ length }) => length), ...compact.map(({ length }) => length))
    plain.push(...blocks)
    packed.push(...compact)
  }
  const headBytes = numbersAsBytes(head)
  const packedHead = compressed(headBytes)
  const headLength = Buffer.alloc(4)
  headLength.writeUInt32LE(packedHead.length)

  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string }
  const [, year, month, day] = /\.(\d{4})(\d\d)(\d\d)\d*$/.exec(version) ?? []
  write(
    'systems',
    {
      title: 'Autonomous systems',
      date: `${year}-${month}-${day}`,
      licence: 'CC-BY-4.0',
      sources: [
        `npm @ip-location-db/asn ${version}, made from RouteViews (routeviews.org), DB-IP (db-ip.com) and NRO (nro.net)`,
      ],
    },
    Buffer.concat([headBytes, ...plain]),
    Buffer.concat([headLength, packedHead, ...packed]),
  )
  console.log(`  ${order.length} systems, ${sides.map(({ length }) => length).join(' + ')} ranges`)
}

if (!existsSync(values.lists)) throw new Error(`no folder ${values.lists}; give --lists`)
popularity()
sharedDomains()
ranges()
sinkholes()
if (values.systems !== undefined) systems(values.systems)
