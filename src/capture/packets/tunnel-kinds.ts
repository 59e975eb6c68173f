/** The kinds of tunnel, by name and by number. */
import type { Place } from '../layers/place.ts'

/** The number of a kind is its place here. */
export const tunnelKinds = [
  '',
  'ipip',
  'ipv6',
  'gre',
  'erspan',
  'pptp',
  'vxlan',
  'geneve',
  'teredo',
  'gtp',
  'tzsp',
  'l2tp',
  'capwap',
  'eoip',
  'etherip',
  'mpls',
  'gue',
  'fou',
  'ayiya',
  'lisp',
  'mirror',
] as const

type TunnelKind = Exclude<(typeof tunnelKinds)[number], ''>
export const carried = Object.fromEntries(tunnelKinds.map((name, number) => [name, number])) as Readonly<
  Record<TunnelKind, number>
>

/** Puts the first inner layer of a tunnel into `place`. */
export function enter(place: Place, kind: number, at: number, tunnel: number): true {
  place.kind = kind
  place.at = at
  place.tunnel = tunnel
  return true
}
