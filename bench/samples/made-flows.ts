/**
 * Connections of the simulator straight into a store, without a log in between, for benchmarks of many small
 * networks.
 */
import type { Exchange } from '../../src/simulate/exchange.ts'
import { prepare, publish } from '../../src/store/ledger.ts'
import { beginLoad } from '../../src/store/load.ts'
import type { Store } from '../../src/store/store.ts'

const outcomes: Readonly<Record<string, string>> = { S0: 'unanswered', REJ: 'refused' }

const flowOf = (each: Exchange, position: number) => ({
  position,
  start: each.start,
  duration: each.end - each.start,
  proto: each.proto,
  client: each.client,
  clientPort: each.clientPort,
  server: each.server,
  serverPort: each.serverPort,
  packets: each.clientPackets + each.serverPackets,
  bytes: each.clientIpBytes + each.serverIpBytes,
  clientPackets: each.clientPackets,
  clientBytes: each.clientIpBytes,
  serverPackets: each.serverPackets,
  serverBytes: each.serverIpBytes,
  outcome: outcomes[each.state] ?? 'established',
  state: each.state,
  service: each.service,
  uid: each.uid,
  label: '',
})

/** Replaces what the store holds by these connections (and the DNS questions among them). @returns how many. */
export async function holdExchanges(store: Store, exchanges: Iterable<Exchange>): Promise<number> {
  await prepare(store)
  for (const table of ['ledger', 'flow_rows', 'dns_rows', 'tls_rows', 'http_rows'])
    await store.run(`TRUNCATE TABLE ${table}`)
  const load = beginLoad(store)
  let position = 0
  let batch: object[] = []
  const write = async () => {
    if (batch.length > 0) await load.write('flow', batch as never)
    batch = []
  }
  for (const each of exchanges) {
    batch.push(flowOf(each, ++position))
    if (batch.length >= 20_000) await write()
  }
  await write()
  await load.flush()
  await publish(store, {
    load: load.load,
    name: 'simulated',
    sha256: '',
    bytes: 0,
    format: 'simulated',
    rejects: {},
    rejectSamples: [],
  })
  return position
}
