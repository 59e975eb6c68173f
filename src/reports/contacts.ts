/** The ranked contacts of an answer, for a person at a terminal. */
import type { Answer, ContactReason, RankedContact } from '../model/answer.ts'
import { sayCount, sayEndpoint, sayMany } from '../model/words/say.ts'
import type { RenderOptions } from './format.ts'
import { bullets, commandOver, heading, indented, labelled, type Page, pageOf, plain } from './text-layout.ts'

/** Reasons of either side that one line names. */
const reasonsShown = 3

const sayReasons = (reasons: readonly ContactReason[], most: number): string =>
  reasons
    .slice(0, most)
    .map(({ description }) => description)
    .join('; ')

/** "10.0.0.7 to 203.0.113.9:443/tcp (0.41). For: …; …. Against: …; …". */
function contactLine({ reasons, score, host, servers, ...endpoint }: RankedContact): string {
  const speaking = reasons.filter(({ logOdds }) => logOdds > 0)
  const clearing = reasons.filter(({ logOdds }) => logOdds < 0)
  const more = servers > 1 ? ` and ${sayMany(servers - 1, 'other server')}` : ''
  const against = clearing.length > 0 ? `. Against: ${sayReasons(clearing, 2)}` : ''
  const why = `For: ${sayReasons(speaking, reasonsShown) || 'nothing'}`
  return `${host} to ${sayEndpoint(endpoint)}${more} (${score.toFixed(2)}). ${why}${against}`
}

/** The most suspicious contacts, whether they accuse or not, as a section below "nothing found". */
export function contactSection({ contacts }: Answer, most: number, page: Page): string[] {
  if (contacts.length === 0) return []
  return [
    ...heading('Most suspicious contacts', page),
    ...bullets(contacts.slice(0, most).map(contactLine), page),
    ...(contacts.length > most
      ? indented(`and ${sayCount(contacts.length - most)} more (${commandOver('gannet rank', page)})`, page)
      : []),
  ]
}

/** What `gannet rank` prints: contacts with all reasons, of one host or of all. */
export function renderContacts(
  contacts: readonly RankedContact[],
  { about, limit }: { readonly about: string; readonly limit: number },
  options: RenderOptions = {},
): string {
  const page = pageOf(options)
  const lines = plain(`${about}: ${sayMany(contacts.length, 'contact')}, most suspicious first.`, page)
  for (const contact of contacts.slice(0, limit)) lines.push('', ...contactBlock(contact, page))
  if (contacts.length > limit)
    lines.push('', ...plain(`and ${sayCount(contacts.length - limit)} more (--limit)`, page))
  return `${lines.join('\n')}\n`
}

/** Since when the host has the contact is said, and weighs nothing. */
const unweighed = ({ logOdds }: ContactReason): boolean => logOdds === 0
const sayUnweighed = ({ description }: ContactReason): string => `it ${description}`

function contactBlock(contact: RankedContact, page: Page): string[] {
  const { host, score, rank, accused, servers, calls, reasons } = contact
  const side = (sign: 1 | -1) =>
    reasons
      .filter(({ logOdds }) => Math.sign(logOdds) === sign)
      .map(({ description, logOdds }) => `${description} (${logOdds > 0 ? '+' : ''}${logOdds.toFixed(2)})`)
  const place = `${host} to ${sayEndpoint(contact)}`
  const facts = [
    `rank ${rank} of the host`,
    sayMany(calls, 'call'),
    ...(servers > 1 ? [sayMany(servers, 'server')] : []),
  ]

  return [
    ...plain(`${score.toFixed(2)}  ${place}${accused ? '  (accused)' : ''}`, page),
    ...labelled('what', [facts.join(', ')], page),
    ...labelled('for', side(1), page),
    ...labelled('against', side(-1), page),
    ...labelled('besides', reasons.filter(unweighed).map(sayUnweighed), page),
  ]
}
