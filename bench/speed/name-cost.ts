/**
 * What names cost: rows with a name of their own each, made in the engine, taken apart and looked at, in a process of
 * its own so that memory is its. `GANNET_BENCH_NAMES` sets how many; 10,000,000 unless said.
 */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { noPlaces } from '../../src/dns/asn.ts'
import { fillQueried, fluxesIn, questionsByKind, tunnelsIn, wildcardsIn } from '../../src/dns/index.ts'
import { openEmbedded } from '../../src/store/embedded.ts'
import { prepare } from '../../src/store/ledger.ts'
import { parseNetworks } from '../../src/store/networks.ts'
import { raw } from '../../src/store/sql.ts'
import { markdownTable, type Row } from '../row.ts'

const self = fileURLToPath(import.meta.url)

/** Seconds by the clock, and of processors. */
interface Spent {
  readonly clock: number
  readonly cpu: number
}

interface Cost {
  readonly names: number
  readonly apart: Spent
  readonly looked: Spent
  readonly peakMegabytes: number
  readonly tunnels: number
}

export async function costOf(): Promise<{ text: string; rows: Row[] }> {
  const { stdout } = await promisify(execFile)(process.execPath, [self, 'child'], { maxBuffer: 1 << 26 })
  const cost = JSON.parse(stdout) as Cost
  const millions = (cost.names / 1e6).toLocaleString('en-US')
  const rates = (what: string, { clock, cpu }: Spent) => [
    what,
    clock.toFixed(0),
    Math.round(cost.names / clock).toLocaleString('en-US'),
    cpu.toFixed(0),
    Math.round(cost.names / cpu).toLocaleString('en-US'),
  ]
  const both = cost.apart.cpu + cost.looked.cpu
  const text = `### Cost

${millions} million DNS records, each with its own name, generated in the engine: three quarters below one of a million domains, a
quarter below one of a thousand. One process on two shared cores: CPU time says more than elapsed time. The one tunnel among them is
found (${cost.tunnels}).

${markdownTable(
  ['step', 'seconds', 'records per second', 'CPU seconds', 'records per CPU second'],
  [
    rates('names parsed, failed domains classified', cost.apart),
    rates('kinds counted; tunnels, flux, wildcards examined', cost.looked),
  ],
)}

Peak resident memory with the engine: ${Math.round(cost.peakMegabytes).toLocaleString('en-US')} MB. No address belongs to
many names here, so flux measures only the choice of names.`
  return {
    text,
    rows: [
      {
        name: `peak memory for ${millions} million names`,
        figure: Math.round(cost.peakMegabytes),
        unit: 'MB',
        better: 'less',
        asserted: 'the tunnel among them is found',
      },
      {
        name: `DNS records per CPU second, ${millions} million names`,
        figure: Math.round(cost.names / both),
        unit: 'records',
        asserted: 'the tunnel among them is found',
      },
    ],
  }
}

async function child(): Promise<void> {
  const names = Number(process.env['GANNET_BENCH_NAMES'] ?? 10_000_000)
  const folder = mkdtempSync(join(tmpdir(), 'gannet-names-'))
  const store = await openEmbedded(folder)
  try {
    await prepare(store)
    await store.run(
      "INSERT INTO ledger (load, name, sha256, bytes, format, imported) SELECT 1, 'made', 'made', 0, 'made', 0",
    )
    const columns =
      'load, position, start, client, server, uid, query, queryType, responseCode, answers, ttls'
    for (let from = 0; from < names; from += 1_000_000)
      await store.run(
        raw(`INSERT INTO dns_rows (${columns}) SELECT 1, number, 1700000000000000 + number * 1000,
          toIPv6(concat('10.0.', toString(number % 200), '.', toString(1 + intDiv(number, 200) % 200))), toIPv6('10.0.0.53'), '',
          if(number % 4 = 0, concat('edge-h', toString(number), '.wide', toString(intDiv(number, 4) % 1000), '.com'),
            concat('h', toString(number), '.', lower(hex(cityHash64(intDiv(number, 10)) % 1000000)), 'site.com')), 'A',
          if(number % 20 = 1, 'NXDOMAIN', 'NOERROR'), if(number % 20 = 1, [], ['198.51.100.7']), if(number % 20 = 1, [], [300.])
          FROM numbers(${from}, ${Math.min(1_000_000, names - from)})`),
      )
    await store.run(
      raw(`INSERT INTO dns_rows (${columns}) SELECT 1, number, 1700000000000000 + number * 1000, toIPv6('10.0.0.9'), toIPv6('10.0.0.53'), '',
        concat(lower(hex(sipHash128(number))), '.t.tunnel.org'), 'TXT', 'NOERROR', [hex(sipHash128(number + 1))], [0.] FROM numbers(2000)`),
    )
    const span = { from: 1.7e15, to: 1.7e15 + names * 1000 + 1, internal: parseNetworks(['10.0.0.0/8']) }
    const [apart, filled] = await spent(() => fillQueried(store))
    if (filled < names) throw new Error(`${filled} names of ${names} were taken apart`)
    const [looked, tunnels] = await spent(async () => {
      await questionsByKind(store, span)
      const found = await tunnelsIn(store, span, { rankOf: () => null, serviceOf: () => null })
      await fluxesIn(store, span, noPlaces)
      await wildcardsIn(store, span)
      return found
    })
    const cost: Cost = {
      names,
      apart,
      looked,
      peakMegabytes: process.resourceUsage().maxRSS / 1024,
      tunnels: tunnels.filter(({ registered }) => registered === 'tunnel.org').length,
    }
    if (cost.tunnels !== 1) throw new Error('the tunnel was not found')
    console.log(JSON.stringify(cost))
  } finally {
    await store.close()
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

async function spent<T>(work: () => Promise<T>): Promise<[Spent, T]> {
  const [clock, cpu] = [performance.now(), process.cpuUsage()]
  const result = await work()
  const { user, system } = process.cpuUsage(cpu)
  return [{ clock: (performance.now() - clock) / 1000, cpu: (user + system) / 1e6 }, result]
}

if (process.argv[2] === 'child') await child()
