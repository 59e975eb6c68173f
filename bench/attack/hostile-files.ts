/** Files that are made to hang, fill or mislead whoever reads them. Each is made in an empty folder. */
import { execFileSync } from 'node:child_process'
import { createWriteStream, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip, createZstdCompress, gzipSync } from 'node:zlib'
import { connCells, connFields, connLog, eveLog } from '../../test/fixtures/written-logs.ts'
import { randomFrom } from '../../test/fuzz-random.ts'

export interface HostileFile {
  readonly name: string
  /** @param size Megabytes that it is, or unpacks to, where that can be chosen. Gives what to import. */
  readonly make: (folder: string, size: number) => Promise<string> | string
  /** It is on disk as long as it is, so that a line of it can be longer than any that is read. */
  readonly isPlain?: true
  /** What of it may be used: all its good records, or nothing. */
  readonly good: number
}

const megabyte = 1 << 20

function* repeated(head: string, piece: string, size: number): Iterable<Buffer> {
  yield Buffer.from(head)
  const chunk = Buffer.from(piece.repeat(Math.ceil(megabyte / piece.length)))
  for (let i = 0; i < size; i++) yield chunk
}

async function filled(path: string, [head, piece]: readonly [string, string], size: number): Promise<string> {
  await pipeline(Readable.from(repeated(head, piece, size)), createWriteStream(path))
  return path
}

async function packed(path: string, [head, piece]: readonly [string, string], size: number): Promise<string> {
  const packing = path.endsWith('.gz') ? createGzip({ level: 1 }) : createZstdCompress()
  await pipeline(Readable.from(repeated(head, piece, size)), packing, createWriteStream(path))
  return path
}

