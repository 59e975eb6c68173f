/** The pages of `gannet serve` in a real browser: what an analyst does with them. */
import { readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { ratio } from '../src/model/units.ts'
import { listen } from '../src/serve/index.ts'
import { describeWithBrowser, openBrowser } from './browser.ts'
import { hostile } from './fixtures/any-answer.ts'
import { lone, loneBot, sampleAnswer, scanner } from './fixtures/sample-answer.ts'
import { openServed, type Served } from './fixtures/served.ts'
import { slowness } from './slowness.ts'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

describeWithBrowser('the pages', () => {
  let served: Served
  let browser: Browser
  let server: Awaited<ReturnType<typeof listen>>
  let page: Page
  const faults: string[] = []

  beforeAll(async () => {
    served = await openServed()
    server = await listen(
      { session: served.session, version: '0.1.0', token: null, author: 'anna' },
      { host: '127.0.0.1', port: 0 },
    )
    browser = await openBrowser()
  })
  afterAll(async () => {
    await browser?.close()
    await server?.close()
    await served?.close()
  })
  beforeEach(async () => {
    rmSync(served.decisions, { force: true })
    faults.length = 0
    await page?.close()
    page = await browser.newPage({ viewport: { width: 1280, height: 900 } })
    page.on('pageerror', ({ message }) => faults.push(message))
    page.on('console', (message) => {
      if (message.type() === 'error') faults.push(message.text())
    })
    page.on('dialog', (dialog) => faults.push(`dialog ${dialog.message()}`))
  })

  const open = async (path: string) => {
    await page.goto(new URL(path, server.url).href)
    await page.waitForSelector('main h1')
  }
  /** Serious and critical faults that axe-core finds by the rules of WCAG 2.2 A and AA. */
  const seriousFaults = async (): Promise<string[]> => {
    if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(axe)
    const { violations } = await page.evaluate(() =>
      // biome-ignore lint/suspicious/noExplicitAny: a global that the checker makes
      (globalThis as any).axe.run(document, {
        runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'],
      }),
    )
    return violations
      .filter(({ impact }: { impact: string }) => impact === 'serious' || impact === 'critical')
      .map(
        ({ id, nodes }: { id: string; nodes: { html: string }[] }) =>
          `${id}: ${nodes[0]?.html.slice(0, 200)}`,
      )
  }
  const addresses = [
    '/',
    '/hosts',
    `/hosts/${loneBot}`,
    '/hosts/10.9.9.9',
    '/contacts',
    `/botnets/${sampleAnswer.botnets[0]!.id}`,
    `/findings/${sampleAnswer.findings[0]!.id}`,
    `/trace?host=${loneBot}&address=${lone.address}&port=443&protocol=tcp`,
    `/names/${lone.name}`,
    '/cplane',
    '/changes',
    '/decisions',
    '/imports',
    '/method',
    '/method/glossary',
  ]

  /** Their scripts ask how wide the page is when they first draw; of the others only the styles do. */
  const drawnByWidth = ['/hosts', '/cplane']

  it.each(addresses)(
    '%s opens without a fault or a serious one for a screen reader, fits 360 pixels, in the dark too, and prints',
    async (path) => {
      await open(path)
      expect(faults).toEqual([])
      expect(await seriousFaults(), 'wide').toEqual([])

      await page.setViewportSize({ width: 360, height: 740 })
      await page.emulateMedia({ colorScheme: 'dark' })
      if (drawnByWidth.includes(path)) await open(path)
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360)
      const paper = await page.evaluate(() => getComputedStyle(document.body).backgroundColor)
      expect(paper).toBe('rgb(20, 23, 28)')
      expect(await seriousFaults(), 'narrow and dark').toEqual([])

      await page.emulateMedia({ media: 'print', colorScheme: 'light' })
      expect(await page.isVisible('header.top nav')).toBe(false)
      expect(await page.isVisible('main h1')).toBe(true)
      expect(faults).toEqual([])
    },
  )

  it('from a false alarm to a ranked list without it, and back, in under ten seconds', async () => {
    const begun = performance.now()
    await open(`/hosts?text=${scanner}`)
    await page.waitForSelector(`text=${scanner}`)
    await page.keyboard.press('a')
    await page.waitForSelector('dialog[open]')
    await page.fill('[name=reason]', 'our scanner')
    await page.click('dialog button.main')
    await page.waitForSelector('.toast >> text=1 host no longer accused')
    await page.waitForSelector('.chip.allowed')
    expect(performance.now() - begun).toBeLessThan(10_000 * slowness())
    await page.click('.toast >> text=Undo')
    await page.waitForSelector('.chip.allowed', { state: 'detached' })
    expect(faults).toEqual([])
  })

  it('asks again where a decision hides a confirmed bot', async () => {
    await open(`/hosts/${loneBot}`)
    await page.click('text=Confirm …')
    await page.click('dialog button.main')
    await page.waitForSelector('.chip.confirmed')
    await page.click('text=Allow …')
    await page.click('dialog button.main')
    await page.waitForSelector('dialog .warn >> text=contradict each other')
    await page.click('text=Decide all the same')
    await page.waitForSelector('.chip.allowed')
    // The server answers the first try with a conflict, which the browser logs.
    expect(faults.filter((each) => !each.includes('409'))).toEqual([])
  })

  it('with the keyboard alone: move, open, go back to where one was, filter', async () => {
    await open('/hosts')
    await page.keyboard.press('j')
    await page.keyboard.press('j')
    await page.keyboard.press('k')
    const chosen = await page.textContent('tr[aria-selected=true] th')
    await page.keyboard.press('Enter')
    await page.waitForFunction(
      (host) => document.querySelector('h1')?.textContent?.includes(host),
      chosen!.trim(),
    )
    await page.goBack()
    await page.waitForSelector('tr[aria-selected=true]')
    expect(await page.textContent('tr[aria-selected=true] th')).toBe(chosen)
    await page.keyboard.press('/')
    await page.keyboard.type('status.example')
    await page.waitForFunction(() => document.querySelectorAll('tr[data-at]').length === 1)
    expect(new URL(page.url()).searchParams.get('text')).toBe('status.example')
    await page.keyboard.press('Escape')
    await page.keyboard.press('n')
    await page.waitForSelector('dialog[open]')
    await page.keyboard.press('Escape')
    await page.waitForSelector('dialog', { state: 'detached' })
    expect(faults).toEqual([])
  })

  it('decides with the keyboard alone, and the focus is back where it was', async () => {
    await open('/hosts')
    await page.keyboard.press('Tab')
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('To the content')
    await page.keyboard.press('j')
    const chosen = await page.textContent('tr[aria-selected=true] th')
    await page.keyboard.press('t')
    await page.waitForSelector('dialog[open]')
    expect(await seriousFaults()).toEqual([])
    await page.keyboard.type('lab')
    await page.keyboard.press('Enter')
    await page.waitForSelector(`tr[aria-selected=true] .chip >> text=lab`)
    expect(await page.textContent('tr[aria-selected=true] th')).toBe(chosen)
    await page.keyboard.press('k')
    await page.waitForSelector('tr[data-at="0"][aria-selected=true]')
    expect(faults).toEqual([])
  })

  it('exports decisions, and imports them again', async () => {
    await open(`/hosts/${scanner}`)
    await page.click('text=Allow …')
    await page.click('dialog button.main')
    await page.waitForSelector('.chip.allowed')
    await open('/decisions')
    const [download] = await Promise.all([page.waitForEvent('download'), page.click('text=Export')])
    const file = await download.path()
    await page.click('button:text("Undo")')
    await page.waitForSelector('text=Nothing was decided yet.')
    await page.setInputFiles('input[type=file]', file)
    await page.waitForSelector('.toast >> text=1 decision imported; 1 host no longer accused')
    await page.waitForSelector(`td >> text=${scanner}`)
    expect(faults).toEqual([])
  })

  it('from the first page to a block list for one botnet', async () => {
    await open('/')
    await page.click('#botnets ~ table a.mono')
    await page.waitForSelector('#block')
    const [download] = await Promise.all([page.waitForEvent('download'), page.click('text=Block list')])
    const text = readFileSync(await download.path(), 'utf8')
    expect(download.suggestedFilename()).toMatch(/^gannet-.+\.addresses\.txt$/)
    expect(text.split('\n').filter((line) => /^[\d.:a-f]+ # confidence/.test(line)).length).toBeGreaterThan(0)
  })

  it('compares with the analysis before', async () => {
    await open('/changes')
    expect(await page.textContent('main')).toContain(`${sampleAnswer.hosts.length} hosts accused anew`)
  })

  it('shows what the answer says of a host before the records were read', async () => {
    let read = () => {}
    const waiting = new Promise<void>((go) => {
      read = go
    })
    await page.route('**/hosts/*.json', async (route) => {
      await waiting
      await route.continue()
    })
    await open(`/hosts/${loneBot}`)
    await page.waitForSelector('text=Reading the records')
    expect(await page.locator('article.finding').count()).toBeGreaterThan(0)
    read()
    await page.waitForSelector('h3:text("Names it asked for")')
    expect(await page.isVisible('text=Reading the records')).toBe(false)
    expect(faults).toEqual([])
  })

  it('says what went wrong, and tries again', async () => {
    await page.route('**/hosts.json*', (route) => route.abort())
    await page.goto(new URL('/hosts', server.url).href)
    await page.waitForSelector('text=the server does not answer')
    await page.unroute('**/hosts.json*')
    await page.click('button:text("Try again")')
    await page.waitForSelector('tr[data-at]')
  })

  it('shows text of the traffic as text, wherever it stands', async () => {
    const text = hostile.join(' ')
    const endpoint = { ...lone, name: text }
    await served.keep({
      ...sampleAnswer,
      analysis: { ...sampleAnswer.analysis, id: 'a-hostile', blindSpots: [text] },
      inputs: sampleAnswer.inputs.map((each) => ({ ...each, name: text })),
      findings: sampleAnswer.findings.map((each) => ({
        ...each,
        claim: `${text}.`,
        cnc: [endpoint],
        doubts: [text] as [string],
      })),
      hosts: sampleAnswer.hosts.map((each) => ({
        ...each,
        cnc: [endpoint],
        parts: each.parts.map((part) => ({ ...part, description: text })),
      })),
      botnets: sampleAnswer.botnets.map((each) => ({
        ...each,
        cnc: [endpoint],
        rally: { method: 'name' as const, names: [text] },
      })),
    })
    for (const path of [...addresses.slice(0, 9), `/names/${encodeURIComponent(text.toWellFormed())}`]) {
      await open(path)
      await page.waitForTimeout(50)
      expect(await page.locator('main script, main img, main iframe, main b b').count(), path).toBe(0)
      expect(await page.textContent('main'), path).not.toMatch(/[\u202e\0]/)
    }
    expect(faults).toEqual([])
    await served.keep(sampleAnswer)
  }, 120_000)

  it.each([1000, 100_000])(
    'keeps %i hosts fluid',
    async (many) => {
      const found = sampleAnswer.findings.find(({ kind }) => kind === 'beacon')!
      const rarity = {
        kind: 'rarity',
        endpoint: lone,
        hosts: 1,
        ofHosts: 312,
        flows: [],
        query: { sql: 'SELECT 1', params: {} },
      } as const
      const finding = { ...found, evidence: [rarity] }
      const [host] = sampleAnswer.hosts
      const named = (i: number) => `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`
      await served.keep({
        ...sampleAnswer,
        analysis: { ...sampleAnswer.analysis, id: `a-${many}` },
        botnets: [],
        suspects: [],
        lifeCycles: [],
        findings: Array.from({ length: many }, (_, i) => ({
          ...finding,
          id: `f${i}`,
          kind: 'beacon' as const,
          hosts: [named(i)],
        })),
        hosts: Array.from({ length: many }, (_, i) => ({
          ...host!,
          host: named(i),
          botnet: null,
          findings: [`f${i}`],
          confidence: ratio(0.9),
        })),
      })
      const read = performance.now()
      const before = process.cpuUsage()
      await served.session.shown()
      const reading = performance.now() - read
      const { user, system } = process.cpuUsage(before)
      const begun = performance.now()
      await open('/hosts?state=accused')
      await page.waitForSelector('tr[data-at="5"]')
      const first = performance.now() - begun
      const { paint, weight, files } = await page.evaluate(() => {
        const loaded = [
          ...performance.getEntriesByType('navigation'),
          ...performance.getEntriesByType('resource'),
        ] as PerformanceResourceTiming[]
        return {
          paint: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Number.NaN,
          weight: loaded.reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0),
          files: loaded.length,
        }
      })
      const inPage = await page.locator('.list tbody tr').count()
      expect(inPage).toBeLessThan(100)
      const scrolled = performance.now()
      const row = many * 0.7
      await page.evaluate((rows) => {
        document.querySelector('.list')!.scrollTop = rows * 34
      }, row)
      await page.waitForSelector(`tr[data-at="${row + 5}"] .mono`)
      const jump = performance.now() - scrolled
      const typed = performance.now()
      await page.fill('[name=text]', '10.0.3.1')
      await page.waitForFunction(() =>
        /^(11[01]?|111) /.test(document.querySelector('[role=status]')?.textContent ?? ''),
      )
      process.stdout.write(
        `${many} hosts: read and ranked in ${Math.round(reading)} ms (processor ${Math.round((user + system) / 1000)} ms); ` +
          `first paint after ${Math.round(paint)} ms, list after ${Math.round(first)} ms, ` +
          `a jump to row ${row} ${Math.round(jump)} ms, a filter ${Math.round(performance.now() - typed)} ms; ` +
          `${Math.round(weight / 1000)} kB in ${files} files\n`,
      )
      expect(first).toBeLessThan(5000 * slowness())
      expect(jump).toBeLessThan(2000 * slowness())
      await served.keep(sampleAnswer)
    },
    120_000,
  )
})
