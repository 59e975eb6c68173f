/**
 * `npm run bench -- pages DATABASE [--analyse] [--in-process]`: how long the pages of `gannet serve` take over a database,
 * in Chromium; and, with `--analyse`, how the server answers while an analysis runs that was started from a page.
 * `--in-process` has it run in the server's own thread, as it did before there was one beside it.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { Browser } from 'playwright-core'
import { pageWork } from '../../src/cli/page-work.ts'
import { workBeside } from '../../src/cli/work-beside.ts'
import { createJobs, listen, openSession, type Work } from '../../src/serve/index.ts'
import { openEmbedded } from '../../src/store/embedded.ts'
import type { Store } from '../../src/store/store.ts'
import { openBrowser } from '../../test/browser.ts'

const tries = 5

/** Prints tables; the database is opened, and analysed again with `--analyse`. */
export async function measurePages(args: readonly string[]): Promise<void> {
  const folder = args.find((each) => !each.startsWith('--'))!
  const store = await openEmbedded(folder)
  const session = openSession({ store, decisions: null, ownersFor: async () => () => null })
  const work = args.includes('--in-process') ? inProcess(store) : workBeside(store, { db: folder }, [])
  const jobs = createJobs(work, session.renew)
  const server = await listen(
    { session, version: '0.0.0', token: null, author: 'bench', jobs },
    { host: '127.0.0.1', port: 0 },
  )

  try {
    const [flows] = await store.rows<{ n: number }>('SELECT toFloat64(count()) AS n FROM flow')
    const begun = performance.now()
    const { answer } = await session.shown()
    console.log(
      `${flows?.n} flows, ${answer.hosts.length} hosts accused; answer read in ${rounded(performance.now() - begun)} ms`,
    )
    const pages = await pagesOf(server.url)
    if (args.includes('--analyse')) await whileAnalysing(server.url, pages, jobs)
    else await inBrowser(server.url, pages)
  } finally {
    await server.close()
    await store.close()
  }
}

const inProcess = (store: Store): Work => {
  const work = pageWork(store)
  return { folders: [], import: work.import, analyse: (tell) => work.analyse(tell, null) }
}

const rounded = (milliseconds: number): string => String(Math.round(milliseconds))

type Pages = readonly (readonly [name: string, path: string])[]

/** Pages of the worst host, the first botnet and the first contact. */
async function pagesOf(url: string): Promise<Pages> {
  // biome-ignore lint/suspicious/noExplicitAny: the shape is the API's
  const data = async (path: string): Promise<any> => (await fetch(new URL(path, url))).json()
  const { rows } = await data('/hosts.json')
  const contacts = (await data('/contacts.json')).rows
  const { botnets } = await data('/overview.json')
  const host = rows[0]?.host
  const { findings } = await data(`/hosts/${host}.json`)
  const named = contacts.find(({ name }: { name: string | null }) => name !== null)
  const trace = contacts[0] && new URLSearchParams({ ...contacts[0], port: String(contacts[0].port) })
  const all: (readonly [string, string | null])[] = [
    ['Overview', '/'],
    ['Hosts', '/hosts'],
    ['Host', host && `/hosts/${host}`],
    ['Contacts', '/contacts'],
    ['C-plane', '/cplane'],
    ['Botnet', botnets[0] && `/botnets/${botnets[0].id}`],
    ['Finding', findings[0] && `/findings/${findings[0].id}`],
    [
      'Trace',
      trace &&
        `/trace?host=${trace.get('host')}&address=${trace.get('address')}&port=${trace.get('port')}&protocol=${trace.get('protocol')}`,
    ],
    ['Name', named && `/names/${named.name}`],
  ]
  return all.flatMap(([name, path]) => (path ? [[name, path] as const] : []))
}

/** Each page in new tabs: first paint, content, weight. */
async function inBrowser(url: string, pages: Pages): Promise<void> {
  const browser = await openBrowser()
  try {
    for (const [name, path] of pages) {
      const seen: Awaited<ReturnType<typeof openedIn>>[] = []
      for (let i = 0; i < tries; i++) seen.push(await openedIn(browser, new URL(path, url).href))
      const range = (of: (each: (typeof seen)[number]) => number) =>
        `${rounded(Math.min(...seen.map(of)))} to ${rounded(Math.max(...seen.map(of)))} ms`
      const [first] = seen
      console.log(
        `${name.padEnd(9)} first paint ${range(({ paint }) => paint)}, content ${range(({ content }) => content)}, ` +
          `all of it ${range(({ complete }) => complete)}, ` +
          `${rounded((first?.weight ?? 0) / 1000)} kB in ${first?.files} files`,
      )
    }
  } finally {
    await browser.close()
  }
}

async function openedIn(browser: Browser, href: string) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } })
  const begun = performance.now()
  await page.goto(href)
  await page.waitForSelector('main h1', { timeout: 120_000 })
  const content = performance.now() - begun
  await page.waitForFunction(() => document.querySelector('[aria-busy=true]') === null, null, {
    timeout: 120_000,
  })
  const complete = performance.now() - begun
  await page.waitForFunction(() => performance.getEntriesByName('first-contentful-paint').length > 0)

  const measured = await page.evaluate(() => {
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
  await page.close()
  return { content, complete, ...measured }
}

/** Asks for the data of each page in turn until the analysis is done. */
async function whileAnalysing(url: string, pages: Pages, jobs: ReturnType<typeof createJobs>): Promise<void> {
  const delay = monitorEventLoopDelay({ resolution: 10 })
  const times = new Map<string, number[]>()
  const asked: Pages = [['jobs.json', '/jobs'], ...pages]
  const begun = performance.now()
  delay.enable()
  await jobs.start({ paths: [], analyse: true })

  while (jobs.current()?.state === 'running') {
    for (const [name, path] of asked) {
      const [plain = '', query] = path.split('?')
      const data = `${plain === '/' ? '/overview' : plain}.json${query === undefined ? '' : `?${query}`}`
      const before = performance.now()
      const response = await fetch(new URL(data, url))
      await response.arrayBuffer()
      if (response.ok) times.set(name, [...(times.get(name) ?? []), performance.now() - before])
    }
    await new Promise((go) => setTimeout(go, 100))
  }

  delay.disable()
  const job = jobs.current()
  console.log(`analysis ${job?.state} in ${((performance.now() - begun) / 1000).toFixed(1)} s`)
  console.log(`longest block of the server: ${rounded(delay.max / 1e6)} ms`)
  for (const [name, all] of times) {
    const sorted = all.toSorted((a, b) => a - b)
    console.log(
      `${name.padEnd(9)} ${sorted.length} answers, median ${rounded(sorted[sorted.length >> 1] ?? 0)} ms, ` +
        `longest ${rounded(sorted.at(-1) ?? 0)} ms`,
    )
  }
}
