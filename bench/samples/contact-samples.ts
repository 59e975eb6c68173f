/**
 * Labelled contacts of real captures, and of described behaviours laid over a clean office: what `fit-contacts.ts`
 * reads.
 *
 * A quarter of all grounds is kept back, by family and device and not by name, so that no relative of what is
 * reported was fitted on: where the SHA-256 of the family begins with a hexadecimal digit under 4. The rule was
 * written before any weight was set.
 */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deserialize, serialize } from 'node:v8'
import { importInputs } from '../../src/capture/import/import.ts'
import type { Scope } from '../../src/model/networks.ts'
import { internalNetworks } from '../../src/store/internal.ts'
import { forget, ledger } from '../../src/store/ledger.ts'
import type { Store } from '../../src/store/store.ts'
import type { ContactFeatures } from '../../src/traces/contacts/feature-list.ts'
import { featuresOf } from '../../src/traces/contacts/features.ts'
import { type Contact, findContacts } from '../../src/traces/contacts/find.ts'
import type { ContactTrace } from '../../src/traces/contacts/gather.ts'
import { figuresOf, type Situation } from '../../src/traces/contacts/situation.ts'
import { sharedData } from '../../test/shared-data.ts'
import { publicNetworks } from '../real-ground/cases.ts'
import { withStore } from './own-store.ts'

export interface ContactGround {
  readonly name: string
  readonly family: string
  readonly reserved: boolean
  /** `office`: a behaviour over the background of an office; it has 42 hosts, real captures have few. */
  readonly kind: 'real' | 'office'
  readonly paths: readonly string[]
  readonly internal: readonly string[]
  /** Infected hosts; none for clean grounds. */
  readonly bots: readonly string[]
  /** Addresses, networks and names of the C&C. */
  readonly cnc: readonly string[]
}

/** A contact as it was seen, from which features are made anew when their measures change. */
export interface SeenContact {
  readonly host: string
  readonly bot: boolean
  /** Whether it is the C&C that the truth names. */
  readonly cnc: boolean
  readonly address: string
  readonly name: string | null
  readonly port: number
  readonly trace: ContactTrace
  readonly situation: Situation
}

export interface ContactSample extends SeenContact {
  readonly features: ContactFeatures
}

/** Features are computed at every reading. */
export const withFeatures = (seen: SeenContact): ContactSample => ({
  ...seen,
  features: featuresOf(seen.trace, seen.situation, figuresOf(seen.trace, seen.situation)),
})

const related = [
  'njrat',
  'asyncrat',
  'agenttesla',
  'empire',
  'emotet',
  'iot-blink-cam',
  'roguerobin',
  'web-lab',
  'cerber',
  'amd',
  'sliver',
  'cs',
  'merlin',
  'poshc2',
  'eset-txt',
  'dnscat',
]

/** What a name has in common with its relatives: `field-empire-4h` and `field-empire-domain` are `empire`. */
function familyOf(name: string): string {
  const own = name.replace(/^(strato|pcap|field|iot-sentinel|office)-/, '').replace(/^\d+b?-/, '')
  return related.find((each) => new RegExp(`(^|-)${each}($|-|\\d)`).test(own)) ?? own.toLowerCase()
}

const isReserved = (family: string): boolean =>
  '0123'.includes(createHash('sha256').update(family).digest('hex')[0] ?? '')

type TruthRow = Readonly<Record<string, unknown>>
const texts = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((each): each is string => typeof each === 'string') : []

const groundOf = (
  name: string,
  rest: Omit<ContactGround, 'name' | 'family' | 'reserved'>,
): ContactGround => ({ name, family: familyOf(name), reserved: isReserved(familyOf(name)), ...rest })

/** Every ground whose records are there. */
export function contactGrounds(): ContactGround[] {
  const truth = JSON.parse(readFileSync(sharedData('truth.json'), 'utf8')) as Readonly<
    Record<string, TruthRow>
  >
  const captures = Object.entries(truth).flatMap(([name, truthRow]) =>
    typeof truthRow['path'] === 'string'
      ? [
          groundOf(name, {
            kind: 'real',
            paths: [sharedData(truthRow['path'])],
            internal: publicNetworks(texts(truthRow['internal'])),
            bots: texts(truthRow['bots']),
            cnc: [...texts(truthRow['c2']), ...texts(truthRow['c2_names'])],
          }),
        ]
      : [],
  )
  const campus = groundOf('ctu-background', {
    kind: 'real',
    paths: [sharedData('background/ctu13-s6-half.binetflow.gz')],
    internal: ['147.32.0.0/16'],
    bots: [],
    cnc: [],
  })
  return [...captures, campus, ...officeGrounds()].filter(({ paths }) => paths.every(existsSync))
}

