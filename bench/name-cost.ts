/**
 * What names cost: rows with a name of their own each, made in the engine, taken apart and looked at, in a process of its
 * own so that memory is its. `GANNET_BENCH_NAMES` sets how many; 10,000,000 unless said.
 */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { fillQueried, fluxesIn, tunnelsIn, wildcardsIn } from '../src/names/index.ts'
import { noPlaces } from '../src/names/networks.ts'
import { openEmbedded } from '../src/store/embedded.ts'
import { prepare } from '../src/store/ledger.ts'
import { parseNetworks } from '../src/store/networks.ts'
import { raw } from '../src/store/sql.ts'
import { markdownTable, type Row } from './row.ts'

const self = fileURLToPath(import.meta.url)

interface Cost {
  readonly names: number
  readonly apart: number
  readonly looked: number
  readonly peakMegabytes: number
  readonly tunnels: number
}

export async function costOf(): Promise<{ text: string; rows: Row[] }> {
  const { stdout } = await promisify(execFile)(process.execPath, [self, 'child'], { maxBuffer: 1 << 26 })
  const cost = JSON.parse(stdout) as Cost
  const millions = (cost.names / 1e6).toLocaleString('en-US')
  const text = `### Cost

${millions} million DNS records, each with a name of its own under one of a million domains, made in the engine; one process, two cores that
others used too. Found as it must be: the one tunnel that is among them (${cost.tunnels}).

${markdownTable(
  ['step', 'seconds', 'records a second'],
  [
    [
      'names taken apart, domains that failed judged',
      cost.apart.toFixed(0),
      Math.round(cost.names / cost.apart).toLocaleString('en-US'),
    ],
    [
      'tunnels, flux, wildcards',
      cost.looked.toFixed(0),
      Math.round(cost.names / cost.looked).toLocaleString('en-US'),
    ],
  ],
)}

Highest resident memory of the process, the engine in it: ${Math.round(cost.peakMegabytes).toLocaleString('en-US')} MB.`
  return {
    text,
    rows: [
      {
        name: `peak memory for ${millions} million names`,
        figure: Math.round(cost.peakMegabytes),
        unit: 'MB',
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
          concat('h', toString(number), '.', lower(hex(cityHash64(intDiv(number, 10)) % 1000000)), 'site.com'), 'A',
          if(number % 20 = 0, 'NXDOMAIN', 'NOERROR'), if(number % 20 = 0, [], ['198.51.100.7']), if(number % 20 = 0, [], [300.])
          FROM numbers(${from}, ${Math.min(1_000_000, names - from)})`),
      )
    await store.run(
      raw(`INSERT INTO dns_rows (${columns}) SELECT 1, number, 1700000000000000 + number * 1000, toIPv6('10.0.0.9'), toIPv6('10.0.0.53'), '',
        concat(lower(hex(sipHash128(number))), '.t.tunnel.org'), 'TXT', 'NOERROR', [hex(sipHash128(number + 1))], [0.] FROM numbers(2000)`),
    )
    const span = { from: 1.7e15, to: 1.7e15 + names * 1000 + 1, internal: parseNetworks(['10.0.0.0/8']) }
    const began = performance.now()
    const apart = await fillQueried(store)
    if (apart < names) throw new Error(`${apart} names of ${names} were taken apart`)
    const between = performance.now()
    const tunnels = await tunnelsIn(store, span)
    await fluxesIn(store, span, noPlaces)
    await wildcardsIn(store, span)
    const cost: Cost = {
      names,
      apart: (between - began) / 1000,
      looked: (performance.now() - between) / 1000,
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

if (process.argv[2] === 'child') await child()
