/**
 * Captures of single protocols from the test suites of Zeek and Wireshark: short, of one application each, nobody
 * infected.
 */
import { globSync, statSync } from 'node:fs'
import { importInputs } from '../../src/capture/import/import.ts'
import { internalNetworks } from '../../src/store/internal.ts'
import { forget, ledger } from '../../src/store/ledger.ts'
import { findContacts } from '../../src/traces/contacts/find.ts'
import { sharedData } from '../../test/shared-data.ts'
import { type ContactSample, kept, type SeenContact, seenOf, withFeatures } from './contact-samples.ts'
import { withStore } from './own-store.ts'

interface ProtocolSample<Sample = ContactSample> {
  /** `zeek/ssh/putty.pcap`. */
  readonly name: string
  readonly contacts: readonly Sample[]
}

/** Bytes under which a capture holds a few packets only. */
const leastBytes = 8192
const nobody = {
  name: '',
  family: '',
  reserved: false,
  kind: 'real',
  paths: [],
  internal: [],
  bots: [],
  cnc: [],
} as const

/** All that have a contact, judged one by one. */
export async function protocolSamples(fresh = false): Promise<readonly ProtocolSample[]> {
  const folder = sharedData('conformance')
  const look = () =>
    withStore(async (store) => {
      const found: ProtocolSample<SeenContact>[] = []
      const files = globSync('{zeek,wireshark}/**/*.{pcap,trace,pcapng,pcap.gz,pcapng.gz}', { cwd: folder })
      for (const name of files.toSorted()) {
        const path = `${folder}/${name}`
        if (!statSync(path).isFile() || statSync(path).size < leastBytes) continue
        await importInputs(store, [path], { acceptRejects: true })
        const { networks } = await internalNetworks(store, [])
        const scope = { from: 0, to: Number.MAX_SAFE_INTEGER, internal: networks }
        const contacts = await findContacts(store, scope, { analysis: 'bench', mostOfHost: 5, telling: 0 })
        if (contacts.length > 0) found.push({ name, contacts: contacts.map((each) => seenOf(each, nobody)) })
        for (const { load } of await ledger(store)) await forget(store, load)
      }
      return found
    })
  const seen = await kept('protocol-samples', look, fresh)
  return seen.map(({ name, contacts }) => ({ name, contacts: contacts.map(withFeatures) }))
}