function officeGrounds(): ContactGround[] {
  const folder = sharedData('../cases/office')
  if (!existsSync(folder)) return []
  const background = groundOf('office-background', {
    kind: 'office',
    paths: [join(folder, 'background/office')],
    internal: [],
    bots: [],
    cnc: [],
  })
  const cases = readdirSync(folder)
    .toSorted()
    .filter((name) => existsSync(join(folder, name, 'case.json')))
    .map((name) => {
      const truthRow = JSON.parse(readFileSync(join(folder, name, 'case.json'), 'utf8')) as TruthRow
      return groundOf(`office-${name}`, {
        kind: 'office',
        paths: [join(folder, 'background/office'), join(folder, name)],
        internal: [],
        bots: texts(truthRow['victims']),
        cnc: texts(truthRow['cnc']),
      })
    })
  return [background, ...cases]
}

/** Contacts of one host that are kept; the rest says nothing. */
const mostOfHost = 60

/** What `make` gives, kept in the system's temporary folder: shared parts and typed arrays stay as they are. */
export async function kept<T>(name: string, make: () => Promise<T>, fresh = false): Promise<T> {
  const folder = join(tmpdir(), 'gannet-contacts')
  const path = join(folder, `${name}.bin`)
  if (!fresh && existsSync(path)) return deserialize(readFileSync(path)) as T

  const made = await make()
  mkdirSync(folder, { recursive: true })
  writeFileSync(path, serialize(made))
  return made
}

/** The samples of each ground; what was seen is kept until it is asked for fresh. */
export async function* contactSamples(
  grounds: readonly ContactGround[],
  fresh = false,
): AsyncGenerator<readonly [ContactGround, readonly ContactSample[]]> {
  const look = (ground: ContactGround) =>
    kept(
      ground.name,
      () => withStore(async (store) => seenIn(store, ground, await importedScope(store, ground))),
      fresh,
    )
  let office: Record<string, SeenContact[]> | null = null

  for (const ground of grounds) {
    if (ground.kind === 'office') office ??= await kept('office', () => officeSeen(grounds), fresh)
    const seen = ground.kind === 'office' ? office?.[ground.name] : await look(ground)
    if (seen) yield [ground, seen.map(withFeatures)]
  }
}

async function seenIn(
  store: Store,
  ground: ContactGround,
  scope: Omit<Scope, 'epoch'>,
): Promise<SeenContact[]> {
  const found = await findContacts(store, scope, { analysis: 'bench', mostOfHost, telling: 0 })
  return found.map((contact) => seenOf(contact, ground))
}

/** Contacts beside those of victims that are kept of one case of the office. */
const mostBesides = 40

/**
 * The cases of the office by name: the background is imported once, and each case laid over it and taken away again.
 */
const officeSeen = (grounds: readonly ContactGround[]): Promise<Record<string, SeenContact[]>> =>
  withStore(async (store) => {
    const cases = grounds.filter(({ kind }) => kind === 'office')
    const found: Record<string, SeenContact[]> = {}
    const background = cases[0]?.paths[0]
    if (background === undefined) return found
    await importInputs(store, [background], { acceptRejects: true })
    const known = new Set((await ledger(store)).map(({ load }) => load))

    for (const ground of cases) {
      const [, ...own] = ground.paths
      if (own.length > 0) await importInputs(store, own, { acceptRejects: true })
      const { networks } = await internalNetworks(store, ground.internal)
      const scope = { from: 0, to: Number.MAX_SAFE_INTEGER, internal: networks }
      const seen = await seenIn(store, ground, scope)
      const besides = seen.filter(({ bot }) => !bot).slice(0, mostBesides)
      found[ground.name] = [...seen.filter(({ bot }) => bot), ...besides]
      for (const { load } of await ledger(store)) if (!known.has(load)) await forget(store, load)
    }
    return found
  })

/** Imports the records of a ground; over all of their time. */
export async function importedScope(store: Store, ground: ContactGround): Promise<Omit<Scope, 'epoch'>> {
  await importInputs(store, [...ground.paths], { acceptRejects: true })
  const { networks } = await internalNetworks(store, ground.internal)
  return { from: 0, to: Number.MAX_SAFE_INTEGER, internal: networks }
}

export function seenOf({ trace, situation }: Contact, { bots, cnc }: ContactGround): SeenContact {
  const bot = bots.includes(trace.client)
  return {
    host: trace.client,
    bot,
    cnc: bot && cnc.some((each) => isCnc(trace, each)),
    address: trace.servers[0]!,
    name: trace.name,
    port: trace.serverPort,
    trace,
    situation,
  }
}

/** Whether a contact is what an entry of the truth names: an address with or without a port, a network, a name. */
function isCnc({ servers, name }: Pick<Contact['trace'], 'servers' | 'name'>, entry: string): boolean {
  if (name !== null && (name === entry || name.endsWith(`.${entry}`))) return true
  return [...entry.matchAll(/(\d+\.\d+\.\d+\.\d+)(?:\/(\d+))?/g)].some(([, address = '', bits = '32']) =>
    servers.some((server) => sharesPrefix(server, address, Number(bits))),
  )
}

const numberOf = (address: string): number =>
  address.split('.').reduce((sum, each) => sum * 256 + Number(each), 0)

const sharesPrefix = (server: string, network: string, bits: number): boolean =>
  !server.includes(':') &&
  Math.floor(numberOf(server) / 2 ** (32 - bits)) === Math.floor(numberOf(network) / 2 ** (32 - bits))
