import type { Random } from '../math/random.ts'
import type { Outside } from './outside.ts'

export type Role =
  | 'staff'
  | 'student'
  | 'lab'
  | 'phone'
  | 'printer'
  | 'camera'
  | 'thing'
  | 'voip-phone'
  | 'resolver'
  | 'directory'
  | 'file-server'
  | 'mail-server'
  | 'web-server'
  | 'time-server'
  | 'proxy'
  | 'vpn-gateway'
  | 'monitor'
  | 'auditor'
  | 'backup'
  | 'build-server'
  | 'newsletter'
  | 'resident'
  | 'television'
  | 'speaker'
  | 'quiet'
  | 'application'
  | 'database'
  | 'front'
  | 'outside'

/** Seconds since the scenario began. */
export interface Span {
  readonly from: number
  readonly to: number
}

/** An address from a moment on, in seconds since the scenario began. */
interface Lease {
  readonly from: number
  readonly address: string
}

export interface Host {
  /** The first address, and the only one of hosts whose lease is renewed. */
  readonly address: string
  /** Every address in turn, the first among them; absent where it never changes. */
  readonly leases?: readonly Lease[]
  /** How much more, or less, its user does than the median one; 1 where absent. */
  readonly activityScale?: number
  readonly role: Role
  readonly system: 'windows' | 'linux' | 'phone' | 'device'
  /** When the machine runs. */
  readonly on: readonly Span[]
  /** When somebody sits at it. */
  readonly used: readonly Span[]
}

export interface Network {
  /** Whole microseconds since the epoch at which the scenario begins. */
  readonly from: number
  /** Length in seconds. */
  readonly length: number
  /** Day of the week on which it begins, 0 for Sunday. */
  readonly weekday: number
  /** CIDR. */
  readonly internal: readonly string[]
  /** Name that the campus gives its own machines. */
  readonly domain: string
  readonly hosts: readonly Host[]
  readonly outside: Outside
  hostsOf(role: Role): readonly Host[]
}

/** The address that a host has at this second. */
export function addressAt({ address, leases }: Host, at: number): string {
  return leases?.findLast(({ from }) => from <= at)?.address ?? address
}

/** What a behaviour is given: who acts, where, and its own stream of chance. */
export interface Actor {
  readonly host: Host
  readonly network: Network
  readonly random: Random
  /** Botnet that this actor belongs to; empty for benign ones. */
  readonly origin: string
  /** The next connection id; unique in the whole scenario. */
  uid(): string
  /** The next ephemeral port, in the order that the operating system gives them out. */
  port(): number
}

const letters = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** Five letters from one draw: 62^5 values. */
function fiveLetters(random: Random): string {
  let rest = random.integer(916_132_832)
  let text = ''
  for (let i = 0; i < 5; i++) {
    text += letters[rest % 62]
    rest = Math.floor(rest / 62)
  }
  return text
}

export function actorOf(network: Network, host: Host, random: Random, origin = ''): Actor {
  const names = random.split('uid')

  // Windows and phones give out 49152-65535 (IANA), Linux 32768-60999.
  const low = host.system === 'linux' ? 32768 : 49152
  const count = host.system === 'linux' ? 28232 : 16384
  let offset = random.split('port').integer(count)

  return {
    host,
    network,
    random,
    origin,
    uid: () => `C${fiveLetters(names)}${fiveLetters(names)}${fiveLetters(names)}`,
    port: () => {
      offset = (offset + 1 + names.integer(3)) % count
      return low + offset
    },
  }
}
