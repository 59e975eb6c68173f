import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Bench, type Given, monday, openBench } from '../../../test/fixtures/records.ts'
import { parseNetworks } from '../../store/networks.ts'
import { findContacts } from './find.ts'

let bench: Bench
beforeAll(async () => {
  bench = await openBench()
})
afterAll(() => bench.close())

const scope = {
  from: monday,
  to: monday + 86400e6,
  internal: parseNetworks(['10.0.0.0/8', '192.168.0.0/16']),
}
const at = (seconds: number) => Math.round(monday + seconds * 1e6)
const client = '10.0.0.7'
const server = '203.0.113.66'

/** One connection, with a name for its server where one is given. */
const call = (seconds: number, rest: Given = {}): Given => ({
  client,
  server,
  start: at(seconds),
  clientPort: 20_000 + seconds,
  uid: `c${seconds}`,
  ...rest,
})
const asked = (seconds: number, query: string, answer = server): Given => ({
  client,
  start: at(seconds),
  query,
  answers: [answer],
})

async function featuresOf(given: Parameters<Bench['hold']>[0], of = server) {
  await bench.hold(given)
  const found = await findContacts(bench.store, scope, { analysis: 'features', mostOfHost: 50 })
  return found.find(({ trace }) => trace.servers.includes(of))!.features
}

describe('what comes before a first call', () => {
  const fetched = (host: string, mimeType = 'application/x-dosexec'): Given => ({
    client,
    server: '198.51.100.9',
    start: at(0),
    host,
    uri: '/a.exe',
    mimeType,
  })

  it.each([
    ['a program from a site that nobody knows', 'files.blorpsta.top', 100, 1],
    ['a program from a bare address', '198.51.100.9', 100, 1],
    ['the same half an hour later', 'files.blorpsta.top', 1800, 0.28],
    ['the same two hours later', 'files.blorpsta.top', 7200, 0],
    ['a program from a popular site', 'download.microsoft.com', 100, 0],
  ])('%s', async (_, host, seconds, expected) => {
    const features = await featuresOf({ flow: [call(seconds)], http: [fetched(host)] })
    expect(features.afterProgram).toBeCloseTo(expected, 1)
  })

  it('a page is no program', async () => {
    const features = await featuresOf({
      flow: [call(100)],
      http: [fetched('files.blorpsta.top', 'text/html')],
    })
    expect(features.afterProgram).toBe(0)
  })

  it('a question for its own address, but not of a host that always asks', async () => {
    const checks = (times: number) =>
      Array.from({ length: times }, (_, i) => call(10 + i, { server: '198.51.100.7', uid: `a${i}` }))
    const dns = [asked(1, 'api.ipify.org', '198.51.100.7')]
    expect((await featuresOf({ flow: [...checks(1), call(100)], dns })).afterCheck).toBe(1)
    expect((await featuresOf({ flow: [...checks(40), call(100)], dns })).afterCheck).toBe(0)
    expect((await featuresOf({ flow: [...checks(1), call(3000)], dns })).afterCheck).toBe(0)
  })
})

describe('what a connection shows', () => {
  const shown = (rest: Given) => ({
    flow: [call(1)],
    dns: [asked(0, 'cdn.blorpsta.com')],
    tls: [{ client, server, start: at(1), uid: 'c1', serverName: 'cdn.blorpsta.com', ...rest }],
  })

  it.each([
    ['of its own name', 'CN=cdn.blorpsta.com', "CN=R3,O=Let's Encrypt", 0, 0],
    ['signed by itself', 'CN=cdn.blorpsta.com', 'CN=cdn.blorpsta.com', 1, 0],
    ['as a tool fills it in', 'C=US,O=Internet Widgits Pty Ltd', 'CN=ca', 1, 0],
    ['of no domain at all', 'CN=AsyncRAT Server', 'CN=AsyncRAT Server CA', 1, 1],
    ['of another domain', 'CN=*.other.example.net', 'CN=R3', 0, 0.4],
  ])('a certificate %s', async (_, subject, issuer, certificate, misnamed) => {
    expect(await featuresOf(shown({ subject, issuer }))).toMatchObject({ certificate, misnamed })
  })

  it.each([
    ['/logo.png', 'application/x-dosexec', 1],
    ['/setup.exe', 'application/x-dosexec', 0.5],
    ['/logo.png', 'image/png', 0],
  ])('%s as %s', async (uri, mimeType, expected) => {
    const http = [{ client, server, start: at(1), uid: 'c1', host: 'blorpsta.com', uri, mimeType }]
    expect((await featuresOf({ flow: [call(1, { serverPort: 80 })], http })).disguised).toBe(expected)
  })

  it.each([
    ['one', 1, 1 / 3],
    ['three', 3, 1],
  ])('%s POST', async (_, times, expected) => {
    const http = Array.from({ length: times }, () => ({
      client,
      server,
      start: at(1),
      uid: 'c1',
      method: 'POST',
    }))
    const features = await featuresOf({ flow: [call(1, { serverPort: 80 })], http })
    expect(features.posts).toBeCloseTo(expected, 5)
  })
})

describe('a name', () => {
  it.each([
    ['d9prc2a6zc.com', 1],
    ['aqbyxuwnntjzh1.com', 1],
    ['office-supplies.com', 0],
    ['schlossstrasse.de', 0],
    ['web2print.biz', 0],
  ])('%s of letters thrown together', async (name, expected) => {
    expect((await featuresOf({ flow: [call(1)], dns: [asked(0, name)] })).oddName).toBe(expected)
  })
})

describe('a server inside', () => {
  const near = (address: string, seconds = 1) => call(seconds, { server: address, serverPort: 8443 })

  it('in a range where no host is counts less as inside, and as a stranger', async () => {
    const own = await featuresOf({ flow: [near('10.0.0.9')] }, '10.0.0.9')
    const foreign = await featuresOf({ flow: [near('192.168.0.5')] }, '192.168.0.5')
    expect(foreign.inside).toBeLessThan(own.inside)
    expect([own.stranger, foreign.stranger]).toEqual([0, 1])
  })

  it('that meets services outside itself is a machine of the site', async () => {
    const outward = call(5, { client: '192.168.0.5' })
    const features = await featuresOf({ flow: [near('192.168.0.5'), outward] }, '192.168.0.5')
    expect(features).toMatchObject({ inside: 1, stranger: 0 })
  })
})
