/**
 * Innocent people who do what bots are made to do: somebody tries a port scanner, a class installs one program, an
 * office mails its members. Each by itself; what they share is the kind of thing, and at times the hour.
 */
import { behaviour } from '../behaviour.ts'
import type { Exchange } from '../exchange.ts'
import { lookups, plain, type Remembered, request } from '../talks.ts'
import { refused, tcp, unanswered } from '../wire.ts'

export const survey = behaviour({
  name: 'survey',
  doc:
    'Somebody tries a port scanner on a network outside, from ' +
    'the own desk: a few hundred addresses, one or two ports.',
  defaults: { hour: 11, spread: 6, addresses: 300, perSecond: 3 },
  *run(actor, { hour, spread, addresses, perSecond }) {
    const { random, network, host } = actor
    const port = random.pick([22, 80, 80, 443, 445, 23, 3389, 8080])
    const prefix = network.outside.address(random).split('.').slice(0, 2).join('.')
    let at = (hour + spread * random.next()) * 3600

    for (let i = 0; i < addresses; i++) {
      if (!host.on.some(({ from, to }) => from <= at && at < to)) return
      const to = { at, server: `${prefix}.${random.integer(4)}.${1 + random.integer(254)}`, port }
      const chance = random.next()
      yield [
        chance < 0.8
          ? unanswered(actor, to, 1 + random.integer(2))
          : chance < 0.9
            ? refused(actor, to, 0.1)
            : tcp(actor, { ...to, duration: 0.5 + random.next(), up: 90, down: 400, turns: 2 }),
      ]
      at += random.exponential(1 / perSecond)
    }
  },
})

export const installInClass = behaviour({
  name: 'install-in-class',
  doc: 'The exercise of the day: all fetch the same program from its maker, within a few minutes.',
  defaults: { hour: 10.25, program: 'exercise', megabytes: 6 },
  *run(actor, { hour, program, megabytes }) {
    const { random, network, host } = actor
    const maker = network.outside.service(`${program}-maker`, 1)
    const at = hour * 3600 + random.exponential(180)
    if (!host.on.some(({ from, to }) => from <= at && at < to)) return
    const remembered: Remembered = new Map()
    const responseBody = Math.round(Number(megabytes) * 1e6)

    const file = request({
      host: maker.name,
      uri: `/setup/${program}.exe`,
      responseBody,
      mime: 'application/x-dosexec',
      content: `program ${program}`,
    })

    const calls: Exchange[] = lookups(actor, at, maker, remembered)
    calls.push(
      plain(actor, { to: maker, at: at + 0.05, duration: 0.5 + responseBody / 4e6, requests: [file] }),
    )

    yield calls
  },
})
