/** Alerts of a service beside the truth: who was found, how long after its first call, and who was wrongly alerted on. */
import type { AlertMessage } from '../../src/alerts/alert.ts'
import type { TrueMachine, Truth } from '../../src/model/truth.ts'
import type { Exchange } from '../../src/simulate/index.ts'

const day = 86_400e6

/** A bot: when it first called its C&C, and when an alert first named an address that it had. Microseconds. */
export interface Bot {
  readonly botnet: string
  readonly family: string
  called: number | null
  alerted: number | null
  /** Kinds of findings in alerts that named it. */
  readonly kinds: Set<string>
  /** Whether one of them named a server of its C&C; else it was found for something else that its host did. */
  isNamed: boolean
}

export interface WrongAlert {
  readonly host: string
  readonly alert: AlertMessage
}

export interface Judged {
  /** Alerts times hosts that they name: of bots, and of hosts that were clean at the time. */
  readonly right: number
  readonly wrong: readonly WrongAlert[]
}

export interface HostDays {
  /** Addresses that spoke on a day, and those of them that no infected machine had then. */
  readonly hosts: number
  readonly clean: number
}

export interface Tally {
  readonly bots: readonly Bot[]
  /** Connections in the order of their end. */
  saw(records: readonly Exchange[]): void
  /** Judges alerts that came when records up to `at` were known. */
  alerted(alerts: readonly AlertMessage[], at: number): Judged
  /** Hosts that spoke on a day, counted from 0. */
  hostDays(number: number): HostDays
  /** Bots that had called by then. */
  infected(at: number): number
}

interface Followed extends Bot {
  readonly machine: TrueMachine
}

/** @throws RangeError where the truth does not tell the bots one by one. */
export function createTally(truth: Truth): Tally {
  const bots = truth.botnets.flatMap(({ id, family, machines }): Followed[] => {
    if (!machines) throw new RangeError(`the truth does not tell the bots of ${id}`)
    return machines.map((machine) => ({
      botnet: id,
      family,
      called: null,
      alerted: null,
      kinds: new Set(),
      isNamed: false,
      machine,
    }))
  })
  const servers = new Map(truth.botnets.map(({ id, cnc }) => [id, new Set(cnc)]))
  const spoke = new Map<number, Set<string>>()
  const isInside = insideOf(truth.internal)

  return {
    bots,

    saw(records) {
      for (const { client, server, serverPort, proto, start, origin } of records) {
        if (isInside(client)) {
          const number = Math.floor((start - truth.from) / day)
          if (!spoke.has(number)) spoke.set(number, new Set())
          spoke.get(number)!.add(client)
        }
        if (!servers.get(origin)?.has(`${server}:${serverPort}/${proto}`)) continue
        for (const bot of bots)
          if (bot.botnet === origin && start >= bot.machine.since && hadDuring(bot, client, start, start))
            bot.called = Math.min(start, bot.called ?? start)
      }
    },

    alerted(alerts, at) {
      let right = 0
      const wrong: WrongAlert[] = []

      for (const alert of alerts)
        for (const host of alert.hosts) {
          const [from, to] = [Date.parse(alert.from) * 1000, Date.parse(alert.to) * 1000 + 1000]
          const own = bots.filter(
            (bot) => bot.called !== null && hadDuring(bot, host, Math.max(from, bot.called), to),
          )
          for (const bot of own) {
            bot.alerted ??= at
            bot.kinds.add(alert.kind)
            bot.isNamed ||= alert.cnc.some(({ address, port, protocol }) =>
              servers.get(bot.botnet)!.has(`${address}:${port}/${protocol}`),
            )
          }
          if (own.length > 0) right++
          else wrong.push({ host, alert })
        }

      return { right, wrong }
    },

    hostDays(number) {
      const [from, to] = [truth.from + number * day, truth.from + (number + 1) * day]
      const all = [...(spoke.get(number) ?? [])]
      const isClean = (host: string) =>
        !bots.some(({ machine }) =>
          machine.addresses.some(
            (own) => own.address === host && own.from < to && own.to > from && machine.since < to,
          ),
        )
      return { hosts: all.length, clean: all.filter(isClean).length }
    },

    infected: (at) => bots.filter(({ called }) => called !== null && called < at).length,
  }
}

/** Whether a bot had an address at some time of a stretch. */
const hadDuring = ({ machine }: Followed, address: string, from: number, to: number): boolean =>
  from <= to && machine.addresses.some((own) => own.address === address && own.from <= to && own.to > from)

/** The networks of scenarios are /16s. */
function insideOf(internal: readonly string[]): (address: string) => boolean {
  const prefixes = internal.map((network) => `${network.split('.').slice(0, 2).join('.')}.`)
  return (address) => prefixes.some((prefix) => address.startsWith(prefix))
}
