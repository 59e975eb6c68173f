/** Devices of one maker: hosts that call one service alike and have their other services in common as well. */
import type { SharedUse } from './facts.ts'

/** Of each host the services that a few other hosts call too, by their key, with how many hosts do. */
export type SharedServices = ReadonlyMap<string, ReadonlyMap<string, number>>

/** Services of a device, most. */
export const fewContacts = 12

/** Whoever asks for names or the time does what every machine does. */
const everybodys = / (53|123)\/(udp|tcp)$/

export function sharedServicesOf(sharedUse: ReadonlyMap<string, SharedUse>): SharedServices {
  const services = new Map<string, Map<string, number>>()

  for (const [key, { callers, hosts }] of sharedUse) {
    if (everybodys.test(key)) continue
    for (const { client } of callers) {
      const own = services.get(client)
      if (own) own.set(key, hosts)
      else services.set(client, new Map([[key, hosts]]))
    }
  }
  return services
}

/**
 * Whether a host and the hosts that call `key` as it does are devices of one kind: it has few services, and at least
 * one other that half of them call too and few others do. Victims of one server are machines of different people.
 *
 * @param contacts Services that the host met in all.
 */
export function isFleet(
  { client, key, contacts }: { readonly client: string; readonly key: string; readonly contacts: number },
  alike: readonly string[],
  services: SharedServices,
): boolean {
  if (alike.length === 0 || contacts > fewContacts) return false
  const others = alike.map((each) => services.get(each))
  const most = 2 * (alike.length + 1)

  return [...(services.get(client) ?? [])].some(
    ([each, hosts]) =>
      each !== key && hosts <= most && 2 * others.filter((own) => own?.has(each)).length >= alike.length,
  )
}
