/** From an empty database to a ranked list with the pages alone: an import and an analysis are started from there. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { workBeside } from '../src/cli/work-beside.ts'
import { createJobs, listen, openSession } from '../src/serve/index.ts'
import { openEmbedded } from '../src/store/embedded.ts'
import { prepare } from '../src/store/ledger.ts'
import type { Store } from '../src/store/store.ts'
import { describeWithBrowser, openBrowser } from './browser.ts'
import { scanningLog } from './fixtures/scanning-log.ts'
import { connCells, connFields } from './fixtures/written-logs.ts'

/** Hosts that call a few services again and again, so that there are C-flows; the scanner is one of them. */
function callingLog(): string {
  const clients = [...Array.from({ length: 20 }, (_, i) => `10.0.0.${i + 1}`), '10.0.0.66']
  const rows = clients.flatMap((client, c) =>
    Array.from({ length: 24 }, (_, i) =>
      connCells(c * 1000 + i * 97)
        .with(1, `K${c}-${i}`)
        .with(2, client)
        .with(4, `198.51.100.${(c + i) % 4}`)
        .join('\t'),
    ),
  )
  return ['#separator \\x09', '#path\tconn', `#fields\t${connFields.join('\t')}`, ...rows, ''].join('\n')
}

describeWithBrowser('work that is started from a page', () => {
  const folder = mkdtempSync(join(tmpdir(), 'gannet-work-'))
  const logs = join(folder, 'logs')
  let store: Store
  let browser: Browser
  let page: Page
  let server: Awaited<ReturnType<typeof listen>>
  const faults: string[] = []

  beforeAll(async () => {
    mkdirSync(join(logs, 'monday'), { recursive: true })
    writeFileSync(join(logs, 'monday', 'conn.log'), scanningLog('10.0.0.66', 600))
    writeFileSync(join(logs, 'monday', 'conn.calls.log'), callingLog())
    writeFileSync(join(logs, 'letter.txt'), 'Dear all, this is no log.\n')
    store = await openEmbedded(join(folder, 'db'))
    await prepare(store)
    const session = openSession({ store, decisions: null, ownersFor: async () => () => null })
    server = await listen(
      {
        session,
        version: '0.1.0',
        token: null,
        author: 'anna',
        jobs: createJobs(workBeside(store, { db: join(folder, 'db') }, [logs]), session.renew),
      },
      { host: '127.0.0.1', port: 0 },
    )
    browser = await openBrowser()
    page = await browser.newPage({ viewport: { width: 1280, height: 900 } })
    page.on('pageerror', ({ message }) => faults.push(message))
  })
  afterAll(async () => {
    await browser?.close()
    await server?.close()
    await store?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  const send = (body: unknown, headers: Record<string, string> = {}) =>
    fetch(new URL('/jobs', server.url), {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    })

  it('says that nothing was read, and leads to where one imports', async () => {
    await page.goto(server.url)
    await page.click('text=Import records and analyse them')
    await page.waitForSelector('text=Nothing was imported yet.')
    await page.click(`a.mono:has-text("${logs}")`)
    await page.waitForSelector('text=letter.txt')
  })

  it('says what went wrong with a file that is no log', async () => {
    await page.check('label:has-text("letter.txt") input')
    await page.click('button:has-text("Import 1 path")')
    await page.waitForSelector('.toast >> text=failed')
    await page.waitForSelector('.warn >> text=Import and analysis failed.')
  })

  it('imports, analyses, and shows the ranked list', async () => {
    await page.goto(new URL('/imports', server.url).href)
    await page.click(`a.mono:has-text("${logs}")`)
    await page.check('label:has-text("monday/") input')
    await page.click('button:has-text("Import 1 path")')
    await page.waitForSelector('.job progress')
    await page.waitForSelector('.toast >> text=Import and analysis is done.', { timeout: 60_000 })
    expect(await page.textContent('.told')).toMatch(/1\s104 records of 2 files.*1 host accused/s)
    await page.keyboard.press('g')
    await page.waitForSelector('tr[data-at] >> text=10.0.0.66')
    expect(faults).toEqual([])
  })

  it('shows the C-plane, marks a host in it, and looks into a cluster', async () => {
    await page.goto(new URL('/hosts/10.0.0.66', server.url).href)
    await page.click('text=In the C-plane')
    await page.waitForSelector('.map .ring')
    const data = await (await fetch(new URL('/cplane.json?host=10.0.0.66', server.url))).json()
    expect(data).toMatchObject({ epoch: 0, hosts: 21, active: 1, axes: [{}, {}] })
    expect(data.clusters).toHaveLength(data.total)
    const own = data.clusters.filter(({ holds }: { holds: boolean }) => holds)
    expect(own.length).toBeGreaterThan(0)
    expect(own.every(({ active }: { active: number }) => active === 1)).toBe(true)
    expect(await page.locator('.map .mark').count()).toBe(data.total + 5)
    await page.click(`th a:text-is("${own[0].id}")`)
    await page.waitForSelector('#chosen')
    expect(await page.textContent('main')).toContain('198.51.100.')
    expect(new URL(page.url()).searchParams.get('cluster')).toBe(own[0].id)
    for (const wrong of ['epoch=7', 'epoch=x', 'host=x', 'cluster=none'])
      expect((await fetch(new URL(`/cplane.json?${wrong}`, server.url))).ok, wrong).toBe(false)
    expect(faults).toEqual([])
  })

  it('takes one job at a time, only from here and only from the folder', async () => {
    expect((await send({ analyse: true }, { origin: 'http://evil.example' })).status).toBe(403)
    expect((await send({ analyse: true }, { 'content-type': 'text/plain' })).status).toBe(403)
    expect((await send({ paths: [join(folder, 'db')] })).status).toBe(400)
    expect((await send({})).status).toBe(400)
    const answers = await Promise.all([send({ analyse: true }), send({ analyse: true })])
    expect(answers.map(({ status }) => status).toSorted()).toEqual([202, 409])
    const stopped = await fetch(new URL('/jobs', server.url), {
      method: 'DELETE',
      headers: { 'content-type': 'application/json' },
    })
    const { job } = (await stopped.json()) as { job: { state: string } }
    expect(job.state).toBe('stopped')
    expect((await (await fetch(new URL('/hosts.json', server.url))).json()).total).toBe(1)
  })
})
