/** The command as a person or a script meets it: a real process, its exit code, its two streams. */
import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Answer } from '../../src/model/answer.ts'
import { openEmbedded } from '../../src/store/embedded.ts'
import { checkAnswer } from '../contracts/answer.ts'
import { scanBegins, scanningLog } from '../fixtures/scanning-log.ts'
import { connCells, connFields, connLog } from '../fixtures/written-logs.ts'
import { ethernet, pcapFile } from '../frames.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const scratch = mkdtempSync(join(tmpdir(), 'gannet-cli-'))
const temporary = join(scratch, 'tmp')
mkdirSync(temporary)
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

const environment = { ...process.env, TMPDIR: temporary }

/** Runs the command to its end, with both streams in a pipe. */
function gannet(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(join(root, 'gannet'), args, {
    encoding: 'utf8',
    env: environment,
    maxBuffer: 64e6,
  })
  return { code: status, out: stdout, err: stderr }
}

const given = (name: string, content: string | Uint8Array): string => {
  const path = join(scratch, name)
  writeFileSync(path, content)
  return path
}

const clean = given('clean.log', connLog(0, 200))
const scan = given('scan.log', scanningLog('10.0.0.66', 400))
const db = join(scratch, 'site.gannet')
const answerIn = (text: string) => JSON.parse(text) as Answer

const schema = JSON.parse(readFileSync(join(root, 'docs/reference/answer.schema.json'), 'utf8'))
const isAnswer = new Ajv2020({ strict: false, formats: { date: true } }).compile(schema)
function expectContract(answer: Answer) {
  isAnswer(answer)
  expect(isAnswer.errors).toBeNull()
  expect(checkAnswer(answer)).toEqual([])
}

describe('gannet', () => {
  it('ends quietly when whoever reads its output has had enough', () => {
    const { status, stderr } = spawnSync('sh', ['-c', '"$0" --help | true', join(root, 'gannet')], {
      encoding: 'utf8',
      env: environment,
    })
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  })
})

describe('gannet run', () => {
  it('prints the answer and nothing else, and exits 0 when something was found', () => {
    const { code, out, err } = gannet('run', scan)
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toMatch(/^Read 1 input: 400 flows/)
    expect(out).toMatch(/^ {2}MEDIUM {2}10\.0\.0\.66 scans/m)
    expect(readdirSync(temporary)).toEqual([])
  })

  it('prints with --json one object that keeps the contract; with --fail-on high exits 0 for a medium finding', () => {
    const { code, out, err } = gannet('run', scan, clean, '--json', '--fail-on', 'high')
    expect({ code, err }).toEqual({ code: 0, err: '' })
    const answer = answerIn(out)
    expectContract(answer)
    expect(answer.hosts.map(({ host }) => host)).toEqual(['10.0.0.66'])
  })

  it('accuses nobody on clean records, and still keeps the contract', () => {
    const { code, out } = gannet('run', clean, '--json', '--fail-on', 'note')
    expect(code).toBe(0)
    expectContract(answerIn(out))
    expect(answerIn(out).hosts).toEqual([])
  })

  it('writes the reports that were asked for; with --fail-on note exits 1 for a medium finding', () => {
    const [html, csv] = [join(scratch, 'a.html'), join(scratch, 'a.csv')]
    const words = ['--html', html, '--csv', csv, '--fail-on', 'note']
    expect(gannet('run', scan, ...words)).toMatchObject({ code: 1, err: '' })
    expect(readFileSync(html, 'utf8')).toContain('10.0.0.66')
    expect(readFileSync(csv, 'utf8')).toContain('10.0.0.66')
  })

  it('says which prefix looks internal where no address is private', () => {
    const cells = (i: number) => connCells(i).with(2, `192.0.2.${1 + (i % 40)}`)
    const lines = Array.from({ length: 200 }, (_, i) => cells(i).join('\t'))
    const path = given('public.log', `${connLog(0, 0)}${lines.join('\n')}\n`)
    expect(gannet('run', path).out).toMatch(/192\.0\.2\.0\/24 looks internal.*\n?.*--internal/)
  })
})

