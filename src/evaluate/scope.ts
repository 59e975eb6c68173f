import { BlockList, isIP } from 'node:net'
import type { Truth } from '../model/truth.ts'

/** Whether the truth says of a host that it is a bot or that it is clean. */
export function scopeOf(truth: Truth): (host: string) => boolean {
  const bots = new Set(truth.botnets.flatMap(({ hosts }) => hosts))
  if (truth.benign !== null) {
    const benign = new Set(truth.benign)
    return (host) => bots.has(host) || benign.has(host)
  }
  const internal = new BlockList()
  for (const network of truth.internal) {
    const [address = '', length = ''] = network.split('/')
    internal.addSubnet(address, Number(length), family(address))
  }
  return (host) => bots.has(host) || (isIP(host) !== 0 && internal.check(host, family(host)))
}

const family = (address: string) => (isIP(address) === 6 ? 'ipv6' : 'ipv4')
