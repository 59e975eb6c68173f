/** The HTML report in a real browser: it loads alone, fits a phone, and names every picture. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Answer, Figures } from '../../src/model/answer.ts'
import { noFigures } from '../../src/reports/format.ts'
import { renderHtml } from '../../src/reports/html/page.ts'
import { describeWithBrowser, openBrowser } from '../browser.ts'
import { hostile } from '../fixtures/any-answer.ts'
import { cleanAnswer, sampleAnswer } from '../fixtures/sample-answer.ts'
import { sampleFigures } from '../fixtures/sample-figures.ts'

/** The sample with names that bots would choose, and one too long for any screen. */
const hostileReport: [Answer, Figures] = JSON.parse(
  [
    '10.0.0.7',
    'cdn.example.net',
    './zeek-logs/conn.log.gz',
    'Bifrose',
    'fph',
    'b:88b0e47a',
    'horizontal-scan',
  ]
    .reduce(
      (done, each, i) => done.replaceAll(JSON.stringify(each), JSON.stringify(hostile[i])),
      JSON.stringify([sampleAnswer, sampleFigures]),
    )
    .replaceAll('api.status.example.org', `${'a'.repeat(240)}.example.org`),
)

const reports: readonly (readonly [string, Answer, Figures])[] = [
  ['a day with bots', sampleAnswer, sampleFigures],
  ['a clean day', cleanAnswer, noFigures],
  ['a day named by bots', ...hostileReport],
]

describeWithBrowser('the HTML report in a browser', () => {
  let browser: Browser
  let folder: string

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'gannet-report-'))
    browser = await openBrowser()
  })
  afterAll(async () => {
    await browser?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  /** Opens the report and gives what `look` sees with everything that the page said or asked for. */
  async function visit<T>(
    [name, answer, figures]: (typeof reports)[number],
    width: number,
    look: (page: Page) => Promise<T>,
  ) {
    const path = join(folder, `${name.replaceAll(' ', '-')}.html`)
    writeFileSync(path, renderHtml(answer, figures))
    const page = await browser.newPage({ viewport: { width, height: 844 } })
    const messages: string[] = []
    const asked: string[] = []
    page.on('console', (message) => messages.push(message.text()))
    page.on('pageerror', (error) => messages.push(error.message))
    page.on('dialog', (dialog) => messages.push(`dialog ${dialog.message()}`))
    page.on('request', (request) => asked.push(request.url()))
    await page.goto(pathToFileURL(path).href)
    const seen = await look(page)
    await page.close()
    return {
      seen,
      messages,
      asked: asked.filter((url) => url !== pathToFileURL(path).href && !url.startsWith('data:')),
    }
  }

  it.each(reports)('%s loads without a complaint and asks for nothing', async (...report) => {
    const { messages, asked } = await visit(report, 1280, async (page) => page.mouse.move(300, 300))
    expect(messages).toEqual([])
    expect(asked).toEqual([])
  })

  it.each(reports)('%s does not run over the side of a phone, nor of a large screen', async (...report) => {
    for (const width of [390, 1280]) {
      const { seen } = await visit(report, width, (page) =>
        page.evaluate('Math.max(document.documentElement.scrollWidth, document.body.scrollWidth)'),
      )
      expect(seen).toBeLessThanOrEqual(width)
    }
  })

  it.each(reports)('%s keeps every drawing inside the page, folds open, at 390', async (...report) => {
    const { seen } = await visit(report, 390, (page) =>
      page.evaluate(`(() => {
        for (const fold of document.querySelectorAll('details')) fold.open = true
        return [document.documentElement.scrollWidth, ...[...document.querySelectorAll('svg text')].map((each) => Math.ceil(each.getBoundingClientRect().right))]
      })()`),
    )
    expect(Math.max(...(seen as number[]))).toBeLessThanOrEqual(390)
  })

  it('gives every picture an accessible name of its own section', async () => {
    const { seen } = await visit(reports[0] ?? ['', cleanAnswer, noFigures], 1280, async (page) => {
      const drawn = await page.locator('svg').count()
      const named = await page.getByRole('img', { name: /\S/ }).count()
      return { drawn, named }
    })
    expect(seen.drawn).toBeGreaterThan(10)
    expect(seen.named).toBe(seen.drawn)
  })

  it('can be walked with the keyboard: skip link first, then the contents, and folds open by key', async () => {
    const { seen } = await visit(reports[0] ?? ['', cleanAnswer, noFigures], 1280, async (page) => {
      await page.keyboard.press('Tab')
      const first = await page.evaluate('document.activeElement.textContent')
      await page.keyboard.press('Tab')
      const second = await page.evaluate('document.activeElement.getAttribute("href")')
      await page.locator('summary').first().focus()
      await page.keyboard.press('Enter')
      return { first, second, open: await page.locator('details[open]').count() }
    })
    expect(seen).toEqual({ first: 'To the findings', second: '#hosts', open: 1 })
  })
})