describe('what the user can fix', () => {
  const changed = (change: Readonly<Record<string, string>>, rows = 20) =>
    connLog(0, 0) +
    Array.from(
      { length: rows },
      (_, i) => `${connFields.map((field, at) => change[field] ?? connCells(i)[at]).join('\t')}\n`,
    ).join('')
  mkdirSync(join(scratch, 'junk'))
  given('junk/a.bin', Buffer.alloc(100, 7))
  given('junk/b.zip', 'PK\u0003\u0004')

  const bad: [string, RegExp, string[]][] = [
    ['a missing file', /there is no .*nowhere/, ['run', join(scratch, 'nowhere')]],
    ['an empty file', /empty\.log is empty/, ['run', given('empty.log', '')]],
    ['a binary file', /blob is in no known format/, ['run', given('blob', Buffer.alloc(5000, 129))]],
    [
      'a truncated gzip',
      /cut\.log\.gz is damaged/,
      ['run', given('cut.log.gz', gzipSync(connLog(0, 5000)).subarray(0, 9000))],
    ],
    ['prose', /letter\.txt is in no known format/, ['run', given('letter.txt', 'Dear all,\n')]],
    [
      'columns of the wrong type',
      /typed\.log: 20 of 20 records cannot be used/,
      ['run', given('typed.log', changed({ 'id.resp_p': 'https' }))],
    ],
    [
      'absurd times',
      /times\.log: 20 of 20 records cannot be used: 20 without a valid time/,
      ['run', given('times.log', changed({ ts: '99999999999999' }))],
    ],
    ['a directory of junk', /nothing in .*junk can be read/, ['run', join(scratch, 'junk')]],
    ['a format that is not known', /no format is called zeke/, ['run', clean, '--format', 'zeke']],
    ['an internal network that is none', /./, ['run', clean, '--internal', '10.0.0.0/99']],
    ['a list that is not there', /./, ['run', clean, '--allow', join(scratch, 'none')]],
    ['a report that cannot be written', /cannot be written/, ['run', clean, '--html', '/dev/null/x.html']],
    ['no database', /no database is given/, ['findings']],
    ['two databases', /--db and --url/, ['findings', '--db', 'x', '--url', 'http://127.0.0.1']],
    ['a database that is not there', /there is no database/, ['findings', '--db', join(scratch, 'none')]],
    [
      'a server that is not there',
      /no ClickHouse server answers/,
      ['findings', '--url', 'http://127.0.0.1:9/gannet'],
    ],
    ['a file as a database', /is not a folder/, ['import', clean, '--db', clean]],
  ]

  it.each(bad)('%s: one line, one hint, exit 2', (_, message, args) => {
    const { code, out, err } = gannet(...args)
    const [first = '', hint = '', ...rest] = err.trimEnd().split('\n')
    expect(code).toBe(2)
    expect(out).toBe('')
    expect(first).toMatch(/^gannet: /)
    expect(first).toMatch(message)
    expect(hint).toMatch(/^ {2}\S.*\.$/)
    expect(rest).toEqual([])
    expect(readdirSync(temporary)).toEqual([])
  })

  it.each([
    [['run']],
    [['fly']],
    [['run', clean, '--seed', '-1']],
    [['run', clean, '--threshold', 'much']],
    [['run', clean, '--fail-on', 'dire']],
    [['run', clean, '--nothing']],
  ])('%j: exit 2 and a way to the help', (args) => {
    const { code, err } = gannet(...args)
    expect(code).toBe(2)
    expect(err).toMatch(/gannet (\w+ )?--help/)
    expect(err).not.toMatch(/^ +at /m)
  })

  it('says what flows are made without, by line or packet', () => {
    const log = given('partly.log', `${connLog(0, 1)}${changed({ ts: 'x' }, 1).split('\n').at(-2)}\n`)
    const made = gannet('flows', log, '--out', '-', '--format', 'csv')
    expect(made.out.trimEnd().split('\n')).toHaveLength(2)
    expect(made.err).toBe(
      `gannet: ${log}: 1 record left out, without a valid time; first at line ` +
        `${connLog(0, 1).split('\n').length}\ngannet: 1 flow of 1 input\n`,
    )
    const capture = given('arp.pcap', pcapFile([{ bytes: ethernet(0x0806, Buffer.alloc(28)), at: 1.77e9 }]))
    expect(gannet('flows', capture, '--out', '-', '--format', 'csv').err).toContain(
      'arp.pcap: 1 packet left out, not IP (such as ARP); first at packet 1\n',
    )
  })

  it('keeps good records beside bad ones, and counts the bad', () => {
    const broken = connLog(0, 3).split('\n').at(-2)!.replace('198.51.100', 'nowhere')
    const { code, out } = gannet('run', given('mixed.log', `${connLog(0, 100)}${broken}\nxx\n`))
    expect(code).toBe(0)
    expect(out).toMatch(/2 of 102 records rejected in\s.*mixed\.log/)
  })

  it('a bug of ours: exit 70 and where it happened', () => {
    const broken = given('broken.mjs', `Map.groupBy = () => { throw new RangeError('ours') }\n`)
    const { status, stderr } = spawnSync(join(root, 'gannet'), ['run', scan], {
      encoding: 'utf8',
      env: { ...environment, NODE_OPTIONS: `--import ${broken}` },
    })
    expect(status).toBe(70)
    expect(stderr).toMatch(/^gannet: this is a bug, please report it\nRangeError: ours\n +at /)
  })
})

