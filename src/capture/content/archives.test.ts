/** Files out of tar and zip, in every form that programs write, and what is said of those that cannot be given. */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deflateRawSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { isTar, isZip, tarMembers } from './archives.ts'
import { zipMembers } from './zip.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gannet-archives-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

interface Header {
  readonly name: string
  readonly size: number
  readonly type?: string
  readonly prefix?: string
}

/** A header of tar, with its checksum. */
function header({ name, size, type = '0', prefix = '' }: Header): Buffer {
  const block = Buffer.alloc(512)
  block.write(name.slice(0, 100))
  block.write('0000644\0', 100)
  block.write(`${size.toString(8).padStart(11, '0')}\0`, 124)
  block.write('14524770400\0', 136)
  block.write('        ', 148)
  block.write(type, 156)
  block.write('ustar\u000000', 257)
  block.write(prefix, 345)
  const sum = block.reduce((all, byte) => all + byte, 0)
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return block
}

const padded = (bytes: Buffer): Buffer =>
  Buffer.concat([bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)])
const entry = (given: Omit<Header, 'size'>, text: string): Buffer =>
  Buffer.concat([header({ ...given, size: Buffer.byteLength(text) }), padded(Buffer.from(text))])

const end = Buffer.alloc(1024)

async function filesOf(members: AsyncIterable<{ name: string; path: string }>): Promise<[string, string][]> {
  const found: [string, string][] = []
  for await (const { name, path } of members) found.push([name, readFileSync(path, 'utf8')])
  return found
}

describe('tar', () => {
  const read = async (bytes: Buffer) => {
    const lost: string[] = []
    const source = (async function* () {
      for (let at = 0; at < bytes.length; at += 700) yield bytes.subarray(at, at + 700)
    })()
    const unpacking = {
      folder,
      lost: ({ name, why }: { name: string; why: string }) => void lost.push(`${name}: ${why}`),
    }
    return { files: await filesOf(tarMembers(source, unpacking)), lost }
  }

  it('of ustar, GNU and pax, with folders and links between', async () => {
    const long = `${'deep/'.repeat(30)}conn.log`
    const path = ` path=${long}\n`
    const record = `${path.length + 3}${path}`
    const bytes = Buffer.concat([
      entry({ name: 'logs/', type: '5' }, ''),
      entry({ name: 'conn.log', prefix: 'logs/2024' }, 'one'),
      entry({ name: '././@LongLink', type: 'L' }, `${long}\0`),
      entry({ name: long }, 'two'),
      entry({ name: 'link', type: '2' }, ''),
      entry({ name: 'PaxHeaders/x', type: 'x' }, record),
      entry({ name: 'short' }, 'x'.repeat(1500)),
      end,
    ])
    expect(isTar(bytes)).toBe(true)
    const { files, lost } = await read(bytes)
    expect(files).toEqual([
      ['logs/2024/conn.log', 'one'],
      [long, 'two'],
      [long, 'x'.repeat(1500)],
    ])
    expect(lost).toEqual([])
    expect(statSync(join(folder, '1')).mtimeMs / 1000).toBe(0o14524770400)
  })

  it('that ends within a file gives what is there, and says so; one with a wrong header is refused', async () => {
    const whole = Buffer.concat([entry({ name: 'a' }, 'x'.repeat(2000)), end])
    const { files, lost } = await read(whole.subarray(0, 512 + 900))
    expect(files).toEqual([['a', 'x'.repeat(900)]])
    expect(lost).toEqual(['a: the archive ends within it'])
    const wrong = Buffer.concat([entry({ name: 'a' }, 'x'), Buffer.alloc(512, 65)])
    await expect(read(wrong)).rejects.toThrow(/header/)
    expect(isTar(Buffer.alloc(600, 65))).toBe(false)
  })
})

describe('zip', () => {
  interface Part {
    readonly name: string
    readonly text: string
    readonly method?: number
    readonly flags?: number
  }

  /** As programs write that know no sizes before: they stand in the directory only. */
  function zip(parts: readonly Part[]): Buffer {
    const bodies: Buffer[] = []
    const directory: Buffer[] = []
    let at = 0
    for (const { name, text, method = 8, flags = 8 } of parts) {
      const packed = method === 8 ? deflateRawSync(text) : Buffer.from(text)
      const local = Buffer.alloc(30)
      local.writeUInt32LE(0x04034b50)
      local.writeUInt16LE(name.length, 26)
      const central = Buffer.alloc(46)
      central.writeUInt32LE(0x02014b50)
      central.writeUInt16LE(flags, 8)
      central.writeUInt16LE(method, 10)
      central.writeUInt16LE(0x5a21, 14)
      central.writeUInt32LE(packed.length, 20)
      central.writeUInt32LE(text.length, 24)
      central.writeUInt16LE(name.length, 28)
      central.writeUInt32LE(at, 42)
      const body = Buffer.concat([local, Buffer.from(name), packed, Buffer.alloc(16)])
      bodies.push(body)
      directory.push(central, Buffer.from(name))
      at += body.length
    }
    const last = Buffer.alloc(22)
    last.writeUInt32LE(0x06054b50)
    last.writeUInt32LE(Buffer.concat(directory).length, 12)
    last.writeUInt32LE(at, 16)
    return Buffer.concat([...bodies, ...directory, last])
  }

  const read = async (bytes: Buffer) => {
    const path = join(folder, 'archive')
    writeFileSync(path, bytes)
    const lost: string[] = []
    const unpacking = {
      folder,
      lost: ({ name, why }: { name: string; why: string }) => void lost.push(`${name}: ${why}`),
    }
    return { files: await filesOf(zipMembers(path, unpacking)), lost }
  }

  it('gives stored and deflated files, and names the others', async () => {
    const bytes = zip([
      { name: 'logs/', text: '', method: 0 },
      { name: 'logs/a.log', text: 'one\n'.repeat(500) },
      { name: 'logs/b.log', text: 'two', method: 0 },
      { name: 'c', text: 'x', method: 14 },
      { name: 'd', text: 'x', flags: 1 },
    ])
    expect(isZip(bytes)).toBe(true)
    const { files, lost } = await read(bytes)
    expect(files).toEqual([
      ['logs/a.log', 'one\n'.repeat(500)],
      ['logs/b.log', 'two'],
    ])
    expect(lost).toEqual(['c: it is packed with LZMA, which is not read', 'd: it is encrypted'])
  })

  it('that is cut has no directory; damaged data costs its own file only', async () => {
    const bytes = zip([
      { name: 'a', text: 'one\n'.repeat(500) },
      { name: 'b', text: 'two' },
    ])
    await expect(read(bytes.subarray(0, bytes.length - 30))).rejects.toThrow(/no directory/)
    bytes.fill(0xff, 31, 40)
    const { files, lost } = await read(bytes)
    expect(files).toEqual([['b', 'two']])
    expect(lost[0]).toMatch(/^a: it is damaged/)
  })
})
