import { spawnSync } from 'node:child_process'
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { connCells, connFields, connLog, eveLog } from '../../../test/fixtures/written-logs.ts'
import { UserError } from '../../errors.ts'
import { openEmbedded } from '../../store/embedded.ts'
import { ledger } from '../../store/ledger.ts'
import type { Store } from '../../store/store.ts'
import { type Imported, importInputs } from './import.ts'
import type { ImportOptions, ImportProgress } from './taken.ts'

let store: Store
let folder: string
let database: string
beforeAll(async () => {
  database = mkdtempSync(join(tmpdir(), 'gannet-import-db-'))
  store = await openEmbedded(database)
})
afterAll(async () => {
  await store.close()
  rmSync(database, { recursive: true, force: true })
})
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gannet-import-'))
})
afterEach(async () => {
  rmSync(folder, { recursive: true, force: true })
  await store.run('DROP DATABASE gannet')
  await store.run('CREATE DATABASE gannet')
})

const given = (name: string, content: string | Uint8Array): string => {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}
const take = (path: string | readonly string[], options?: ImportOptions): Promise<Imported> =>
  importInputs(store, [path].flat(), options)
const flows = async (): Promise<number> => {
  const [row] = await store.rows<{ n: number }>('SELECT toFloat64(count()) AS n FROM flow')
  return row?.n ?? -1
}
const headers = connLog(0, 0)
const line = (change: Readonly<Record<string, string>>, i = 0): string =>
  connFields.map((field, at) => change[field] ?? connCells(i)[at]).join('\t')

describe('imports', () => {
  it('a file, once', async () => {
    const path = given('conn.log', connLog(0, 100))
    const first = await take(path)
    expect(first).toMatchObject({
      inputs: [{ name: path, format: 'zeek', records: { flow: 100 }, rejects: {}, known: false }],
      skipped: [],
    })
    expect((await take(path)).inputs).toEqual([{ ...first.inputs[0], known: true }])
    expect((await take(given('copy.log', connLog(0, 100)))).inputs[0]).toMatchObject({
      name: join(folder, 'copy.log'),
      known: true,
    })
    expect(await flows()).toBe(100)
  })

  it('the same content twice in one run, and says that the second is known', async () => {
    const paths = ['a.log', 'b.log', 'c.log'].map((name, i) => given(name, connLog(i === 2 ? 500 : 0, 10)))
    const { inputs } = await take(paths)
    expect(inputs.map(({ name, known }) => [name, known])).toEqual(paths.map((path, i) => [path, i === 1]))
    expect(await flows()).toBe(20)
  })

  it('the same flows with another column as duplicates only', async () => {
    await take(given('conn.log', connLog(0, 100)))
    const labelled = await take(given('conn.log.labeled', connLog(0, 120, 'Benign')))
    expect(labelled.inputs[0]).toMatchObject({ records: { flow: 20 }, duplicates: 100, known: false })
    expect(await flows()).toBe(120)
  })

  it('gzip, of several members too, and zstd', async () => {
    const halves = [connLog(0, 50), connLog(50, 50).split('\n').slice(3).join('\n')] as const
    await take(given('a.log.gz', Buffer.concat(halves.map((half) => gzipSync(half)))))
    expect(await flows()).toBe(100)
    await take(given('b.log.zst', zstdCompressSync(connLog(200, 30))))
    expect(await flows()).toBe(130)
  })

  it('directories in order of name, without hidden files, through links, whatever leads in a circle', async () => {
    mkdirSync(join(folder, 'logs', 'b'), { recursive: true })
    given('logs/a.log', connLog(0, 1))
    given('logs/b/c.log', connLog(1, 1))
    given('logs/.hidden.log', connLog(2, 1))
    symlinkSync('..', join(folder, 'logs', 'b', 'up'))
    symlinkSync('itself', join(folder, 'logs', 'itself'))
    symlinkSync('nowhere', join(folder, 'logs', 'broken'))
    symlinkSync(given('outside.log', connLog(3, 1)), join(folder, 'logs', 'z.log'))
    const { inputs, skipped } = await take(join(folder, 'logs'))
    expect(inputs.map(({ name }) => name.slice(folder.length))).toEqual([
      '/logs/a.log',
      '/logs/b/c.log',
      '/logs/z.log',
    ])
    expect(skipped.map(({ name, why }) => [name.slice(folder.length), why])).toEqual([
      ['/logs/broken', expect.stringContaining('there is no')],
      ['/logs/itself', 'cannot be read: its links lead in a circle'],
    ])
  })

  it('many small files with few statements', async () => {
    mkdirSync(join(folder, 'many'))
    const files = 20
    for (let i = 0; i < files; i++) given(`many/${i}.json`, eveLog(8, 8 * i))
    let statements = 0
    const counted: Store = {
      ...store,
      run: (query) => (statements++, store.run(query)),
      insert: (...rest) => (statements++, store.insert(...rest)),
    }
    await importInputs(counted, [join(folder, 'many')])
    const start = 40
    // An insert for each of four kinds of record; one ledger row for many files.
    expect(statements).toBeLessThan(start + 4 * files + files / 4)
    expect(await ledger(store)).toHaveLength(files)
  })

  it('with progress to the last byte', async () => {
    const paths = [given('a.log', connLog(0, 10)), given('b.log', connLog(10, 10))]
    const seen: { name: string; bytes: number; of: number; rows: number }[] = []
    await take(paths, { progress: (done) => seen.push(done) })
    expect(seen[0]).toMatchObject({ name: paths[0], bytes: 0, rows: 0 })
    expect(seen.at(-1)).toMatchObject({ name: paths[1], rows: 20 })
    expect(seen.at(-1)?.bytes).toBe(seen.at(-1)?.of)
    expect(seen.map(({ bytes }) => bytes)).toEqual(seen.map(({ bytes }) => bytes).toSorted((a, b) => a - b))
  })
})