describe('step by step', () => {
  beforeAll(() => {
    expect(gannet('import', clean, '--db', db)).toMatchObject({ code: 0, err: '' })
    expect(gannet('findings', '--db', db).err).toMatch(/has not been analysed\n {2}Run: gannet analyze/)
    expect(gannet('analyze', '--db', db)).toMatchObject({ code: 0, err: '' })
    expect(gannet('import', scan, '--db', db)).toMatchObject({ code: 0 })
    expect(gannet('analyze', '--db', db, '--json')).toMatchObject({ code: 0, err: '' })
  })

  it('knows an input that it has imported', () => {
    expect(gannet('import', scan, '--db', db).out).toBe(`${scan}: imported before, nothing to do\n`)
  })

  it('tells the findings again as JSON; with --fail-on medium exits 1 for a medium one', () => {
    const { code, out } = gannet('findings', '--db', db, '--json', '--fail-on', 'medium')
    expect(code).toBe(1)
    const answer = answerIn(out)
    expectContract(answer)
    expect(answer.hosts.map(({ host }) => host)).toEqual(['10.0.0.66'])
  })

  it('shows an accused host with its findings and what was seen', () => {
    const { out } = gannet('show', '10.0.0.66', '--db', db)
    expect(out).toContain('10.0.0.66 is accused of scan')
    expect(out).toContain('It called 400 hosts in 400 flows, 400 of them refused')
    expect(out).toMatch(/scan \(horizontal-scan\): 400 times, 400 targets/)
  })

  it('shows what was seen of a host that is not accused', () => {
    const { out } = gannet('show', '10.0.0.1', '--db', db)
    expect(out).toContain('10.0.0.1 is not accused of anything.')
    expect(out).toMatch(/It called 1 host in 1 flow, 0 of them refused/)
    expect(out).toMatch(/- 198\.51\.100\.\d+:443\/tcp: 1 flow/)
    expect(gannet('show', '192.0.2.9', '--db', db).out).toContain('No flow of 192.0.2.9 was seen.')
    expect(gannet('show', 'printer', '--db', db)).toMatchObject({ code: 2 })
  })

  it('runs the statement of an evidence again, as it is printed', () => {
    const [finding] = answerIn(gannet('findings', '--db', db, '--json').out).findings
    const { id, evidence } = finding!
    expect(gannet('evidence', id, '--db', db).out).toContain('4. ')
    const rows = gannet('evidence', id, '1', '--db', db).out
    expect(rows.trim().split('\n')).toHaveLength(400)
    const statement = gannet('evidence', id, '1', '--sql', '--db', db).out
    expect(gannet('sql', statement, '--db', db).out).toBe(rows)
    const { sql, params } = evidence[0]!.query
    const texts = (value: unknown) => (Array.isArray(value) ? `[${value.map((each) => `'${each}'`)}]` : value)
    const named = Object.entries(params).flatMap(([name, value]) => ['--param', `${name}=${texts(value)}`])
    expect(gannet('sql', sql, ...named, '--db', db).out).toBe(rows)
    expect(gannet('evidence', id, '99', '--db', db)).toMatchObject({ code: 2 })
    expect(gannet('evidence', 'f000', '--db', db)).toMatchObject({ code: 2 })
  })

  it('tells only what is new, also when a day has come on', () => {
    const later = given('later.log', scanningLog('10.0.0.77', 400, scanBegins + 86_400))
    expect(gannet('findings', '--new', '--db', db).out).toContain('10.0.0.66 scans')
    gannet('import', later, '--db', db)
    gannet('analyze', '--db', db)
    const all = answerIn(gannet('findings', '--json', '--db', db).out)
    expect(all.hosts.map(({ host }) => host)).toEqual(['10.0.0.66', '10.0.0.77'])
    const news = answerIn(gannet('findings', '--new', '--json', '--db', db).out)
    expectContract(news)
    expect(news.hosts.map(({ host }) => host)).toEqual(['10.0.0.77'])
    gannet('analyze', '--db', db)
    expect(answerIn(gannet('findings', '--new', '--json', '--db', db).out).findings).toEqual([])
  })

  it('analyses again with another list, without the inputs; the list removes no activity', () => {
    const list = given('allow.txt', '198.51.100.0/24\n')
    const filters = (text: string) => answerIn(text).analysis.epochs[0]!.filters.map(({ name }) => name)
    const before = gannet('findings', '--db', db, '--json').out
    const after = gannet('analyze', '--db', db, '--json', '--allow', list).out
    expect(filters(before)).not.toContain('F3')
    expect(filters(after)).toContain('F3')
    const f3 = answerIn(after).analysis.epochs[0]!.filters.find(({ name }) => name === 'F3')
    expect(f3).toMatchObject({ in: 200, out: 0 })
    expect(answerIn(after).hosts).toEqual(answerIn(before).hosts)
  })

  it('says that a statement is wrong', () => {
    const { code, err } = gannet('sql', 'SELEC 1', '--db', db)
    expect(code).toBe(2)
    expect(err.split('\n')[0]).toMatch(/^gannet: the engine refused the statement: .*Syntax error/)
  })

  it('says that another process holds the database', async () => {
    const store = await openEmbedded(db)
    try {
      expect(gannet('findings', '--db', db)).toMatchObject({
        code: 2,
        out: '',
        err: expect.stringMatching(/^gannet: another process \(\d+\) is using .*\n {2}Wait for it .*\n$/),
      })
    } finally {
      await store.close()
    }
  })
})

describe('an interrupt', () => {
  // While the engine opens, while the lines are cut, while they are read: each has files of its own.
  it.each([100, 500, 1000])(
    'ends the command, which a shell calls 130, and leaves no file behind, %i ms after its first',
    async (delay) => {
      const large = given('large.log', connLog(0, 300_000))
      const running = spawn(process.execPath, [join(root, 'src/cli/main.ts'), 'run', large], {
        env: environment,
        stdio: 'ignore',
      })
      const gone = new Promise((done) => running.once('exit', (_code, signal) => done(signal)))
      while (!readdirSync(temporary).some((name) => name.startsWith('gannet-'))) await sleep(20)
      await sleep(delay)
      running.kill('SIGINT')
      expect(await gone).toBe('SIGINT')
      expect(readdirSync(temporary)).toEqual([])
    },
  )
})
