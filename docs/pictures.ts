/**
 * The pictures of docs/guide: `node docs/pictures.ts [DATABASE]`. It opens the pages of `gannet serve` over a database
 * of the demo's records in Chromium and photographs them; for the last an analysis is started, and runs to its end.
 */
import { mkdirSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { workBeside } from '../src/cli/work-beside.ts'
import { createJobs, listen, openSession } from '../src/serve/index.ts'
import { openEmbedded } from '../src/store/embedded.ts'
import { openBrowser } from '../test/browser.ts'

const folder = fileURLToPath(new URL('guide/pictures/', import.meta.url))
const database = process.argv[2] ?? 'out/demo/day'
const decisions = `${database}.pictures.yaml`
/** A short way to the records of the demo, which lie beside the database. */
const records = join(tmpdir(), 'zeek-logs')

async function photographed(page: Page, url: string): Promise<void> {
  const go = async (path: string) => {
    await page.goto(new URL(path, url).href)
    await page.waitForSelector('main h1')
    await page.waitForFunction(() => document.querySelector('[aria-busy=true]') === null)
    await page.waitForTimeout(300)
  }
  const take = (name: string) => page.screenshot({ path: `${folder}${name}.png` })

  await go('/')
  await take('overview')
  const botnet = await page.getAttribute('#botnets ~ table a.mono', 'href')
  await go('/hosts')
  await take('hosts')
  // One that calls at regular intervals: its trace has something to show.
  await go('/hosts?kind=beacon')
  const host = await page.getAttribute('tr[data-at="0"] a', 'href')
  await go(host ?? '/hosts')
  await take('host')
  const trace = await page.getAttribute('a[href^="/trace"]', 'href')
  await go(trace ?? '/contacts')
  await take('trace')
  await page.click('text=Allow …')
  await page.waitForSelector('dialog[open]')
  await take('allow')
  await go(botnet ?? '/')
  await page.setViewportSize({ width: 1200, height: 1250 })
  await take('botnet')
  await page.setViewportSize({ width: 1200, height: 800 })
  await go(`/cplane?host=${host?.split('/').at(-1)}`)
  await take('cplane')
  await go(`/imports?${new URLSearchParams({ folder: records })}`)
  await page.click('button:text("Analyse")')
  await page.waitForFunction(() => (document.querySelector('progress')?.value ?? 0) >= 20, null, {
    timeout: 600_000,
  })
  await take('imports')
  // To its end: a stopped analysis leaves no C-flows for the map.
  await page.waitForSelector('.toast', { timeout: 600_000 })
}

const store = await openEmbedded(database)
const session = openSession({ store, decisions, ownersFor: async () => () => null })
const server = await listen(
  {
    session,
    version: '0.1.0',
    token: null,
    author: 'anna',
    jobs: createJobs(workBeside(store, { db: database }, [records]), session.renew),
  },
  { host: '127.0.0.1', port: 0 },
)
const browser = await openBrowser()
try {
  mkdirSync(folder, { recursive: true })
  symlinkSync(resolve(dirname(database), 'records'), records)
  await photographed(await browser.newPage({ viewport: { width: 1200, height: 800 } }), server.url)
} finally {
  await browser.close()
  await server.close()
  await store.close()
  rmSync(decisions, { force: true })
  rmSync(records, { force: true })
}