/** A tar of one member that is long and holds nothing. */
async function tarBomb(path: string, size: number): Promise<string> {
  const header = Buffer.alloc(512)
  header.write('logs/conn.log')
  header.write('0000644\0', 100)
  header.write(`${(size * megabyte).toString(8).padStart(11, '0')}\0`, 124)
  header.write('14524770400\0', 136)
  header.write('        0', 148)
  header.write('ustar\u000000', 257)
  const sum = header.reduce((all, byte) => all + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  const chunk = Buffer.alloc(megabyte)
  function* whole() {
    yield header
    for (let i = 0; i < size; i++) yield chunk
    yield Buffer.alloc(1024)
  }
  await pipeline(Readable.from(whole()), createGzip({ level: 1 }), createWriteStream(path))
  return path
}

/** Folders of which each has links to all: as many ways through them as there are orders. */
function linkedFolders(folder: string): string {
  const names = Array.from({ length: 12 }, (_, i) => `d${i}`)
  for (const name of names) {
    mkdirSync(join(folder, 'web', name), { recursive: true })
    writeFileSync(join(folder, 'web', name, 'conn.log'), connLog(Number(name.slice(1)) * 10, 10))
  }
  for (const from of names)
    for (const to of names) if (from !== to) symlinkSync(join('..', to), join(folder, 'web', from, to))
  return join(folder, 'web')
}

function withConn(folder: string, more: (inside: string) => void): string {
  const inside = join(folder, 'inside')
  mkdirSync(inside)
  writeFileSync(join(inside, 'conn.log'), connLog(0, 10))
  more(inside)
  return inside
}

const line = `${connCells(1).join('\t')}\n`
const conn = connLog(0, 10)
const eve = eveLog(40)

/** The header of a frame whose content may refer back over 2 GiB, and blocks of nothing without an end. */
const wideFrame = Buffer.from('28b52ffd00a8010000', 'hex')
const emptyBlocks = (count: number): Buffer =>
  Buffer.concat([Buffer.from('28b52ffd2005', 'hex'), Buffer.alloc(3 * count)])

export const hostileFiles: readonly HostileFile[] = [
  {
    name: 'a zstd frame with a window of 2 GiB',
    make: (at) => {
      writeFileSync(join(at, 'a.zst'), wideFrame)
      return join(at, 'a.zst')
    },
    good: 0,
  },
  {
    name: 'a zstd frame of empty blocks',
    make: (at, size) => {
      writeFileSync(join(at, 'a.zst'), emptyBlocks((size * megabyte) / 10))
      return join(at, 'a.zst')
    },
    good: 0,
  },
  {
    name: 'a Zeek log with a line that does not end',
    isPlain: true,
    make: (at, size) => filled(join(at, 'conn.log'), [conn, 'a\t'], size),
    good: 10,
  },
  {
    name: 'an EVE file with a line that does not end',
    isPlain: true,
    make: (at, size) => filled(join(at, 'eve.json'), [eve, '{"a":'], size),
    good: 40,
  },
  {
    name: 'a line that does not end and nothing else',
    isPlain: true,
    make: (at, size) => filled(join(at, 'a.log'), ['', 'A'], size),
    good: 0,
  },
  {
    name: 'a JSON array that does not end',
    isPlain: true,
    make: (at, size) => filled(join(at, 'a.json'), ['[', '[{"a":['], size),
    good: 0,
  },
  {
    name: 'a table whose quote does not end',
    isPlain: true,
    make: (at, size) =>
      filled(join(at, 'a.csv'), ['start,client,server,proto\n1,10.0.0.1,192.0.2.1,tcp\n2,"', 'a,'], size),
    good: 1,
  },
  {
    name: 'empty lines only',
    isPlain: true,
    make: (at, size) => filled(join(at, 'conn.log'), [conn, '\n'], size),
    good: 10,
  },
  {
    name: 'a gzip bomb of zeros',
    make: (at, size) => packed(join(at, 'a.gz'), ['', '\0'], 10 * size),
    good: 0,
  },
  {
    name: 'a gzip bomb behind a log',
    make: (at, size) => packed(join(at, 'conn.log.gz'), [conn, '\0'], 10 * size),
    good: 10,
  },
  {
    name: 'a gzip bomb of one line',
    make: (at, size) => packed(join(at, 'conn.log.gz'), [conn, 'a'], size),
    good: 10,
  },
  {
    name: 'a zstd bomb of zeros',
    make: (at, size) => packed(join(at, 'a.zst'), ['', '\0'], 10 * size),
    good: 0,
  },
  {
    name: 'a zstd bomb behind a log',
    make: (at, size) => packed(join(at, 'conn.log.zst'), [conn, '\0'], 10 * size),
    good: 10,
  },
  {
    name: 'a gzip of a gzip bomb',
    make: async (at, size) => {
      const inner = await packed(join(at, 'inner.gz'), ['', '\0'], size)
      const path = join(at, 'outer.gz')
      execFileSync('sh', ['-c', `gzip -c ${inner} > ${path}; rm ${inner}`])
      return path
    },
    good: 0,
  },
  { name: 'a tar bomb in gzip', make: (at, size) => tarBomb(join(at, 'a.tar.gz'), 10 * size), good: 0 },
  {
    name: 'a gzip of up to 200,000 empty members',
    make: (at, size) => {
      const members = Math.min(200_000, size * 10_000)
      writeFileSync(
        join(at, 'a.gz'),
        Buffer.concat([gzipSync(conn), ...Array<Buffer>(members).fill(gzipSync(''))]),
      )
      return join(at, 'a.gz')
    },
    good: 10,
  },
  {
    name: 'a pipe that nobody writes to, in a folder',
    make: (at) => withConn(at, (inside) => execFileSync('mkfifo', [join(inside, 'pipe.log')])),
    good: 10,
  },
  {
    name: 'a pipe that nobody writes to, named',
    make: (at) => {
      execFileSync('mkfifo', [join(at, 'pipe.log')])
      return join(at, 'pipe.log')
    },
    good: 0,
  },
  {
    name: 'links to devices, in a folder',
    make: (at) =>
      withConn(at, (inside) => {
        for (const device of ['zero', 'full', 'null', 'random', 'tty', 'stdin'])
          symlinkSync(`/dev/${device}`, join(inside, `${device}.log`))
      }),
    good: 10,
  },
  { name: 'a device, named', make: () => '/dev/zero', good: 0 },
  {
    name: 'a link to itself, and to its own folder',
    make: (at) =>
      withConn(at, (inside) => {
        symlinkSync('loop.log', join(inside, 'loop.log'))
        symlinkSync('.', join(inside, 'here'))
        symlinkSync('..', join(inside, 'up'))
      }),
    good: 10,
  },
  { name: 'twelve folders, each with links to all others', make: linkedFolders, good: 120 },
  {
    name: 'folders 400 deep',
    make: (at) =>
      withConn(at, (inside) => {
        mkdirSync(join(inside, ...Array<string>(400).fill('d')), { recursive: true })
        writeFileSync(join(inside, ...Array<string>(400).fill('d'), 'conn.log'), connLog(10, 10))
      }),
    good: 20,
  },
  {
    name: 'a sparse file',
    make: (at, size) => {
      execFileSync('truncate', ['-s', `${20 * size}M`, join(at, 'a.log')])
      return join(at, 'a.log')
    },
    good: 0,
  },
  {
    name: 'a log with a hole',
    make: (at, size) => {
      writeFileSync(join(at, 'conn.log'), conn)
      execFileSync('truncate', ['-s', `${5 * size}M`, join(at, 'conn.log')])
      execFileSync('sh', ['-c', `printf '%s' "$0" >> "$1"`, line, join(at, 'conn.log')])
      return join(at, 'conn.log')
    },
    good: 11,
  },
  {
    name: 'a Zeek log of 100,000 headers',
    make: (at) => {
      writeFileSync(join(at, 'conn.log'), conn + '#fields\tts\tuid\n#separator \\x09\n'.repeat(50_000))
      return join(at, 'conn.log')
    },
    good: 10,
  },
  {
    name: 'a Zeek log of 20,000 columns',
    make: (at) => {
      const columns = Array.from({ length: 20_000 }, (_, i) => `c${i}`).join('\t')
      writeFileSync(join(at, 'conn.log'), conn.replace('resp_ip_bytes\n', `resp_ip_bytes\t${columns}\n`))
      return join(at, 'conn.log')
    },
    good: 0,
  },
  {
    name: 'JSON 200,000 deep',
    make: (at) => {
      const deep = `${'{"a":'.repeat(200_000)}1${'}'.repeat(200_000)}\n`
      writeFileSync(join(at, 'eve.json'), `${eve}${deep}{"event_type":"flow","flow":${'['.repeat(200_000)}\n`)
      return join(at, 'eve.json')
    },
    good: 40,
  },
  {
    name: 'a Zeek log of 3,000 headers, each another',
    make: (at) => {
      const random = randomFrom(7)
      const under = (i: number) => {
        const at = connFields.map((_, column) => ({ column, place: random(2 ** 32) }))
        const order = at.sort((one, other) => one.place - other.place).map(({ column }) => column)
        const line = (cells: readonly string[]) => order.map((column) => cells[column]).join('\t')
        return `#fields\t${line(connFields)}\n${line(connCells(i))}\n`
      }
      writeFileSync(join(at, 'conn.log'), conn + Array.from({ length: 3000 }, (_, i) => under(i)).join(''))
      return join(at, 'conn.log')
    },
    // The layout of most records, and 249 more.
    good: 10 + 249,
  },
]
