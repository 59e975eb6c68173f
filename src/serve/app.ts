/** The addresses of the pages and of the API: each page has the same address with `.json`. */
import { Readable } from 'node:stream'
import { Hono, type MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { HTTPException } from 'hono/http-exception'
import { decisionsText, readSubject } from '../decisions/index.ts'
import { UserError } from '../errors.ts'
import { exportNamed, ofBotnet } from '../exports/index.ts'
import { verbs } from '../model/review/decision.ts'
import { packStream } from '../packs/index.ts'
import { json } from '../reports/json.ts'
import { extension, moduleText, shell, vendorText } from './assets.ts'
import * as tracePages from './contacts/trace.ts'
import { cplanePage } from './cplane-map.ts'
import { docPages, docText } from './docs-files.ts'
import { admission, headers, sameOrigin } from './guard.ts'
import { hostsView, readFilter } from './hosts.ts'
import { importsPage } from './imports-page.ts'
import { type Jobs, noJobs } from './jobs.ts'
import { openApi } from './openapi.ts'
import * as pages from './pages.ts'
import type { Session } from './session.ts'
import { style } from './style.ts'

export interface AppOptions {
  readonly session: Session
  readonly version: string
  /** null: loopback only, without a token. */
  readonly token: string | null
  /** Who decides where a request does not say. */
  readonly author: string
  /** What is started from a page; without it nothing can be. */
  readonly jobs?: Jobs | undefined
  /** Folders in which captures are looked for, to be cut for an evidence pack. */
  readonly captures?: readonly string[] | undefined
}

/** Status of the errors that a request can cause; others are 400. */
const statusOf: Readonly<Record<string, 404 | 409 | 503>> = {
  'finding-unknown': 404,
  'decision-warned': 409,
  'nothing-to-analyse': 503,
  'database-busy': 409,
}

const javascript = { 'content-type': 'text/javascript; charset=utf-8' }

export function createApp({
  session,
  version,
  token,
  author,
  jobs = noJobs,
  captures = [],
}: AppOptions): Hono {
  const app = new Hono()
  app.use(headers, admission(token), sameOrigin, limited)

  app.onError((error, c) => {
    if (error instanceof UserError) {
      const { code, message, hint } = error
      return c.json({ error: { code, message, hint } }, statusOf[code] ?? 400)
    }
    if (error instanceof HTTPException) return error.getResponse()
    process.stderr.write(`gannet: ${c.req.method} ${c.req.path}: ${error.stack ?? String(error)}\n`)
    return c.json(
      {
        error: {
          code: 'bug',
          message: 'this is a bug, please report it',
          hint: 'Its stack is where gannet serve runs.',
        },
      },
      500,
    )
  })

  addData(app, session, version)
  addWrites(app, session, author)
  addJobs(app, session, jobs)
  addPacks(app, session, captures)
  addFiles(app, version)

  return app
}

/** Bytes of a file of decisions that a page may send. */
const mostImported = 1 << 20

const [small, large] = [bodyLimit({ maxSize: 64 * 1024 }), bodyLimit({ maxSize: 2 * mostImported })]
const limited: MiddlewareHandler = (c, next) => (c.req.path === '/decisions/import' ? large : small)(c, next)

function addData(app: Hono, session: Session, version: string): void {
  app.get('/overview.json', async (c) => c.json(await pages.overview(session, version)))
  app.get('/hosts.json', async (c) =>
    c.json(hostsView((await session.shown()).rows, readFilter(c.req.query()))),
  )
  app.get('/hosts/:host{[^]+\\.json}', async (c) =>
    c.json(await pages.hostPage(session, bare(c.req.param('host')), c.req.query())),
  )
  app.get('/contacts.json', async (c) => c.json(await pages.contactsPage(session, c.req.query())))
  app.get('/botnets/:id{[^]+\\.json}', async (c) =>
    c.json(await pages.botnetPage(session, bare(c.req.param('id')))),
  )
  app.get('/findings/:id{[^]+\\.json}', async (c) =>
    c.json(await pages.findingPage(session, bare(c.req.param('id')))),
  )
  app.get('/cplane.json', async (c) => c.json(await cplanePage(session, c.req.query())))
  app.get('/trace.json', async (c) => c.json(await tracePages.tracePage(session, c.req.query())))

  app.get('/trace.csv', async (c) =>
    c.body(await tracePages.traceFile(session, c.req.query()), 200, {
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': 'attachment; filename="gannet-trace.csv"',
    }),
  )

  app.get('/names/:name{[^]+\\.json}', async (c) =>
    c.json(await pages.namePage(session, bare(c.req.param('name')))),
  )
  app.get('/changes.json', async (c) => c.json(await pages.changesPage(session, c.req.query())))
  app.get('/decisions.json', async (c) => c.json(await pages.decisionsPage(session)))
  app.get('/decisions.yaml', async (c) =>
    c.body(decisionsText((await session.shown()).answer.decided?.decisions ?? []), 200, {
      'content-type': 'application/yaml; charset=utf-8',
      'content-disposition': 'attachment; filename="gannet.decisions.yaml"',
    }),
  )
  app.get('/method.json', (c) => c.json({ pages: docPages() }))
  app.get('/method/:path{[^]+\\.json}', (c) => {
    const text = docText(bare(c.req.param('path')))
    if (text === null) throw new UserError('finding-unknown', 'there is no such page', 'Look at the list.')
    return c.json({ text })
  })
  app.get('/answer.json', async (c) => {
    const { answer, figures } = await session.shown()
    return c.body(json.render(answer, figures), 200, { 'content-type': 'application/json' })
  })
  app.get('/openapi.json', (c) => c.json(openApi(version)))
  app.get('/export/:format', async (c) => {
    const format = exportNamed(c.req.param('format'))
    if (!format) throw new UserError('finding-unknown', 'there is no such format', 'Look at /openapi.json.')
    const { answer, figures } = await session.shown()
    const id = c.req.query('botnet')
    const part = id === undefined ? { answer, figures } : ofBotnet(answer, figures, id)
    if (!part) throw new UserError('finding-unknown', 'there is no such botnet', 'Look at the list.')
    return c.body(format.render(part.answer, part.figures), 200, {
      'content-type': 'application/octet-stream',
      'content-disposition': `attachment; filename="${fileName(id, format.extension)}"`,
    })
  })
}

const fileName = (id: string | undefined, extension: string): string =>
  `gannet${id === undefined ? '' : `-${id.replace(/[^a-z0-9]/gi, '')}`}.${extension}`

const bare = (text: string): string => text.replace(/\.json$/, '')

interface Given {
  readonly verb?: unknown
  readonly subject?: unknown
  readonly tags?: unknown
  readonly reason?: unknown
  readonly author?: unknown
  readonly expires?: unknown
  readonly scope?: unknown
  readonly force?: unknown
}

function addWrites(app: Hono, session: Session, author: string): void {
  app.post('/decisions', async (c) => {
    const given = (await c.req.json().catch(() => ({}))) as Given | null
    const verb = verbs.find((each) => each === given?.verb)
    if (!verb)
      throw new UserError('decision-invalid', 'there is no such verb', `Give one of: ${verbs.join(', ')}.`)
    const outcome = await session.decide(
      {
        verb,
        subject: readSubject(textIn(given?.subject, 300)),
        tags: Array.isArray(given?.tags) ? given.tags.map((each) => textIn(each, 100)) : [],
        reason: textIn(given?.reason, 2000),
        author: textIn(given?.author, 100) || author,
        expires: textIn(given?.expires, 40) || null,
        scope: textIn(given?.scope, 60) || null,
      },
      given?.force === true,
    )
    return c.json(outcome, 201)
  })

  app.post('/decisions/import', async (c) => {
    const given = (await c.req.json().catch(() => ({}))) as { text?: unknown; force?: unknown } | null
    return c.json(await session.adopt(textIn(given?.text, mostImported), given?.force === true), 201)
  })

  app.delete('/decisions/:id', async (c) => c.json(await session.undo(c.req.param('id'), author)))
}

function addJobs(app: Hono, session: Session, jobs: Jobs): void {
  app.get('/imports.json', async (c) => c.json(await importsPage(session, jobs, c.req.query())))
  app.get('/jobs.json', (c) => c.json({ job: jobs.current() }))

  app.post('/jobs', async (c) => {
    const given = (await c.req.json().catch(() => ({}))) as { paths?: unknown; analyse?: unknown } | null
    const paths = Array.isArray(given?.paths) ? given.paths.map((each) => textIn(each, 4096)) : []
    return c.json({ job: await jobs.start({ paths, analyse: given?.analyse === true }) }, 202)
  })

  app.delete('/jobs', async (c) => c.json({ job: await jobs.stop() }))
}

/** One at a time: a pack may read a whole capture. */
function addPacks(app: Hono, session: Session, folders: readonly string[]): void {
  let busy = false

  app.get('/findings/:id/pack.zip', async (c) => {
    const id = c.req.param('id')
    const { answer, raw } = await session.shown()
    const finding = raw.answer.findings.find((each) => each.id === id)
    if (!finding) throw new UserError('finding-unknown', 'there is no such finding', 'Look at the list.')
    const about = {
      'content-type': 'application/zip',
      'content-disposition': `attachment; filename="gannet-${id.replace(/[^a-z0-9]/gi, '')}.zip"`,
    }
    // Nobody would take its bytes.
    if (c.req.method === 'HEAD') return c.body(null, 200, about)
    if (busy)
      throw new UserError('database-busy', 'another pack is being made', 'Try again when it is there.')
    busy = true
    try {
      const bytes = await packStream(session.store, { answer, finding }, { folders, files: [] })
      return c.body(Readable.toWeb(Readable.from(bytes)) as ReadableStream, 200, about)
    } finally {
      busy = false
    }
  })
}

const textIn = (value: unknown, most: number): string =>
  typeof value === 'string' ? value.slice(0, most) : ''

const pageAddresses = [
  '/',
  '/hosts',
  '/hosts/*',
  '/contacts',
  '/botnets/*',
  '/findings/*',
  '/cplane',
  '/trace',
  '/names/*',
  '/changes',
  '/decisions',
  '/imports',
  '/method',
  '/method/*',
]

function addFiles(app: Hono, version: string): void {
  const kept = { 'cache-control': extension === '.ts' ? 'no-cache' : 'private, max-age=3600' }
  app.get('/app/style.css', (c) => c.body(style, 200, { 'content-type': 'text/css; charset=utf-8', ...kept }))
  app.get('/app/:path{.+}', async (c) => {
    const text = await moduleText(c.req.param('path'))
    return text === null ? c.notFound() : c.body(text, 200, { ...javascript, ...kept })
  })
  app.get('/vendor/lit-html/:path{.+}', async (c) => {
    const text = await vendorText(c.req.param('path'))
    return text === null ? c.notFound() : c.body(text, 200, { ...javascript, ...kept })
  })
  for (const address of pageAddresses) app.get(address, (c) => c.html(shell(version)))
}
