/**
 * One name asked of the DNS, taken apart: who could have registered it, what stands before that, and whether it says
 * anything about a program that makes names up.
 *
 * The registered domain comes from the public suffix list (publicsuffix.org) through tldts, with its private part:
 * under `ddns.net` or `github.io` each customer is an owner of its own. Names under no listed suffix are of no
 * owner, save those of the alternative roots that generated names are known to use (EmerDNS, Namecoin, OpenNIC).
 */
import { domainToASCII } from 'node:url'
import { parse } from 'tldts'

/** What a name is; only `public` ones can be generated. */
export const nameKinds = [
  'public',
  'suffix',
  'reverse',
  'list',
  'service',
  'search',
  'local',
  'single',
  'unlisted',
  'address',
  'invalid',
  'root',
] as const
export type NameKind = (typeof nameKinds)[number]

export interface Name {
  readonly kind: NameKind
  /** Lower case, ASCII (punycode), without the last dot. */
  readonly text: string
  /** The domain somebody registered; empty where the kind has none. */
  readonly registered: string
  /** Its public suffix. */
  readonly suffix: string
  /** Its own label: `google` of `www.google.co.uk`. */
  readonly label: string
  /** What stands before the registered domain, with its dots; empty for none. */
  readonly before: string
}

/** Top-level names that are never delegated (RFC 6761, 6762, 7686, 8375, 9476) or usual inside sites. */
const localTops = new Set(
  (
    'local localdomain localhost lan home internal intranet corp private workgroup domain test invalid ' +
    'onion alt belkin dlink router gateway station mshome fritz box'
  ).split(' '),
)

/**
 * Roots beside the public one: EmerDNS, Namecoin, OpenNIC; and RFC 2606's `example`, under which made-up records (our
 * simulator's too) put their owners.
 */
const otherRoots = new Set(
  'bazar coin emc lib bit bbs chan cyb dyn geek gopher indy libre neo null oss oz parody pirate example'.split(
    ' ',
  ),
)

/** Tops that stand inside a name only where a resolver put its search suffix behind a whole one. */
const wholeTops = new Set('com net org edu gov info'.split(' '))

/** An address backwards in front, or a hash: black lists and reputation services (RFC 5782). */
const listLookup = /^(?:[0-9]{1,3}\.){4}.|^(?:[0-9a-f]\.){16}|^[0-9a-f]{32,64}\./

const options = { allowPrivateDomains: true, validateHostname: false, extractHostname: false } as const

/** Takes a name apart. Any text is allowed: readers give what was on the wire. */
export function nameOf(query: string): Name {
  const text = asciiOf(query.toLowerCase().replace(/\.+$/, ''))
  const none = (kind: NameKind): Name => ({ kind, text, registered: '', suffix: '', label: '', before: '' })
  if (text === '') return none('root')
  if (bytesOf(text) > 253 || /[\s"'<>()]/.test(text)) return none('invalid')
  if (isAddress(text)) return none('address')
  const dot = text.lastIndexOf('.')
  if (dot < 0) return none('single')
  const top = text.slice(dot + 1)
  if (top === 'arpa') return none(text === 'home.arpa' || text.endsWith('.home.arpa') ? 'local' : 'reverse')
  if (localTops.has(top)) return none('local')
  return named(text, top, none)
}

function named(text: string, top: string, none: (kind: NameKind) => Name): Name {
  const { suffix, registered } = ownerOf(text, top)
  if (suffix === '') return none('unlisted')
  if (registered === '') return { ...none('suffix'), suffix }
  const before = text.length > registered.length ? text.slice(0, text.length - registered.length - 1) : ''
  const label = registered.slice(0, registered.length - suffix.length - 1)
  return { kind: kindOf(text, before, label), text, registered, suffix, label, before }
}

function ownerOf(text: string, top: string): { suffix: string; registered: string } {
  const { domain, publicSuffix, isIcann, isPrivate } = parse(text, options)
  if (isIcann || isPrivate) return { suffix: publicSuffix ?? '', registered: domain ?? '' }
  if (!otherRoots.has(top)) return { suffix: '', registered: '' }
  return { suffix: top, registered: text.split('.').slice(-2).join('.') }
}

function kindOf(text: string, before: string, label: string): NameKind {
  if (listLookup.test(text)) return 'list'
  if (text.startsWith('_') || text.includes('._')) return 'service'
  if (/(?:^|\.)\.|\.$/.test(before) || !/^[a-z0-9-]+$/.test(label)) return 'invalid'
  const labels = before.split('.')
  return labels.length > 1 && labels.slice(1).some((each) => wholeTops.has(each)) ? 'search' : 'public'
}

/** Length on the wire: a byte that does not print is written \\DDD. */
export const bytesOf = (text: string): number => text.replaceAll(/\\\d{3}/g, '?').length

const isAddress = (text: string): boolean =>
  /^\d{1,3}(?:\.\d{1,3}){3}$/.test(text) || (text.includes(':') && /^[0-9a-f:.%]+$/.test(text))

/** Punycode for what is not ASCII; what has none stays, and is invalid as a label. */
const asciiOf = (text: string): string => {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the range is all of ASCII.
  if (/^[\x00-\x7f]*$/.test(text)) return text
  return domainToASCII(text) || text
}
