import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { answered, at, call, client, featuresIn } from '../../../test/fixtures/contact-calls.ts'
import { type Bench, type Given, openBench } from '../../../test/fixtures/records.ts'

let bench: Bench
beforeAll(async () => {
  bench = await openBench()
})
afterAll(() => bench.close())

const site = '198.51.100.9'

describe('what comes before a first call', () => {
  const later = { '203.0.113.1': 100, '203.0.113.2': 1800, '203.0.113.3': 7200 }
  const flow = Object.entries(later).map(([server, seconds]) => call(server, seconds))
  const fetched = (host: string, mimeType = 'application/x-dosexec'): Given => ({
    client,
    server: site,
    start: at(0),
    host,
    uri: '/a.exe',
    mimeType,
  })
  const afterProgram = async (program: Given) => {
    const found = await featuresIn(bench, { flow, http: [program] })
    return Object.keys(later).map((server) => found.get(server)!.afterProgram)
  }

  it.each(['files.blorpsta.top', site])('a program from %s, the more the sooner', async (host) => {
    const [soon, half, none] = await afterProgram(fetched(host))
    expect(soon).toBe(1)
    expect(half).toBeCloseTo(0.28, 1)
    expect(none).toBe(0)
  })

  it.each([
    ['a program from a popular site', fetched('download.microsoft.com')],
    ['a page', fetched('files.blorpsta.top', 'text/html')],
  ])('but not %s', async (_, given) => {
    expect(await afterProgram(given)).toEqual([0, 0, 0])
  })

  it('a question for its own address, but not of a host that always asks', async () => {
    const checks = (times: number) => Array.from({ length: times }, (_, i) => call('198.51.100.7', 10 + i))
    const dns = [answered('api.ipify.org', '198.51.100.7')]
    const once = await featuresIn(bench, { flow: [...checks(1), ...flow], dns })
    expect(Object.keys(later).map((server) => once.get(server)!.afterCheck)).toEqual([1, 0, 0])
    const always = await featuresIn(bench, { flow: [...checks(40), ...flow], dns })
    expect(always.get('203.0.113.1')!.afterCheck).toBe(0)
  })
})

it('a certificate shows who made it and for whom', async () => {
  const cases = [
    ['CN=cdn.blorpsta1.com', "CN=R3,O=Let's Encrypt", 0, 0],
    ['CN=cdn.blorpsta2.com', 'CN=cdn.blorpsta2.com', 1, 0],
    ['C=US,O=Internet Widgits Pty Ltd', 'CN=ca', 1, 0],
    ['CN=AsyncRAT Server', 'CN=AsyncRAT Server CA', 1, 1],
    ['CN=*.other.example.net', 'CN=R3', 0, 0.4],
  ] as const
  const servers = cases.map((_, i) => `203.0.113.${i + 1}`)

  const found = await featuresIn(bench, {
    flow: servers.map((server, i) => call(server, i)),
    tls: cases.map(([subject, issuer], i) => ({
      client,
      server: servers[i],
      start: at(i),
      uid: `${servers[i]} ${i}`,
      serverName: `cdn.blorpsta${i + 1}.com`,
      subject,
      issuer,
    })),
  })

  const seen = servers.map((server) => found.get(server)!)
  expect(seen.map(({ certificate, misnamed }) => [certificate, misnamed])).toEqual(
    cases.map(([, , certificate, misnamed]) => [certificate, misnamed]),
  )
})

it('requests show disguised programs, and POST the more the oftener', async () => {
  const cases = [
    ['/logo.png', 'application/x-dosexec', 'GET', 1, 1, 0],
    ['/setup.exe', 'application/x-dosexec', 'GET', 1, 0.5, 0],
    ['/logo.png', 'image/png', 'GET', 1, 0, 0],
    ['/gate', '', 'POST', 1, 0, 1 / 3],
    ['/gate', '', 'POST', 3, 0, 1],
  ] as const
  const servers = cases.map((_, i) => `203.0.113.${i + 1}`)

  const found = await featuresIn(bench, {
    flow: servers.map((server, i) => call(server, i, { serverPort: 80 })),
    http: cases.flatMap(([uri, mimeType, method, times], i) =>
      Array.from({ length: times }, () => ({
        client,
        server: servers[i],
        start: at(i),
        uid: `${servers[i]} ${i}`,
        host: `blorpsta${i}.com`,
        uri,
        mimeType,
        method,
      })),
    ),
  })

  const seen = servers.map((server) => found.get(server)!)
  expect(seen.map(({ disguised, posts }) => [disguised, posts])).toEqual(
    cases.map(([, , , , disguised, posts]) => [disguised, posts]),
  )
})

it('tells letters thrown together from words', async () => {
  const names = {
    'd9prc2a6zc.com': 1,
    'aqbyxuwnntjzh1.com': 1,
    'office-supplies.com': 0,
    'schlossstrasse.de': 0,
    'web2print.biz': 0,
    'd9prc2a6zc.cloudfront.net': 0,
  }
  const servers = Object.keys(names).map((_, i) => `203.0.113.${i + 1}`)
  const found = await featuresIn(bench, {
    flow: servers.map((server, i) => call(server, i + 1)),
    dns: Object.keys(names).map((name, i) => answered(name, servers[i]!)),
  })
  expect(servers.map((server) => found.get(server)!.oddName)).toEqual(Object.values(names))
})

describe('a server inside', () => {
  const near = (server: string) => call(server, 1, { serverPort: 8443 })

  it('in a range where no host is counts less as inside, and as a stranger', async () => {
    const found = await featuresIn(bench, { flow: [near('10.0.0.9'), near('192.168.0.5')] })
    const [own, foreign] = [found.get('10.0.0.9')!, found.get('192.168.0.5')!]
    expect(foreign.inside).toBeLessThan(own.inside)
    expect([own.stranger, foreign.stranger]).toEqual([0, 1])
  })

  it('in a public range of the site is no stranger to its private clients', async () => {
    const found = await featuresIn(bench, { flow: [near('147.32.80.9'), near('10.0.0.9')] })
    const [theirs, own] = [found.get('147.32.80.9')!, found.get('10.0.0.9')!]
    expect([theirs.stranger, theirs.inside]).toEqual([0, own.inside])
  })

  it('that meets services outside itself is a machine of the site', async () => {
    const outward = call(site, 5, { client: '192.168.0.5' })
    const found = await featuresIn(bench, { flow: [near('192.168.0.5'), outward] })
    expect(found.get('192.168.0.5')).toMatchObject({ inside: 1, stranger: 0 })
  })
})