it('goes into each folder once, however many links lead there', async () => {
  const names = Array.from({ length: 12 }, (_, i) => `d${i}`)
  for (const [i, name] of names.entries()) {
    mkdirSync(join(folder, 'web', name), { recursive: true })
    writeFileSync(join(folder, 'web', name, 'conn.log'), connLog(i * 10, 10))
  }
  for (const from of names)
    for (const to of names) if (from !== to) symlinkSync(join('..', to), join(folder, 'web', from, to))
  const { inputs } = await take(join(folder, 'web'))
  expect(inputs.map(({ records }) => records)).toEqual(names.map(() => ({ flow: 10 })))
})

it('names a file whose name is no text, and takes the others', async () => {
  mkdirSync(join(folder, 'names'))
  writeFileSync(join(folder, 'names', 'conn.log'), connLog(0, 10))
  writeFileSync(
    Buffer.concat([Buffer.from(join(folder, 'names/')), Buffer.from([0x61, 0xff])]),
    connLog(10, 10),
  )
  const { inputs, skipped } = await take(join(folder, 'names'))
  expect(inputs.map(({ records }) => records)).toEqual([{ flow: 10 }])
  expect(skipped).toMatchObject([
    { name: join(folder, 'names', 'a\ufffd'), why: 'has a name that is no UTF-8' },
  ])
})

