import { readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import type { Hono } from 'hono'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { hostile } from '../../test/fixtures/any-answer.ts'
import { lone, loneBot, midnight, sampleAnswer, scanner, webBots } from '../../test/fixtures/sample-answer.ts'
import { openServed, type Served } from '../../test/fixtures/served.ts'
import { applyDecisions } from '../decisions/index.ts'
import { exportNamed } from '../exports/index.ts'
import { noFigures } from '../reports/format.ts'
import { json } from '../reports/json.ts'
import { temporaryPrefix } from '../store/abandoned.ts'
import { createApp } from './app.ts'
import { moduleText, vendorText } from './assets.ts'
import { reads } from './openapi.ts'

let served: Served
let app: Hono
beforeAll(async () => {
  served = await openServed()
  app = createApp({ session: served.session, version: '0.1.0', token: null, author: 'anna' })
})
afterAll(() => served.close())
beforeEach(() => rmSync(served.decisions, { force: true }))

const here = { host: '127.0.0.1:8480' }
const get = (path: string, headers: Record<string, string> = {}) =>
  app.request(path, { headers: { ...here, ...headers } })
// biome-ignore lint/suspicious/noExplicitAny: each test knows what it asks for
const data = async (path: string): Promise<any> => {
  const response = await get(path)
  expect(response.status, path).toBe(200)
  return response.json()
}
const own = { ...here, 'content-type': 'application/json', origin: 'http://127.0.0.1:8480' }
const post = (body: unknown, headers: Record<string, string> = own) =>
  app.request('/decisions', { method: 'POST', headers, body: JSON.stringify(body) })

const trace = `/trace.json?host=${loneBot}&address=${lone.address}&port=443&protocol=tcp`
const asked: Readonly<Record<string, string>> = {
  '/hosts/{host}.json': `/hosts/${loneBot}.json`,
  '/botnets/{id}.json': `/botnets/${encodeURIComponent(sampleAnswer.botnets[0]!.id)}.json`,
  '/findings/{id}.json': `/findings/${encodeURIComponent(sampleAnswer.findings[0]!.id)}.json`,
  '/names/{name}.json': `/names/${lone.name}.json`,
  '/trace.json': trace,
}

describe('every address', () => {
  it.each(reads.map(({ path, view }) => [path, view] as const))(
    '%s answers what OpenAPI says: %s',
    async (path, view) => {
      const { components } = await data('/openapi.json')
      const ajv = new Ajv2020({ strict: false, allErrors: true })
      const validate = ajv.compile({ components, $ref: `#/components/schemas/${view}` })
      const answer = await data(asked[path] ?? path)
      validate(answer)
      expect(validate.errors ?? []).toEqual([])
      expect(JSON.stringify(answer).length).toBeGreaterThan(10)
    },
  )

  it('of a page gives the frame, under a policy without inline script', async () => {
    for (const path of ['/', '/hosts', '/hosts/10.0.0.7', '/trace?host=x', '/method/glossary']) {
      const response = await get(path)
      expect(response.status).toBe(200)
      const policy = response.headers.get('content-security-policy')
      expect(policy).toContain("default-src 'none'")
      expect(policy).not.toContain('unsafe')
      const text = await response.text()
      expect(text.match(/<script[^>]*>/g)).toEqual([expect.stringContaining('src="/app/serve/web/main')])
      expect(text).not.toMatch(/<style|style=| on[a-z]+=/)
    }
  })

  it.each([
    ['/hosts/nonsense.json', 400],
    ['/hosts.json?cidr=x', 400],
    ['/hosts.json?kind=x', 400],
    ['/hosts.json?limit=-1', 400],
    ['/hosts.json?confidence=2', 400],
    ['/botnets/none.json', 404],
    ['/findings/none.json', 404],
    ['/trace.json', 400],
    ["/trace.json?host=10.0.0.1&address=1.1.1.1&port=1&protocol='", 400],
    ['/changes.json?back=0', 400],
    ['/export/none', 404],
    ['/export/stix?botnet=none', 404],
    ['/nowhere', 404],
    ['/app/serve/app.ts', 404],
    ['/app/serve/web/../app.ts', 404],
    ['/app/cli/main.ts', 404],
    ['/vendor/lit-html/package.json', 404],
    ['/method/..%2f..%2fpackage.json', 404],
  ])('%s is refused with %i', async (path, status) => {
    expect((await get(path)).status).toBe(status)
  })

  it('takes odd text as text', async () => {
    for (const text of hostile) {
      const encoded = encodeURIComponent(text.toWellFormed())
      expect((await get(`/hosts.json?text=${encoded}`)).status).toBe(200)
      expect((await get(`/contacts.json?text=${encoded}`)).status).toBe(200)
      expect((await data(`/names/${encoded}.json`)).questions).toBe(0)
    }
  })
})

describe('page, API and command', () => {
  it('give the same answer', async () => {
    const { answer } = applyDecisions({ answer: sampleAnswer, figures: noFigures }, [])
    const printed = JSON.parse(json.render(answer, noFigures))
    expect(await data('/answer.json')).toEqual(printed)
    const { rows } = await data('/hosts.json?state=accused&limit=1000')
    expect(
      rows.map(({ host, severity, confidence, kinds, botnet }: Record<string, unknown>) => ({
        host,
        severity,
        confidence,
        kinds,
        botnet,
      })),
    ).toEqual(
      answer.hosts.map(({ host, severity, confidence, kinds, botnet }) => ({
        host,
        severity,
        confidence,
        kinds,
        botnet,
      })),
    )
    const { findings } = await data(`/hosts/${loneBot}.json`)
    expect(findings).toEqual(
      printed.findings.filter(({ hosts }: { hosts: string[] }) => hosts.includes(loneBot)),
    )
  })

  it('list the contacts of every finding, ranked by the analysis or not', async () => {
    const { rows } = await data('/contacts.json?limit=1000')
    const listed = new Set(
      rows.map(({ host, address, port }: Record<string, unknown>) => `${host} ${address} ${port}`),
    )
    for (const { kind, hosts, cnc } of sampleAnswer.findings) {
      if (kind === 'threat-list' || kind === 'together') continue
      for (const host of hosts)
        for (const { address, port } of cnc) expect(listed).toContain(`${host} ${address} ${port}`)
    }
    expect((await data(trace)).score).toBeGreaterThan(0)
    expect((await data(`/hosts/${loneBot}.json`)).contacts).not.toEqual([])
  })

  it('give the flows of a trace as a file too', async () => {
    const text = await (await get(trace.replace('.json', '.csv'))).text()
    expect(text.split('\r\n').slice(0, 1)).toEqual([
      'id,start,duration,clientPort,sent,received,packets,outcome,state,uid,input,position',
    ])
    expect(text.trim().split('\r\n')).toHaveLength(31)
    expect((await get('/trace.csv')).status).toBe(400)
    const { flows, baseline, pictures } = await data(trace)
    expect(flows.rows.slice(0, 2)).toMatchObject([{ position: 0 }, { position: 1 }])
    expect(flows.rows.every(({ input }: { input: string }) => input !== '')).toBe(true)
    expect(baseline.ts).toBe(1)
    expect(pictures.map(({ title }: { title: string }) => title)).toContain('Rhythm against chance')
  })

  it('say who is behind a contact, when it was seen first and by how many', async () => {
    const { rows } = await data(`/contacts.json?text=${lone.address}`)
    expect(rows[0]).toMatchObject({ host: loneBot, firstSeen: midnight, callers: 1, popularity: 10_000 })
    const { names } = await data(`/hosts/${loneBot}.json`)
    expect(names).toEqual([{ name: lone.name, times: 5, failed: 0 }])
    expect((await data(`/hosts/${lone.address}.json`)).served).toMatchObject([{ port: 443, callers: 1 }])
  })

  it('give the evidence pack of a finding as an archive', async () => {
    const response = await get(`/findings/${encodeURIComponent(sampleAnswer.findings[0]!.id)}/pack.zip`)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-disposition')).toMatch(/^attachment; filename="gannet-.+\.zip"$/)
    const bytes = Buffer.from(await response.arrayBuffer())
    expect(bytes.toString('latin1', 0, 2)).toBe('PK')
    for (const name of ['statement.txt', 'finding.json', 'flows.csv', 'flows.parquet'])
      expect(bytes.includes(name), name).toBe(true)
    expect((await get('/findings/none/pack.zip')).status).toBe(404)

    const left = () => readdirSync(tmpdir()).filter((name) => name.startsWith(basename(temporaryPrefix())))
    const before = left()
    const path = `/findings/${encodeURIComponent(sampleAnswer.findings[0]!.id)}/pack.zip`
    expect((await app.request(path, { method: 'HEAD', headers: here })).status).toBe(200)
    const begun = await get(path)
    await begun.body?.cancel()
    await expect.poll(left).toEqual(before)
  })

  it('export the same', async () => {
    const { answer } = applyDecisions({ answer: sampleAnswer, figures: noFigures }, [])
    for (const name of ['stix', 'blocklist', 'cef', 'csv']) {
      const response = await get(`/export/${name}`)
      expect(response.headers.get('content-disposition')).toMatch(/^attachment; filename="gannet\./)
      expect(await response.text()).toBe(exportNamed(name)!.render(answer, noFigures))
    }
  })
})

describe('the list of hosts', () => {
  const hosts = async (query: string) =>
    (await data(`/hosts.json?${query}`)).rows.map(({ host }: { host: string }) => host)

  it('is filtered by text, network, kind, severity, state, confidence, technique and what is new', async () => {
    expect(await hosts('text=status.example')).toEqual([loneBot])
    expect(await hosts('cidr=10.0.2.0/24')).toEqual(['10.0.2.9', loneBot])
    expect(await hosts(`cidr=${scanner}`)).toEqual([scanner])
    expect(await hosts('kind=beacon&state=accused')).toEqual([loneBot])
    expect(await hosts('state=suspect')).toEqual(['10.0.8.8'])
    expect(await hosts('technique=T1573&kind=beacon')).toEqual([loneBot])
    const { from, to } = (await data(`/hosts.json?text=${loneBot}`)).rows[0]
    const at = (instant: number) => new Date(instant / 1000).toISOString()
    expect(await hosts(`text=${loneBot}&from=${at(to)}`)).toEqual([loneBot])
    expect(await hosts(`text=${loneBot}&to=${at(from).slice(0, 16)}`)).toEqual([loneBot])
    expect(await hosts(`text=${loneBot}&from=${at(to + 1e6)}`)).toEqual([])
    expect(await hosts(`text=${loneBot}&to=${at(from - 1e6)}`)).toEqual([])
    expect((await get('/hosts.json?from=x')).status).toBe(400)
    expect((await hosts('new=1')).length).toBe(sampleAnswer.hosts.length)
    for (const row of (await data('/hosts.json?confidence=0.8')).rows)
      expect(row.confidence).toBeGreaterThanOrEqual(0.8)
    for (const row of (await data('/hosts.json?severity=high')).rows) expect(row.severity).toBe('high')
  })

  it('is sorted and given in parts', async () => {
    const all = await hosts('sort=host&limit=1000')
    expect(all).toEqual(all.toSorted())
    expect(await hosts('sort=host&order=desc&limit=3')).toEqual(all.toReversed().slice(0, 3))
    expect(await hosts('sort=host&offset=2&limit=2')).toEqual(all.slice(2, 4))
  })

  it('counts each column without its own filter', async () => {
    const { facets, total } = await data('/hosts.json?kind=beacon')
    expect(facets.kind['botnet']).toBeGreaterThan(1)
    expect(facets.kind['beacon']).toBe(total)
  })
})

describe('deciding', () => {
  it('ranks again at once, and can be taken back', async () => {
    const response = await post({ verb: 'allow', subject: scanner, reason: 'our scanner' })
    expect(response.status).toBe(201)
    const outcome = (await response.json()) as { decision: { id: string; author: string }; gone: string[] }
    expect(outcome.gone).toEqual([scanner])
    expect(outcome.decision.author).toBe('anna')
    const rows = async () => (await data('/hosts.json?limit=1000')).rows as { host: string; state: string }[]
    expect((await rows()).find(({ host }) => host === scanner)?.state).toBe('allowed')
    expect((await data(`/hosts/${scanner}.json`)).allowed).toHaveLength(1)
    const undone = await app.request(`/decisions/${outcome.decision.id}`, { method: 'DELETE', headers: own })
    expect(((await undone.json()) as { back: string[] }).back).toEqual([scanner])
    expect((await rows()).find(({ host }) => host === scanner)?.state).toBe('accused')
  })

  it('asks again where it hides a confirmed bot', async () => {
    await post({ verb: 'confirm', subject: webBots[0] })
    const allow = { verb: 'allow', subject: webBots[0] }
    const refused = await post(allow)
    expect(refused.status).toBe(409)
    expect(((await refused.json()) as { error: { code: string } }).error.code).toBe('decision-warned')
    expect((await post({ ...allow, force: true })).status).toBe(201)
    expect((await data('/decisions.json')).decided.warnings).toHaveLength(1)
  })

  it('gives tags, by which the list is filtered', async () => {
    expect((await post({ verb: 'tag', subject: scanner, tags: ['Lab', 'it'] })).status).toBe(201)
    const { rows, facets } = await data('/hosts.json?tag=lab')
    expect(rows).toMatchObject([{ host: scanner, tags: ['it', 'lab'], state: 'accused' }])
    expect(facets.tag).toEqual({ lab: 1, it: 1 })
    expect((await post({ verb: 'tag', subject: scanner, tags: ['no good'] })).status).toBe(400)
  })

  it('exports decisions, and imports those of another file', async () => {
    const adopt = (text: string, force = false) =>
      app.request('/decisions/import', {
        method: 'POST',
        headers: own,
        body: JSON.stringify({ text, force }),
      })
    await post({ verb: 'allow', subject: scanner, reason: 'ours' })
    const text = await (await get('/decisions.yaml')).text()
    expect(text).toContain(`allow: host ${scanner}`)
    rmSync(served.decisions)
    expect(await (await adopt(text)).json()).toMatchObject({ added: 1, gone: [scanner], warnings: [] })
    expect((await data('/decisions.json')).decided.decisions).toMatchObject([{ reason: 'ours' }])
    expect((await adopt('- erase: all\n')).status).toBe(400)
    await post({ verb: 'confirm', subject: webBots[0] })
    const hiding = `- allow: host ${webBots[0]}\n`
    expect((await adopt(hiding)).status).toBe(409)
    expect((await adopt(hiding, true)).status).toBe(201)
    const foreign = { ...own, origin: 'http://evil.example' }
    expect(
      (await app.request('/decisions/import', { method: 'POST', headers: foreign, body: '{}' })).status,
    ).toBe(403)
  })

  it('sees what another program wrote to the file', async () => {
    const { addDecisions, newDecision, readSubject } = await import('../decisions/index.ts')
    await addDecisions(served.decisions, [
      newDecision({ verb: 'allow', subject: readSubject(scanner), reason: '', author: 'ben' }, new Date()),
    ])
    expect((await data('/decisions.json')).decided.allowedHosts).toEqual([scanner])
  })

  it.each([
    [{}, 400],
    [{ verb: 'allow' }, 400],
    [{ verb: 'erase', subject: scanner }, 400],
    [{ verb: 'allow', subject: '<b>' }, 400],
    [{ verb: 'note', subject: scanner }, 400],
    [{ verb: 'allow', subject: scanner, expires: 'never' }, 400],
    [null, 400],
  ])('%j is refused', async (body, status) => {
    expect((await post(body)).status).toBe(status)
    expect((await data('/decisions.json')).decided.decisions).toEqual([])
  })
})

describe('who may ask', () => {
  const body = { verb: 'allow', subject: scanner }

  it('a page of elsewhere changes nothing', async () => {
    for (const headers of [
      { ...own, origin: 'http://evil.example' },
      { ...own, origin: 'null' },
      { ...own, 'sec-fetch-site': 'cross-site' },
      { ...own, 'sec-fetch-site': 'same-site' },
      { ...own, 'content-type': 'text/plain' },
      { ...own, 'content-type': 'application/x-www-form-urlencoded' },
    ])
      expect((await post(body, headers)).status, JSON.stringify(headers)).toBe(403)
    expect((await data('/decisions.json')).decided.decisions).toEqual([])
  })

  it('a name that leads here from elsewhere is refused', async () => {
    for (const host of [
      'evil.example',
      'evil.example:8480',
      '127.0.0.1.evil.example',
      'localhost.evil.example:80',
      '',
    ])
      expect((await get('/overview.json', { host })).status, host).toBe(403)
    for (const host of ['127.0.0.1:8480', 'localhost', '[::1]:8480'])
      expect((await get('/decisions.json', { host })).status, host).toBe(200)
  })

  it('a long body is refused', async () => {
    expect((await post({ ...body, reason: 'x'.repeat(100_000) })).status).toBe(413)
  })

  it('with a token nothing is shown without it, and a page takes it from its address once', async () => {
    const token = 'abcdefghijklmnopqrstuvwx'
    const guarded = createApp({ session: served.session, version: '0', token, author: 'x' })
    const ask = (path: string, headers: Record<string, string> = {}) =>
      guarded.request(path, { headers: { host: 'gannet.example', ...headers } })
    for (const path of ['/', '/overview.json', '/app/style.css', '/export/stix', `/?token=${token}x`])
      expect((await ask(path)).status, path).toBe(401)
    expect((await ask('/decisions.json', { authorization: `Bearer ${token}` })).status).toBe(200)
    expect((await ask('/decisions.json', { authorization: 'Bearer no' })).status).toBe(401)
    const entered = await ask(`/hosts?kind=scan&token=${token}`)
    expect(entered.status).toBe(302)
    expect(entered.headers.get('location')).toBe('/hosts?kind=scan')
    const cookie = entered.headers.get('set-cookie')!
    expect(cookie).toMatch(/HttpOnly/)
    expect(cookie).toMatch(/SameSite=Strict/)
    expect((await ask('/decisions.json', { cookie: cookie.split(';')[0]! })).status).toBe(200)
  })
})

describe('the modules of the pages', () => {
  it('need nothing that is not open, and no package by its bare name', async () => {
    const seen = new Set<string>()
    const walk = async (path: string): Promise<void> => {
      if (seen.has(path)) return
      seen.add(path)
      const text = await moduleText(path)
      expect(text, path).not.toBeNull()
      for (const [, target] of text!.matchAll(/^(?:import|export)\s[^'"]*from\s*['"]([^'"]+)['"]/gm)) {
        if (target!.startsWith('/vendor/lit-html/')) {
          expect(await vendorText(target!.slice('/vendor/lit-html/'.length)), target).not.toBeNull()
          continue
        }
        expect(target, path).toMatch(/^\.\.?\//)
        await walk(new URL(target!, `http://x/${path}`).pathname.slice(1))
      }
    }
    await walk('serve/web/main.ts')
    expect(seen.size).toBeGreaterThan(10)
  })
})
