/** Truth from JSON: one capture's own file, or a map of captures with their bots, servers and clean hosts. */
import { isIP } from 'node:net'
import { UserError } from '../errors.ts'
import type { TrueBotnet, Truth } from '../model/truth.ts'

type Fields = Readonly<Record<string, unknown>>

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((each) => typeof each === 'string')

const invalid = (where: string, what: string) =>
  new UserError('truth-invalid', `${where}: ${what}`, 'See docs/reference for the form of truth.json.')

function parsed(text: string, where: string): Fields {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new UserError(
      'truth-invalid',
      `${where} is not JSON`,
      'Give the truth.json that `simulate` wrote.',
      cause,
    )
  }
  if (!isFields(value)) throw invalid(where, 'not an object')
  return value
}

/**
 * The truth in `text`. A map of captures needs `capture`, the name of one of them.
 *
 * @throws UserError `truth-invalid`.
 */
export function readTruth(
  text: string,
  { where = 'truth', capture }: { where?: string; capture?: string } = {},
): Truth {
  const value = parsed(text, where)
  const { botnets } = value
  if (Array.isArray(botnets)) return ownForm(value, where)
  const captures = capturesOf(value, where)
  const names = [...captures.keys()]
  const name = capture ?? (names.length === 1 ? names[0] : undefined)
  const found = name === undefined ? undefined : captures.get(name)
  if (!found) {
    throw invalid(
      where,
      `${capture === undefined ? 'name one' : `there is no ${capture}`} of ${names.join(', ') || 'no captures'}`,
    )
  }

  return found
}

/**
 * Every capture of a map `{name: {path, bots, c2, benign_hosts}}`, by name. Keys that begin with `_` are notes.
 *
 * Only hosts that are named are judged: what stands beside them in a capture is of unknown kind.
 *
 * @throws UserError `truth-invalid`.
 */
export function readTruths(text: string, where = 'truth'): Map<string, Truth> {
  return capturesOf(parsed(text, where), where)
}

function capturesOf(value: Fields, where: string): Map<string, Truth> {
  return new Map(
    Object.entries(value)
      .filter(([name]) => !name.startsWith('_'))
      .map(([name, entry]) => [name, captureForm(name, entry, where)]),
  )
}

function captureForm(name: string, entry: unknown, where: string): Truth {
  if (!isFields(entry)) throw invalid(where, `${name} is not an object`)
  const { bots = [], c2 = [], benign_hosts: benign = [], family = 'unknown', path = name } = entry

  if (!isTexts(bots) || !isTexts(c2) || !isTexts(benign))
    throw invalid(where, `${name}: bots, c2 and benign_hosts are lists of text`)

  const wrong = [...bots, ...benign].find((host) => isIP(host) === 0)
  if (wrong !== undefined) throw invalid(where, `${name}: ${wrong} is not an address`)

  const botnet: TrueBotnet = {
    id: name,
    family: String(family),
    topology: 'undecided',
    hosts: bots,
    cnc: c2,
    activities: [],
  }

  return {
    about: String(path),
    internal: [],
    botnets: bots.length > 0 ? [botnet] : [],
    benign,
    from: 0,
    to: 0,
  }
}

function ownForm(value: Fields, where: string): Truth {
  const { about, internal, botnets, benign, from, to } = value
  if (typeof about !== 'string' || !isTexts(internal))
    throw invalid(where, 'about is text, internal a list of networks')
  const bad = internal.find(
    (network) => !/^[0-9a-f.:]+\/\d{1,3}$/i.test(network) || isIP(network.split('/')[0] ?? '') === 0,
  )
  if (bad !== undefined) throw invalid(where, `${bad} is not a network such as 10.0.0.0/8`)
  if (benign !== null && !isTexts(benign)) throw invalid(where, 'benign is null or a list of addresses')
  if (typeof from !== 'number' || typeof to !== 'number') throw invalid(where, 'from and to are microseconds')
  if (!Array.isArray(botnets)) throw invalid(where, 'botnets is a list')
  return { about, internal, botnets: botnets.map((each) => botnetForm(each, where)), benign, from, to }
}

function botnetForm(value: unknown, where: string): TrueBotnet {
  if (!isFields(value)) throw invalid(where, 'a botnet is not an object')
  const { id, family, topology, hosts, cnc, activities } = value
  if (typeof id !== 'string' || typeof family !== 'string' || typeof topology !== 'string') {
    throw invalid(where, 'a botnet has id, family and topology')
  }
  if (!isTexts(hosts) || !isTexts(cnc) || !isTexts(activities))
    throw invalid(where, `${id}: hosts, cnc and activities are lists of text`)
  return { id, family, topology, hosts, cnc, activities }
}
