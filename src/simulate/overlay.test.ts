import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { importInputs } from '../capture/import/import.ts'
import { UserError } from '../errors.ts'
import { openEmbedded } from '../store/embedded.ts'
import { prepare } from '../store/ledger.ts'
import { parseNetworks } from '../store/networks.ts'
import { type BotRecords, botRecordsIn } from './bot-records.ts'
import type { Exchange } from './exchange.ts'
import { type Ground, groundIn, overlay } from './overlay.ts'
import type { Scenario } from './scenario.ts'
import { simulate } from './write.ts'

const hour = 3600e6
const day = 24 * hour
const noon = Date.parse('2024-05-06T12:00:00Z') * 1000

const flow = (start: number, client: string, server: string): Exchange => ({
  uid: `C${start}`,
  start,
  end: start + 1e6,
  proto: 'tcp',
  client,
  clientPort: 50_000,
  server,
  serverPort: 80,
  service: '',
  state: 'SF',
  history: 'ShADadFf',
  clientPayload: 100,
  serverPayload: 200,
  clientPackets: 5,
  serverPackets: 5,
  clientIpBytes: 300,
  serverIpBytes: 400,
  origin: 'overlay',
})

const bots: BotRecords = {
  botnets: [
    {
      id: 'b',
      family: 'irc',
      topology: 'star',
      hosts: ['10.0.0.5', '10.0.0.6'],
      cnc: ['203.0.113.9:80/tcp', '147.32.9.9:80/tcp'],
      activities: [],
    },
  ],
  flows: [
    flow(noon, '10.0.0.5', '203.0.113.9'),
    flow(noon + hour, '10.0.0.6', '147.32.9.9'),
    flow(noon + 2 * hour, '10.0.0.5', '10.0.0.1'),
  ],
  leftOut: 0,
  halved: 0,
  resolvers: ['10.0.0.1'],
  from: noon,
  to: noon + 2 * hour + 1e6,
  resolution: 'microseconds',
}

const ground = (hours: number, more: Partial<Ground> = {}): Ground => {
  const from = Date.parse('2011-08-16T08:00:00Z') * 1000
  return {
    internal: parseNetworks(['147.32.0.0/16']),
    hosts: [9, 10, 20, 30, 4000].map((flows, i) => ({ host: `147.32.0.${i + 1}`, flows })),
    resolver: '147.32.0.99',
    from,
    to: from + hours * hour,
    resolution: 'microseconds',
    known: new Set(),
    ...more,
  }
}

const options = { seed: 3, onto: [], isInternal: (address: string) => address.startsWith('147.32.') }

describe('an overlay', () => {
  it('gives each bot a host of ten flows or more, its own resolver, and leaves servers outside', () => {
    const { exchanges, truth, artefacts } = overlay(bots, ground(30), options)
    const given = Object.values(artefacts.addresses.given)
    expect(new Set(given).size).toBe(2)
    expect(given).not.toContain('147.32.0.1')
    expect(truth.botnets[0]!.hosts).toEqual(given)
    expect(exchanges.map(({ client }) => client)).toEqual([given[0], given[1], given[0]])
    expect(exchanges[0]!.server).toBe('203.0.113.9')
    expect(exchanges[2]!.server).toBe('147.32.0.99')
  })

  it('moves a server that lies in the background’s networks, in the truth as in the records', () => {
    const { exchanges, truth, artefacts } = overlay(bots, ground(30), options)
    expect(artefacts.addresses.moved).toEqual(['147.32.9.9'])
    expect(exchanges[1]!.server).toMatch(/^45\./)
    expect(truth.botnets[0]!.cnc[1]).toBe(`${exchanges[1]!.server}:80/tcp`)
  })

  it('keeps the time of day where the background has a day, to the microsecond', () => {
    for (const hours of [24, 30]) {
      const { exchanges, artefacts } = overlay(bots, ground(hours), options)
      expect(exchanges[0]!.start % day).toBe(noon % day)
      expect(artefacts.clock).toMatchObject({ timeOfDayKept: true, cut: 0 })
    }
    const { artefacts } = overlay(bots, ground(23.99), options)
    expect(artefacts.clock).toMatchObject({ timeOfDayKept: false, cut: 0 })
    expect(artefacts.warnings.join()).toContain('another time of day')
  })

  it('says what is cut, how fine the clocks are, and who becomes loud', () => {
    const short = ground(1, { resolution: 'seconds' })
    const { exchanges, artefacts } = overlay(bots, short, { ...options, onto: ['147.32.0.2', '147.32.0.3'] })
    expect(exchanges.length).toBe(1)
    expect(artefacts.clock.cut).toBe(2)
    expect(artefacts.warnings.join()).toContain('in microseconds among the bots and in seconds')
    expect(artefacts.load[0]).toMatchObject({ host: '147.32.0.2', before: 10, added: 1 })
  })

  it('needs as many hosts as there are bots', () => {
    expect(() => overlay(bots, ground(30, { hosts: [{ host: '147.32.0.2', flows: 10 }] }), options)).toThrow(
      UserError,
    )
  })
})

describe('records of a simulation, through a database', () => {
  const folder = mkdtempSync(join(tmpdir(), 'gannet-overlay-'))
  let opened: Awaited<ReturnType<typeof openEmbedded>>
  const sandbox: Scenario = {
    name: 'sandbox',
    doc: '',
    begins: '2025-03-04T00:00:00Z',
    hours: 24,
    prefix: '10.70',
    domain: 'sandbox.example',
    populations: [
      { role: 'resolver', count: 1, systems: ['linux'], habits: [] },
      { role: 'thing', count: 6, systems: ['windows'], habits: [] },
    ],
    surroundings: [],
    botnets: [{ id: 'http', family: 'http-fixed', size: 3, among: ['thing'] }],
  }
  beforeAll(async () => {
    opened = await openEmbedded(join(folder, 'db'))
    await prepare(opened)
  })
  afterAll(async () => {
    await opened.close()
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  })

  it('come out as they went in', async () => {
    const { files, truth, flows } = await simulate({
      scenario: sandbox,
      seed: 2,
      out: join(folder, 'records'),
    })
    await importInputs(
      opened,
      files.filter((file) => file.endsWith('.log')),
    )
    const internal = parseNetworks(['10.70.0.0/16'])
    const taken = await botRecordsIn(opened, truth, internal)
    expect(taken.flows.length).toBe(flows)
    expect(taken).toMatchObject({ leftOut: 0, halved: 0, resolution: 'microseconds' })
    expect(taken.resolvers.length).toBe(1)
    const calls = taken.flows.filter(({ http }) => http)
    expect(calls.length).toBeGreaterThan(100)
    expect(calls[0]!.http![0]!.uri).toContain('.php?id=')
    expect(taken.flows.some(({ dns }) => dns?.query.startsWith('http-fixed'))).toBe(true)
    const servers = truth.botnets[0]!.cnc.map((each) => each.split(':')[0]!)
    const seen = await groundIn(opened, internal, servers)
    expect([...seen.known]).toEqual(servers)
    expect(seen.hosts.map(({ host }) => host).toSorted()).toEqual([...truth.botnets[0]!.hosts].sort())
    expect(seen.resolver).toBe(taken.resolvers[0])
  })

  it('without a bot are refused', async () => {
    const nobody = {
      about: '',
      internal: [],
      benign: null,
      from: 0,
      to: 0,
      botnets: [{ ...bots.botnets[0]!, hosts: ['10.9.9.9'] }],
    }
    await expect(botRecordsIn(opened, nobody, parseNetworks(['10.0.0.0/8']))).rejects.toThrow(UserError)
  })
})
