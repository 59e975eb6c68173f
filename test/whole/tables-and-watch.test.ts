/** What a person says of a table and keeps, and what a watch finds, by the command itself. */
import { spawn, spawnSync } from 'node:child_process'
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { openEmbedded } from '../../src/store/embedded.ts'
import { scanningLog } from '../fixtures/scanning-log.ts'
import { connCells, connLog } from '../fixtures/written-logs.ts'
import { slowness } from '../slowness.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const scratch = mkdtempSync(join(tmpdir(), 'gannet-tables-'))
const profiles = join(scratch, 'profiles')
const env = { ...process.env, GANNET_PROFILES: profiles }
afterAll(() => rmSync(scratch, { recursive: true, force: true, maxRetries: 5 }))

function gannet(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(join(root, 'gannet'), args, { encoding: 'utf8', env })
  return { code: status, out: stdout, err: stderr }
}

async function asked(db: string, question: string): Promise<Record<string, unknown>[]> {
  const store = await openEmbedded(db)
  return store.rows<Record<string, unknown>>(question).finally(() => store.close())
}

const given = (name: string, text: string): string => {
  const path = join(scratch, name)
  writeFileSync(path, text)
  return path
}
const tableOf = (from: number) =>
  given(
    `table-${from}.csv`,
    `when;who;"to whom";door;weight\n${Array.from({ length: 9 }, (_, i) => `${1_700_000_000_000 + from + i};10.0.0.1;192.0.2.${i};443;${100 + i}\n`).join('')}`,
  )
const map = 'when=start:ms,who=client,to whom=server,door=serverPort,weight=bytes,"tcp"=proto'

describe('a table of columns that no profile knows', () => {
  const db = join(scratch, 'tables.gannet')

  it('is refused with its columns, and read by --map, which --save-profile keeps', () => {
    const first = tableOf(0)
    const refused = gannet('import', first, '--db', db)
    expect([refused.code, refused.err]).toEqual([2, expect.stringContaining('to whom')])
    const kept = gannet('import', first, '--db', db, '--map', map, '--save-profile', 'doors')
    expect(kept).toMatchObject({ code: 0, out: expect.stringMatching(/csv, 9 flow/) })
    expect(kept.err).toContain(`kept profile doors in ${profiles}`)
    const file = JSON.parse(readFileSync(join(profiles, 'doors.json'), 'utf8'))
    expect(file).toMatchObject({
      name: 'doors',
      columns: { start: { from: ['when'], unit: 'ms' }, server: { from: ['to whom'] } },
      fixed: { proto: 'tcp' },
    })
  })

  it('is read by the name of what was kept, with the same values', async () => {
    expect(gannet('import', tableOf(1000), '--db', db, '--profile', 'doors')).toMatchObject({
      code: 0,
      out: expect.stringMatching(/csv, 9 flow/),
    })
    const [found] = await asked(
      db,
      'SELECT toString(min(start)) AS least, toString(max(start)) AS most, toFloat64(sum(bytes)) AS sum, any(proto) AS proto FROM flow',
    )
    expect(found).toEqual({
      least: '1700000000000000',
      most: '1700000001008000',
      sum: 2 * (9 * 100 + 36),
      proto: 'tcp',
    })
    expect(gannet('profiles').out).toContain('doors')
    expect(JSON.parse(gannet('profiles', 'doors').out)).toMatchObject({ name: 'doors' })
  })

  it('is not read by a map that lacks a column, names one twice over or is given with --profile', () => {
    const path = tableOf(2000)
    for (const [flags, message] of [
      [['--map', 'when=start,who=client'], /does not say where server is/],
      [['--map', 'when=start,who=client,x=server'], /profile map does not match/],
      [['--map', 'when=start:weeks,who=client,to whom=server'], /cannot be in weeks/],
      [['--map', map, '--profile', 'doors'], /both given/],
      [['--save-profile', 'more'], /no mapping to save/],
      [['--profile', 'nobody'], /nobody/],
    ] as const) {
      const { code, err } = gannet('import', path, '--db', db, ...flags)
      expect([code === 0, err]).toEqual([false, expect.stringMatching(message)])
    }
  })
})

describe('watch --analyze-every', () => {
  it('prints a finding once, when an import brought it, and waits its time for the next analysis', async () => {
    const [logs, db] = [join(scratch, 'logs'), join(scratch, 'watch.gannet')]
    mkdirSync(logs)
    writeFileSync(join(logs, 'conn.log'), connLog(0, 50))
    const child = spawn(
      join(root, 'gannet'),
      ['watch', logs, '--db', db, '--every', '0.3', '--settle', '0.3', '--analyze-every', '0.01'],
      { stdio: ['ignore', 'pipe', 'pipe'], env },
    )
    let out = ''
    child.stdout.on('data', (chunk) => {
      out += chunk
    })
    const gone = new Promise<number | null>((done) => child.once('exit', (code) => done(code)))
    const until = async (text: RegExp) => {
      for (let tries = 0; !text.test(out) && tries < 1200; tries++) await sleep(100)
      expect(out).toMatch(text)
    }
    try {
      await until(/50 flow/)
      await sleep(1500 * slowness())
      expect(out).not.toContain('10.0.0.66')
      writeFileSync(join(logs, 'conn.new.log'), scanningLog('10.0.0.66', 400))
      await until(/10\.0\.0\.66/)
      const shown = out.split('10.0.0.66').length
      // More of the clean host: analysed again, and nothing said again of the scan.
      appendFileSync(join(logs, 'conn.log'), `${connCells(60).join('\t')}\n`)
      await until(/, 1 flow/)
      await sleep(3000 * slowness())
      expect(out.split('10.0.0.66').length).toBe(shown)
    } finally {
      child.kill('SIGINT')
    }
    expect(await gone).toBe(0)
    const [analyses] = await asked(db, 'SELECT toFloat64(count()) AS n FROM analysis')
    expect(analyses?.['n']).toBeGreaterThanOrEqual(3)
  })
})
