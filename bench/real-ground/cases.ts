/**
 * The cases of the real-ground benchmark: every capture of `../shared/data/truth.json`, and every described behaviour
 * of `../shared/cases/office` laid over its background. Says of each what the right answer is, and on which side it
 * stands.
 */
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { BlockList, isIP } from 'node:net'
import { join } from 'node:path'
import { sharedData } from '../../test/shared-data.ts'

/** `clean` and `infected` are real captures; `honest` and `cnc` are behaviours over a clean office. */
export const sorts = ['clean', 'infected', 'honest', 'cnc'] as const
export type Sort = (typeof sorts)[number]

/** `reporting`: a quarter of the cases that no threshold and no weight may be set on. */
export type Side = 'tuning' | 'reporting'

export interface GroundCase {
  readonly name: string
  readonly sort: Sort
  readonly side: Side
  /** How well the truth is known: A, B, C; null where the truth does not say. */
  readonly quality: string | null
  /** Absolute paths, as `gannet run` takes them. */
  readonly paths: readonly string[]
  /** For `--internal`; empty where private ranges say enough. */
  readonly internal: readonly string[]
  /** Infected hosts. Where an infected machine changes its address, all of its addresses. */
  readonly victims: readonly string[]
  /**
   * Addresses, networks, names and port numbers (`udp/6892`) of the C&C, as the truth has them; empty where not
   * known.
   */
  readonly cnc: readonly string[]
}

/** A quarter of all names: SHA-1 of the name begins with a byte under 64. */
export const sideOf = (name: string): Side =>
  (createHash('sha1').update(name).digest()[0] ?? 0) < 64 ? 'reporting' : 'tuning'

type Fields = Readonly<Record<string, unknown>>

const texts = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((each) => typeof each === 'string') : []
const textOr = <T>(value: unknown, other: T): string | T => (typeof value === 'string' ? value : other)

/** All cases whose records are there, captures first. */
export const groundCases = (): GroundCase[] => [...captureCases(), ...officeCases()]

function captureCases(): GroundCase[] {
  const truths = JSON.parse(readFileSync(sharedData('truth.json'), 'utf8')) as Readonly<
    Record<string, Fields>
  >

  return Object.entries(truths)
    .filter(([name]) => /^(field|iot-sentinel|strato|pcap)-/.test(name))
    .map(([name, truth]) => captureCase(name, truth))
    .filter(({ paths }) => paths.every((path) => existsSync(path)))
}

function captureCase(name: string, truth: Fields): GroundCase {
  const victims = texts(truth['bots'])

  return {
    name,
    sort: victims.length > 0 ? 'infected' : 'clean',
    side: sideOf(name),
    quality: textOr(truth['quality'], null),
    paths: [sharedData(textOr(truth['path'], name))],
    internal: publicNetworks(texts(truth['internal'])),
    victims,
    cnc: [...texts(truth['c2']), ...texts(truth['c2_names'])],
  }
}

const privateRange = /^(10\.|127\.|169\.254\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.)/

/** The networks, where none of them is private: a person names the network only where its addresses do not show it. */
export const publicNetworks = (networks: readonly string[]): readonly string[] =>
  networks.some((network) => privateRange.test(network)) ? [] : networks

const officeFolder = (...parts: string[]) => join(sharedData('..'), 'cases/office', ...parts)

function officeCases(): GroundCase[] {
  if (!existsSync(officeFolder())) return []

  return readdirSync(officeFolder())
    .toSorted()
    .filter((name) => existsSync(officeFolder(name, 'case.json')))
    .map((name) => {
      const fields = JSON.parse(readFileSync(officeFolder(name, 'case.json'), 'utf8')) as Fields
      const victims = texts(fields['victims'])
      return {
        name,
        sort: victims.length > 0 ? ('cnc' as const) : ('honest' as const),
        side: sideOf(name),
        quality: null,
        paths: [officeFolder('background', textOr(fields['background'], 'office')), officeFolder(name)],
        internal: [],
        victims,
        cnc: texts(fields['cnc']),
      }
    })
}

/** A contact as an answer has it. */
export interface Contacted {
  readonly address: string
  readonly port: number
  readonly name: string | null
}

/**
 * Whether a contact is one of the C&C servers that the truth describes.
 *
 * An entry may be an address or a network, with or without a port, a name (whatever stands under it matches too), or a
 * sentence that holds addresses and `udp/6892`: then the port alone matches as well, since such C&C is many peers.
 */
export function isCnc({ address, port, name }: Contacted, cnc: readonly string[]): boolean {
  return cnc.some((entry) => {
    const sentence = entry.includes(' ')
    const ports = sentence ? [...entry.matchAll(/(?:udp|tcp)\/(\d+)/g)].map((each) => Number(each[1])) : []
    if (ports.includes(port)) return true

    const networks = [...entry.matchAll(/(\d+\.\d+\.\d+\.\d+)(?:\/(\d+))?/g)]
    if (networks.length > 0) return networks.some(([, at, bits]) => holds(address, at!, bits))

    const under = entry.toLowerCase().replace(/:\d+(\/\w+)?$/, '')
    return [name, address].some((each) => each === under || each?.toLowerCase().endsWith(`.${under}`))
  })
}

function holds(address: string, network: string, bits: string | undefined): boolean {
  if (bits === undefined || isIP(address) !== 4) return address === network
  const list = new BlockList()
  list.addSubnet(network, Number(bits))
  return list.check(address)
}
