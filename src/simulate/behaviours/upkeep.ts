/** What keeps machines in order: updates, signatures, backups. */
import { beats, behaviour, daysOf } from '../behaviour.ts'
import type { Exchange } from '../exchange.ts'
import { lookups, plain, type Remembered, request, secure } from '../talks.ts'
import { tcp } from '../wire.ts'

const week = 7 * 86_400

export const update = behaviour({
  name: 'update',
  doc:
    'The operating system asks for updates every few hours with much jitter; on the ' +
    'day of a wave, one in seven, all fetch the same packages, programs among them.',
  defaults: { service: 'update', period: 4 * 3600, jitter: 0.3, wave: 0.6, waveHour: 10, sizeMegabytes: 18 },
  *run(actor, { service, period, jitter, wave, waveHour, sizeMegabytes }) {
    const { random, network } = actor
    const check = network.outside.service(String(service), 4)
    const packages = network.outside.service(`${service}-packages`, 8)
    const remembered: Remembered = new Map()
    let due = random.next() < wave
    let next = week

    for (const at of beats(actor, period, { jitter })) {
      const calls: Exchange[] = [
        ...lookups(actor, at, check, remembered),
        secure(actor, {
          to: check,
          at: at + 0.03,
          duration: 1 + random.exponential(2),
          up: 6000 + random.exponential(3000),
          down: 9000 + random.exponential(20_000),

          turns: 4,
        }),
      ]
      if (at > next) {
        due = random.next() < wave
        next += week
      }
      if (due && at % week > Number(waveHour) * 3600) {
        due = false
        calls.push(...lookups(actor, at + 3, packages, remembered))
        for (let part = 0; part < 3; part++) {
          const responseBody = Math.round(Number(sizeMegabytes) * 3.3e5 * (part + 1))

          const file = request({
            host: packages.name,
            uri: `/d/2024/${service}-kb50${part}-x64.exe`,
            responseBody,
            mime: 'application/x-dosexec',
            userAgent: 'Update-Agent/10.0',
            content: `${service} part ${part}`,
          })

          calls.push(
            plain(actor, {
              to: packages,
              at: at + 4 + part * 9,
              duration: 0.5 + responseBody / random.logNormal(Math.log(4e6), 0.5),
              requests: [file],
            }),
          )
        }
      }
      yield calls
    }
  },
})

export const antivirus = behaviour({
  name: 'antivirus',
  doc: 'Signature updates by the hour, in clear HTTP, with small differences; cloud look-ups beside them.',
  defaults: { service: 'antivirus', period: 3600 },
  *run(actor, { service, period }) {
    const { random, network } = actor
    const to = network.outside.service(String(service), 3)
    const remembered: Remembered = new Map()

    for (const at of beats(actor, Number(period), { jitter: 0.02, drift: false })) {
      const fresh = random.next() < 0.35
      const version = Math.floor(at / 7200)
      const requests = [
        request({
          host: to.name,
          uri: '/sig/version.txt',
          responseBody: 214,
          mime: 'text/plain',
          userAgent: 'AV-Client/7',
          content: `version ${version}`,
        }),
      ]
      if (fresh)
        requests.push(
          request({
            after: 0.2,
            host: to.name,
            uri: `/sig/delta-${version}.bin`,
            responseBody: 20_000 + ((version * 7919) % 160_000),
            mime: 'application/octet-stream',
            userAgent: 'AV-Client/7',
            content: `delta ${version}`,
          }),
        )
      yield [
        ...lookups(actor, at, to, remembered),
        plain(actor, { to, at: at + 0.03, duration: 0.3 + random.next(), requests }),
      ]
    }
  },
})

export const copyAway = behaviour({
  name: 'copy-away',
  doc: 'Backups to the campus backup server once a night, at a set hour, some gigabytes.',
  defaults: { hour: 1.5, gigabytes: 3 },
  *run(actor, { hour, gigabytes }) {
    const { random, network } = actor
    const server = network.hostsOf('backup')[0]!.address
    for (const from of daysOf(actor)) {
      const at = from + (hour + random.next() * 3) * 3600
      if (!actor.host.on.some((span) => span.from <= at && at < span.to)) continue
      const up = random.logNormal(Math.log(gigabytes * 1e9), 1)
      yield [tcp(actor, { at, server, port: 9102, duration: up / 4e7, up, down: up / 900 })]
    }
  },
})