describe('of bad input', () => {
  const refuses = (path: string, code: string, message: RegExp, options?: ImportOptions) =>
    expect(take(path, options)).rejects.toMatchObject({
      name: 'UserError',
      code,
      message: expect.stringMatching(message),
      hint: expect.stringMatching(/^\S.*\.$/),
    })

  it('a path that is not there', () => refuses(join(folder, 'none'), 'input-missing', /there is no .*none$/))
  it('an empty file', () => refuses(given('empty', ''), 'input-empty', /empty is empty$/))
  it('an empty gzip', () => refuses(given('empty.gz', gzipSync('')), 'input-empty', /is empty$/))
  it('a packed file whose name a shell would act on: the command in the hint takes it as a name', () =>
    expect(take(given("-a'; touch $(x).xz", Buffer.from('fd377a585a000004', 'hex')))).rejects.toMatchObject({
      hint: `Unpack it on the way: \`xz -dc '${folder}/-a'\\''; touch $(x).xz' | gannet run -\`.`,
    }))

  it('an empty directory', () => refuses(folder, 'input-unknown-format', /no files there$/))

  it('prose', () =>
    refuses(given('letter', 'Dear all,\n'), 'input-unknown-format', /letter is in no known format$/))

  it('binary junk', () =>
    refuses(
      given('junk', Buffer.from(Array.from({ length: 70_000 }, (_, i) => (i * 7919) & 255))),
      'input-unknown-format',
      /junk is in no known format$/,
    ))

  it.each([
    ['xz', Buffer.from('fd377a585a00', 'hex'), /other is an xz archive$/],
    [
      'nfdump of a later layout',
      Buffer.from(`0ca50300${'00'.repeat(40)}`, 'hex'),
      /an nfdump file of the unsupported layout 3/,
    ],
    [
      'a Zeek log that is not used',
      '#separator \\x09\n#path\tdpd\n#fields\tts\n',
      /that no stage uses \(dpd\)$/,
    ],
  ])('%s', (_, content, message) => refuses(given('other', content), 'input-unsupported', message))

  it('a zip that is not whole', () =>
    refuses(given('cut.zip', 'PK\u0003\u0004'), 'input-damaged', /cut\.zip is damaged: it has no directory/))

  it('a wrong format forced', () =>
    refuses(given('conn.log', connLog(0, 3)), 'option-invalid', /no format is called zeke/, {
      format: 'zeke',
    }))

  it('a directory of junk, each file named with the reason', async () => {
    given('a.bin', Buffer.alloc(100, 7))
    given('b', '')
    given('c.zip', 'PK\u0003\u0004')
    await refuses(
      folder,
      'input-unknown-format',
      /a\.bin: is in no known format; .*b: is empty; .*c\.zip: is damaged: it has no directory/,
    )
  })

  it('junk beside a log is skipped', async () => {
    given('conn.log', connLog(0, 5))
    given('notes.txt', 'to do\n')
    given('zz.gz', gzipSync(connLog(0, 5000)).subarray(0, 9000))
    const { inputs, skipped } = await take(folder)
    expect(inputs).toHaveLength(1)
    expect(skipped.map(({ why }) => why)).toEqual([
      'is in no known format',
      'is damaged: its gzip data is truncated or corrupt',
    ])
    expect(await flows()).toBe(5)
  })

  it('a log cut in the middle of a line: that record is a reject', async () => {
    const { inputs } = await take(given('conn.log', connLog(0, 10).slice(0, -30)))
    expect(inputs[0]).toMatchObject({ records: { flow: 9 }, rejects: { truncated: 1 } })
    expect(inputs[0]?.rejectSamples[0]).toMatchObject({ reason: 'truncated', position: 13 })
  })

  it('gzip that is cut or wrong inside: nothing of it is kept', async () => {
    const whole = gzipSync(connLog(0, 20_000))
    await refuses(
      given('cut.gz', whole.subarray(0, whole.length >> 1)),
      'input-damaged',
      /cut\.gz is damaged/,
    )
    const wrong = Buffer.from(whole)
    wrong.fill(0xff, whole.length >> 1, (whole.length >> 1) + 64)
    await refuses(given('wrong.gz', wrong), 'input-damaged', /wrong\.gz is damaged/)
    expect(await flows()).toBe(0)
    expect(await ledger(store)).toEqual([])
  })

  it('the files before a bad one stay', async () => {
    const good = given('good.log', connLog(0, 10))
    const bad = given('bad.log.gz', gzipSync(connLog(20, 10)).subarray(0, 100))
    await expect(take([good, bad])).rejects.toMatchObject({ code: 'input-damaged' })
    expect(await flows()).toBe(10)
    expect((await take(good)).inputs[0]?.known).toBe(true)
  })

  it('one that was named and holds nothing of use: it is left out, and the others are read', async () => {
    const loss =
      '{"ts":1700000000.5,"note":"CaptureLoss::Too_Much_Loss","msg":"loss","actions":["Notice::ACTION_LOG"]}\n'
    const named = [
      given('conn.log', connLog(0, 10)),
      given('notice.log', loss.repeat(4)),
      given('packet_filter.log', '#separator \\x09\n#path\tpacket_filter\n#fields\tts\n'),
      given('empty.log', ''),
      given('letter.log', 'Dear all,\n'),
    ]
    const { inputs, skipped } = await take(named)
    expect(inputs.map(({ records }) => records['flow'])).toEqual([10])
    expect(skipped.map(({ why }) => why.replace(/ \(.*/, ''))).toEqual([
      expect.stringMatching(
        /^4 of 4 records cannot be used: 4 of a kind that cannot be read; first at line 1: /,
      ),
      'is a Zeek log that no stage uses',
      'is empty',
      'is in no known format',
    ])
    await refuses(named[1]!, 'input-mostly-rejected', /4 of 4 records cannot be used/)
  })

  it('columns of a wrong type and absurd times: rejected by reason, one by one', async () => {
    const path = given(
      'conn.log',
      [
        headers.trimEnd(),
        line({}),
        line({ ts: 'yesterday' }, 1),
        line({ ts: '-5' }, 2),
        line({ ts: '1e300' }, 3),
        line({ 'id.orig_h': '999.1.2.3' }, 4),
        line({ 'id.resp_p': '70000' }, 5),
        line({ orig_pkts: 'many' }, 6),
        line({}, 7),
        line({}, 8),
        ...Array.from({ length: 10 }, (_, i) => line({}, 20 + i)),
        '',
      ].join('\n'),
    )
    const { inputs } = await take(path)
    expect(inputs[0]).toMatchObject({
      records: { flow: 13 },
      rejects: { 'bad-time': 3, 'bad-address': 1, 'bad-field': 2 },
    })
    const [span] = await store.rows('SELECT toFloat64(max(start) - min(start)) AS span FROM flow')
    expect(span).toEqual({ span: Math.round(29 * 0.37 * 1e6) })
  })

  it('times all over the ages, each of which is possible', async () => {
    const lines = Array.from({ length: 400 }, (_, i) => line({ ts: String(i * 20_000_000) }, i))
    await take(given('conn.log', `${headers}${lines.join('\n')}\n`))
    expect(await flows()).toBe(400)
  })

  it('mostly rejects: refused, or kept when that is wished', async () => {
    const bad = Array.from({ length: 4 }, (_, i) => line({ ts: 'x' }, i))
    const path = given('conn.log', `${headers}${[...bad, line({}, 9)].join('\n')}\n`)
    await refuses(
      path,
      'input-mostly-rejected',
      /conn\.log: 4 of 5 records cannot be used: 4 without a valid time; first at line 4: x/,
    )
    expect(await flows()).toBe(0)
    expect((await take(path, { acceptRejects: true })).inputs[0]).toMatchObject({
      records: { flow: 1 },
      rejects: { 'bad-time': 4 },
    })
  })

  it('as many rejects as records are kept: just on the line', async () => {
    const path = given('conn.log', `${headers}${[line({ ts: 'x' }), line({}, 1)].join('\n')}\n`)
    expect((await take(path)).inputs[0]).toMatchObject({ records: { flow: 1 }, rejects: { 'bad-time': 1 } })
  })

  it('two formats in one file: what is not the first is rejected', async () => {
    const mixed = `${connLog(0, 60)}${eveLog(40)}`
    const { inputs } = await take(given('mixed.log', mixed))
    expect(inputs[0]).toMatchObject({ format: 'zeek', records: { flow: 60 }, rejects: { truncated: 40 } })
  })

  it('a pipe, a device', async () => {
    const pipe = join(folder, 'pipe')
    spawnSync('mkfifo', [pipe])
    await refuses(pipe, 'input-unreadable', /pipe is not a regular file/)
    await refuses('/dev/zero', 'input-unreadable', /zero is not a regular file/)
    given('conn.log', connLog(0, 1))
    expect((await take(folder)).skipped).toEqual([
      { name: pipe, why: 'is not a regular file (a pipe, a device or a socket)' },
    ])
  })

  it('a link that leads to itself', async () => {
    symlinkSync('itself', join(folder, 'itself'))
    await refuses(
      join(folder, 'itself'),
      'input-unreadable',
      /itself cannot be read: its links lead in a circle/,
    )
  })

  const growingWhile = (path: string, added: string): { store: Store; grown: () => boolean } => {
    let grown = false
    const grow = (query: unknown) => {
      if (grown || !JSON.stringify(query).includes('LineAsString')) return
      grown = true
      appendFileSync(path, added)
    }
    const growing: Store = {
      ...store,
      rows: (query) => {
        grow(query)
        return store.rows(query)
      },
      run: (query) => {
        grow(query)
        return store.run(query)
      },
    }
    return { store: growing, grown: () => grown }
  }

  it('a large file that grows while it is read', async () => {
    const path = given('conn.log', connLog(0, 20_000))
    const growing = growingWhile(path, `${line({}, 50_000)}\n`)
    await expect(importInputs(growing.store, [path])).rejects.toMatchObject({
      code: 'input-unreadable',
      message: expect.stringMatching(/conn\.log changed while it was read$/),
    })
    expect([growing.grown(), await flows()]).toEqual([true, 0])
    expect((await take(path)).inputs[0]?.records).toEqual({ flow: 20_001 })
  })

  it('a small file that grows while it is read is taken as it was, and later the rest of it', async () => {
    const path = given('conn.log', connLog(0, 2000))
    const growing = growingWhile(path, `${line({}, 5000)}\n`)
    expect((await importInputs(growing.store, [path])).inputs[0]?.records).toEqual({ flow: 2000 })
    expect(growing.grown()).toBe(true)
    expect((await take(path)).inputs[0]?.records).toEqual({ flow: 1 })
    expect(await flows()).toBe(2001)
  })
})

describe('of a long file, read in stretches', () => {
  const stretches = { own: 20_000, beside: 100 }
  const long = connLog(0, 1000)

  it('the progress is told in bytes and rows as it goes on, of archives in bytes of the archive', async () => {
    for (const [name, bytes] of [
      ['conn.log', Buffer.from(long)],
      ['conn.log.gz', gzipSync(connLog(5000, 1000))],
    ] as const) {
      const seen: ImportProgress[] = []
      await take(given(name, bytes), { stretches, progress: (done) => seen.push({ ...done }) })
      expect(seen.at(-1)).toMatchObject({ bytes: bytes.length, of: bytes.length })
      const positions = seen.map((each) => each.bytes)
      expect(positions).toEqual([...positions].sort((a, b) => a - b))
      // An archive is read a megabyte at a time.
      const between = seen.filter((each) => each.bytes > 0 && each.bytes < bytes.length)
      if (name === 'conn.log') expect(new Set(between.map((each) => each.rows)).size).toBeGreaterThan(2)
    }
    expect(await flows()).toBe(2000)
  })

  it('the rows are in one load, under the line numbers of the file', async () => {
    const { inputs } = await take(given('conn.log', long), { stretches })
    expect(inputs).toMatchObject([{ records: { flow: 1000 }, rejects: {}, known: false }])
    const [found] = await store.rows<{ loads: number; least: number; most: number; n: number }>(
      'SELECT toFloat64(uniqExact(load)) AS loads, toFloat64(min(position)) AS least, toFloat64(max(position)) AS most, toFloat64(uniqExact(position)) AS n FROM flow_rows',
    )
    expect(found).toEqual({ loads: 1, least: 4, most: 1003, n: 1000 })
  })

  it('what fails in the middle leaves nothing', async () => {
    let inserts = 0
    const failing: Store = {
      ...store,
      run: (query) => {
        if (JSON.stringify(query).includes('LineAsString') && ++inserts === 3)
          throw new UserError('database-failed', 'the disk is full', '')
        return store.run(query)
      },
    }
    const path = given('conn.log', long)
    await expect(importInputs(failing, [path], { stretches })).rejects.toMatchObject({
      code: 'database-failed',
    })
    expect([inserts, await flows(), (await ledger(store)).length]).toEqual([3, 0, 0])
    expect((await take(path, { stretches })).inputs).toMatchObject([
      { records: { flow: 1000 }, known: false },
    ])
    const [rows] = await store.rows<{ n: number }>('SELECT toFloat64(count()) AS n FROM flow_rows')
    expect(rows?.n).toBe(1000)
  })

  it('what is known of it is not read again, also as an archive', async () => {
    const path = given('conn.log', long)
    await take(path, { stretches })
    expect((await take(path, { stretches })).inputs).toMatchObject([{ known: true }])
    appendFileSync(path, '#close\t2022-01-01\n')
    expect((await take(path, { stretches })).inputs).toMatchObject([{ known: true }])
    const grown = `${long}${connLog(1000, 800).split('\n').slice(3).join('\n')}`
    const more = await take(given('conn.log.gz', gzipSync(grown)), { stretches })
    expect(more.inputs).toMatchObject([{ records: { flow: 800 }, duplicates: 0, known: false }])
    expect(await take(given('whole.log', grown), { stretches })).toMatchObject({ inputs: [{ known: true }] })
    expect(await flows()).toBe(1800)
  })
})

describe('of files that have grown', () => {
  const positions = async () =>
    (await store.rows<{ p: number }>('SELECT toFloat64(position) AS p FROM flow ORDER BY p')).map(
      ({ p }) => p,
    )

  it('only the rest is taken, with the line numbers and headers of the file', async () => {
    const path = given('conn.log', connLog(0, 3))
    await take(path)
    appendFileSync(path, `${line({}, 3)}\nbroken\n${line({}, 4)}\n`)
    const again = await take(path)
    expect(again.inputs).toMatchObject([
      {
        records: { flow: 2 },
        duplicates: 0,
        rejects: { truncated: 1 },
        rejectSamples: [{ reason: 'truncated', position: 8, sample: 'broken' }],
        known: false,
      },
    ])
    expect(await positions()).toEqual([4, 5, 6, 7, 9])
    expect((await take(path)).inputs[0]?.known).toBe(true)
  })

  it('events of other kinds are not taken twice', async () => {
    const path = given('eve.json', eveLog(8))
    await take(path)
    appendFileSync(path, eveLog(8, 8))
    expect((await take(path)).inputs[0]?.records).toEqual({ flow: 2, dns: 2, http: 2, alert: 2 })
  })

  it('a compressed copy of a file, or of what it has become, is known by its content', async () => {
    const path = given('conn.log', connLog(0, 50))
    await take(path)
    expect((await take(given('conn.00.log.gz', gzipSync(connLog(0, 50))))).inputs[0]?.known).toBe(true)
    const closed = `${connLog(0, 50)}#close\t2024-01-01-00-00-00\n`
    expect((await take(given('conn.01.log.gz', gzipSync(closed)))).inputs[0]?.known).toBe(true)
    const more = `${connLog(0, 50)}${line({}, 50)}\n#close\t2024-01-01-00-00-00\n`
    expect((await take(given('conn.02.log.zst', zstdCompressSync(more)))).inputs[0]).toMatchObject({
      known: false,
      records: { flow: 1 },
    })
    expect(await flows()).toBe(51)
  })

  it('by more than fits in memory at once', async () => {
    const path = given('conn.log', connLog(0, 100))
    await take(path)
    appendFileSync(path, connLog(100, 20_000).split('\n').slice(3).join('\n'))
    expect((await take(path)).inputs[0]?.records).toEqual({ flow: 20_000 })
    expect((await positions()).at(-1)).toBe(20_103)
  })
})

describe('of many small files', () => {
  it('headers of one do not reach into the next, and each has its rejects and line numbers', async () => {
    const odd = ['#separator \\x09', '#unset_field\tnone', '#path\tconn', `#fields\t${connFields.join('\t')}`]
    given('a.log', `${odd.join('\n')}\n${line({ service: '-' }, 1)}\nbroken`)
    given('b.log', `${headers}${line({ service: '-' }, 2)}\n`)
    given('c.log', `${odd.slice(0, 2).join('\n')}\n#path\tdns\n`)
    given(
      'd.log',
      `#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tconn_state\n${[line({}, 3).split('\t').slice(0, 6).join('\t'), 'SF'].join('\t')}\n`,
    )
    const { inputs } = await take(folder)
    expect(inputs.map(({ name, rejects }) => [name.slice(folder.length + 1), rejects])).toEqual([
      ['a.log', { truncated: 1 }],
      ['b.log', {}],
      ['c.log', {}],
      ['d.log', {}],
    ])
    expect(inputs[0]?.rejectSamples).toMatchObject([{ position: 6, sample: 'broken' }])
    const rows = await store.rows('SELECT toFloat64(position) AS position, service FROM flow ORDER BY start')
    expect(rows).toEqual([
      { position: 5, service: '-' },
      { position: 4, service: '' },
      { position: 2, service: '' },
    ])
  })

  it('one that is damaged or mostly junk does not spoil the others', async () => {
    given('a.log', connLog(0, 10))
    given('b.log.gz', gzipSync(connLog(10, 1000)).subarray(0, 3000))
    given('c.log', `${headers}${'junk\n'.repeat(5)}`)
    given('d.log', connLog(20, 10))
    const { inputs, skipped } = await take(folder)
    expect(inputs.map(({ records }) => records)).toEqual([{ flow: 10 }, { flow: 10 }])
    expect(skipped.map(({ name, why }) => [name.slice(folder.length + 1), why.slice(0, 10)])).toEqual([
      ['b.log.gz', 'is damaged'],
      ['c.log', '5 of 5 rec'],
    ])
    expect(await flows()).toBe(20)
  })

  it('a question in one file is not taken for answered by another', async () => {
    const event = (type: string, flow = 5) =>
      `${JSON.stringify({ timestamp: '2024-01-01T00:00:00.000000+0000', flow_id: flow, event_type: 'dns', src_ip: '10.0.0.1', dest_ip: '192.0.2.1', src_port: 5000, dest_port: 53, proto: 'UDP', dns: { type, id: 7, rrname: 'example.net', rrtype: 'A' } })}\n`
    given('a.json', event('query'))
    given('b.json', event('answer'))
    given('c.json', `${event('query', 6)}${event('answer', 6)}`)
    expect((await take(folder)).inputs.map(({ records, rejects }) => [records, rejects])).toEqual([
      [{ dns: 1 }, {}],
      [{ dns: 1 }, {}],
      [{ dns: 1 }, { superseded: 1 }],
    ])
  })
})

const root = process.getuid?.() === 0
const nobody = 65_534
describe.skipIf(!root)(
  root ? 'without permission' : 'without permission (skipped: needs root to give it up)',
  () => {
    const asNobody = (...words: string[]) => {
      const program = `
      process.setgid(${nobody}); process.setuid(${nobody})
      const { importInputs } = await import('${new URL('./import.ts', import.meta.url).href}')
      const { openEmbedded } = await import('${new URL('../../store/embedded.ts', import.meta.url).href}')
      try {
        const store = await openEmbedded(${JSON.stringify(words[0])})
        await importInputs(store, ${JSON.stringify(words.slice(1))})
        console.log('done')
      } catch (error) { console.log(error.code + ': ' + error.message + ' | ' + error.hint) }
      process.exit()`
      return spawnSync(process.execPath, ['--input-type=module', '-e', program], {
        encoding: 'utf8',
        cwd: '/',
      })
    }

    it('to read a file: it is named', () => {
      const path = given('conn.log', connLog(0, 3))
      chmodSync(path, 0o600)
      chmodSync(folder, 0o777)
      const { stdout, stderr } = asNobody(join(folder, 'db'), path)
      expect(stdout + stderr).toContain(
        `input-unreadable: ${path} cannot be read: you may not read it | Check its`,
      )
    })

    it('to write the database: it is named', () => {
      const path = given('conn.log', connLog(0, 3))
      chmodSync(folder, 0o755)
      const { stdout, stderr } = asNobody(join(folder, 'db'), path)
      expect(stdout + stderr).toContain(
        `database-failed: ${join(folder, 'db')} cannot be written | Give --db`,
      )
    })
  },
)
