/** Texts of the network, of lists and of file names, followed to every output and shown inert. */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { chromium } from 'playwright-core'
import { exportFormats } from '../../src/exports/index.ts'
import type { Answer } from '../../src/model/answer.ts'
import { type Attempt, createTrials, type Ground, hold } from './attempt.ts'
import { gannet, start, withProcesses } from './gannet.ts'
import { hostileLogs, payloads } from './hostile-logs.ts'
import { actsOnTerminal } from './odd-names.ts'

/** All but pages, which a browser reads below. */
const formats = exportFormats.map(({ name }) => name).filter((name) => name !== 'html')
const isJson = new Set(['json', 'stix', 'misp', 'navigator'])

/** @throws Error where a text has anything that a terminal acts on; tabs stand between columns of some. */
function inert(text: string, where: string): void {
  const found = actsOnTerminal.exec(text.replaceAll('\t', ' '))
  hold(
    found === null,
    `${where}: ${JSON.stringify(text.slice(Math.max(0, (found?.index ?? 0) - 40), (found?.index ?? 0) + 20))}`,
  )
}

/** @throws Error where a spreadsheet would take a cell for a formula. */
function noFormulas(csv: string): void {
  const found = /(?:^|[,\n])"?[=+@\t\r-][^0-9\s,"]/.exec(csv)
  hold(found === null, `a formula: ${JSON.stringify(csv.slice(found?.index ?? 0, (found?.index ?? 0) + 60))}`)
}

interface Place {
  readonly ground: Ground
  readonly db: string
  readonly answer: Answer
  readonly report: string
}

async function prepared(ground: Ground): Promise<Place> {
  const { folder, threats } = await hostileLogs(
    ground.folder,
    ground.count({ smallest: 0.3, usual: 1, full: 1 }),
  )
  const [db, report] = [join(ground.folder, 'db'), join(ground.folder, 'report.html')]
  const imported = await gannet(['import', folder, '--db', db])
  hold(imported.code === 0, imported.err)
  inert(imported.out + imported.err, 'import')
  const words = [
    '--threats',
    threats,
    '--html',
    report,
    '--alert',
    `file:${join(ground.folder, 'alerts.jsonl')}`,
  ]
  const analysed = await gannet(['analyze', '--db', db, '--json', ...words])
  hold(analysed.code === 0, analysed.err)
  inert(analysed.out + analysed.err, 'analyze')
  const note = await gannet([
    'note',
    '203.0.113.9',
    '--reason',
    payloads.join(' ').replaceAll('\0', ''),
    '--db',
    db,
  ])
  hold(note.code === 0, note.err)
  inert(note.out + note.err, 'note')
  return { ground, db, report, answer: JSON.parse(analysed.out) as Answer }
}

async function outputs({ ground, db, answer, report }: Place): Promise<Attempt> {
  const trials = createTrials()
  const printed: string[] = []
  const some = formats.filter((_, i) => ground.count({ smallest: i % 4, usual: 0, full: 0 }) === 0)
  for (const format of some) {
    await trials.try(format, async () => {
      const { code, out, err } = await gannet(['findings', '--db', db, '--format', format])
      hold(code === 0, err)
      inert(out + err, format)
      printed.push(out)
      if (isJson.has(format)) JSON.parse(out)
      if (format === 'csv') noFormulas(out)
    })
  }
  const [host = '10.0.0.1', finding = 'f0'] = [answer.hosts[0]?.host, answer.findings[0]?.id]
  const commands = [
    ['show', host],
    ['rank'],
    ['evidence', finding],
    ['sql', 'SELECT * FROM dns LIMIT 200'],
    ['sql', 'SELECT * FROM http LIMIT 200'],
    ['show', host, '--json'],
  ]
  for (const words of commands.filter((_, i) => ground.count({ smallest: i % 3, usual: 0, full: 0 }) === 0)) {
    await trials.try(words.join(' '), async () => {
      const { code, out, err } = await gannet([...words, '--db', db])
      hold(code === 0, err)
      inert(out + err, words[0]!)
      printed.push(out)
    })
  }
  await trials.try('alerts', () => inert(readFileSync(join(ground.folder, 'alerts.jsonl'), 'utf8'), 'alerts'))
  await trials.try('report', () => inert(readFileSync(report, 'utf8'), 'report'))
  await trials.try('a terminal', async () => {
    const path = join(ground.folder, 'printed')
    writeFileSync(path, printed.join('\n'))
    if (spawnSync('tmux', ['-V']).error) return
    const tmux = (...words: string[]) =>
      execFileSync('tmux', ['-L', `gannet-${process.pid}`, ...words], { encoding: 'utf8' })
    tmux('new-session', '-d', '-x', '120', '-y', '50', `cat '${path}'; echo; echo the-end; sleep 60`)
    try {
      for (let i = 0; i < 100 && !tmux('capture-pane', '-p').includes('the-end'); i++) await sleep(100)
      hold(tmux('capture-pane', '-p').includes('the-end'), 'the last line is not on the screen')
      const state = tmux(
        'display',
        '-p',
        '#{pane_title} #{alternate_on} #{mouse_any_flag} #{cursor_flag} #{pane_in_mode}',
      ).trim()
      hold(!state.includes('owned') && / 0 0 1 0$/.test(state), `the terminal is ${state}`)
    } finally {
      tmux('kill-server')
    }
  })
  return {
    attack: `${payloads.length} kinds of text (SQL, HTML, escapes of terminals, directions, formulas, JSON depth) in every text column of Zeek's logs, in a list of threats, a decision and the names of folders and files`,
    tried: trials.tried(),
    of: 'outputs',
    held: 'nothing printed has a character that a terminal acts on, JSON is JSON, no cell is a formula; in a terminal (tmux) title, modes and cursor are as before',
    bound: `${answer.findings.length} findings on ${answer.hosts.length} hosts; ${printed.join('').length.toLocaleString('en-US')} characters were printed`,
    failed: trials.failed,
  }
}

