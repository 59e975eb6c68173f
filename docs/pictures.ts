/**
 * The pictures of docs/guide: `node docs/pictures.ts [DATABASE]`. It opens the pages of `gannet serve` over a database
 * of the demo's records in Chromium and photographs them.
 */
import { mkdirSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { listen, openSession } from '../src/serve/index.ts'
import { openEmbedded } from '../src/store/embedded.ts'
import { openBrowser } from '../test/browser.ts'

const folder = fileURLToPath(new URL('guide/pictures/', import.meta.url))
const database = process.argv[2] ?? 'out/demo/day'
const decisions = `${database}.pictures.yaml`

async function photographed(page: Page, url: string): Promise<void> {
  const go = async (path: string) => {
    await page.goto(new URL(path, url).href)
    await page.waitForSelector('main h1')
    await page.waitForTimeout(300)
  }
  const take = (name: string) => page.screenshot({ path: `${folder}${name}.png` })

  await go('/')
  await take('overview')
  const botnet = await page.getAttribute('#botnets ~ table a.mono', 'href')
  await go('/hosts')
  await take('hosts')
  const host = await page.getAttribute('tr[data-at="1"] a', 'href')
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
}

const store = await openEmbedded(database)
const session = openSession({ store, decisions, ownersFor: async () => () => null })
const server = await listen(
  { session, version: '0.1.0', token: null, author: 'anna' },
  { host: '127.0.0.1', port: 0 },
)
const browser = await openBrowser()
try {
  mkdirSync(folder, { recursive: true })
  await photographed(await browser.newPage({ viewport: { width: 1200, height: 800 } }), server.url)
} finally {
  await browser.close()
  await server.close()
  await store.close()
  rmSync(decisions, { force: true })
}