const browsers = [
  process.env['GANNET_BROWSER'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
]

async function pages({ ground, db, answer, report }: Place): Promise<Attempt> {
  const trials = createTrials()
  const executablePath = browsers.find((path) => path !== undefined && existsSync(path))
  const attempt = (bound: string): Attempt => ({
    attack: 'the same in the report and in the pages of `gannet serve`, in Chromium',
    tried: trials.tried(),
    of: 'pages',
    held: 'no script of a text runs, no element comes of one, nothing is fetched from elsewhere, no fault in the console',
    bound,
    failed: trials.failed,
  })
  if (executablePath === undefined) return attempt('not tried: there is no Chromium')
  const running = start(['serve', '--db', db, '--listen', '127.0.0.1:0'])
  for (let i = 0; i < 600 && !/http:\S+/.test(running.out()); i++) await sleep(100)
  const url = /http:\S+/.exec(running.out())?.[0] ?? ''
  const browser = await chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update'],
  })
  const names = answer.findings.flatMap(({ cnc }) => cnc.flatMap(({ name }) => name ?? []))
  const addresses = [
    pathToFileURL(report).href,
    ...['/', '/hosts', `/hosts/${answer.hosts[0]?.host}`, '/contacts', '/imports', '/changes', '/decisions'],
    ...answer.botnets.slice(0, 2).map(({ id }) => `/botnets/${id}`),
    ...answer.findings.slice(0, 6).map(({ id }) => `/findings/${id}`),
    ...names.slice(0, 4).map((name) => `/names/${encodeURIComponent(name)}`),
  ]
  try {
    for (const path of addresses.filter(
      (_, i) => ground.count({ smallest: i % 3, usual: 0, full: 0 }) === 0,
    )) {
      await trials.try(path, async () => {
        const page = await browser.newPage()
        const faults: string[] = []
        page.on('pageerror', ({ message }) => faults.push(message))
        page.on('console', (message) => message.type() === 'error' && faults.push(message.text()))
        page.on('dialog', (dialog) => {
          faults.push(`dialog ${dialog.message()}`)
          void dialog.dismiss()
        })
        page.on('request', (request) => {
          if (!request.url().startsWith(url) && !/^(file|data|blob):/.test(request.url()))
            faults.push(`fetches ${request.url()}`)
        })
        await page.goto(new URL(path, url).href)
        await page.waitForSelector('h1', { timeout: 60_000 })
        await page.waitForTimeout(200)
        const made = await page
          .locator(
            'main script, main img, main iframe, main object, main embed, [onerror], [onload], [onmouseover]',
          )
          .count()
        await page.close()
        hold(made === 0, `${made} elements came of texts`)
        hold(faults.length === 0, faults.join('; '))
      })
    }
  } finally {
    await browser.close()
  }
  return attempt('a content policy forbids scripts of the page itself')
}

export async function content(ground: Ground): Promise<Attempt[]> {
  const place = await prepared(ground)
  hold(
    readdirSync(ground.folder).length > 0 && place.answer.findings.length > 0,
    'nothing was found: nothing is followed',
  )
  return [await outputs(place), await withProcesses(() => pages(place))]
}
