/**
 * Speed of the stage: traces a second, with the spectrum and its permutation gate and without; a million traces
 * through the engine in bounded memory; the Fourier transform beside SciPy's where Python has it.
 *
 *     node bench/speed/traces.ts            GANNET_BENCH_TRACES=1000000 for the large one
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { transform } from '../../src/math/fft.ts'
import { seeded } from '../../src/math/random.ts'
import { openEmbedded } from '../../src/store/embedded.ts'
import { prepare } from '../../src/store/ledger.ts'
import { parseNetworks } from '../../src/store/networks.ts'
import { findBeacons } from '../../src/traces/beacons/find.ts'
import { rhythmOf } from '../../src/traces/beacons/rhythm.ts'
import { spectrumOf } from '../../src/traces/spectrum.ts'
import type { Row } from './import.ts'

const traces = Number(process.env['GANNET_BENCH_TRACES'] ?? 100_000)

export async function run(): Promise<Row[]> {
  return [...perTrace(), fourier(), ...(await wholeStage())]
}

function jittered(count: number, seed: number): Float64Array {
  const random = seeded(seed)
  let at = 1.7e15
  return Float64Array.from({ length: count }, () => {
    at += Math.round(3e8 * (0.7 + 0.6 * random.next()))
    return at
  })
}

/** Calls of `work` a second, over about a second. */
function rate(work: (i: number) => unknown): number {
  work(0)
  const from = performance.now()
  let done = 0
  while (performance.now() - from < 1000) work(++done)
  return (done * 1000) / (performance.now() - from)
}

function perTrace(): Row[] {
  const series = Array.from({ length: 50 }, (_, i) => jittered(100, i))
  // Two calls 0.2 s apart make the signal as long as it may be.
  const longest = series.map((each) => Float64Array.of(...each, each.at(-1)! + 2e5))
  return [
    {
      name: 'rhythm of 100 calls',
      figure: rate((i) => rhythmOf(series[i % 50]!, 4)),
      unit: 'traces/s a core',
      asserted: 'period within 10 %',
    },
    {
      name: 'spectrum and gate, 100 calls',
      figure: rate((i) => spectrumOf(series[i % 50]!)),
      unit: 'traces/s a core',
      asserted: '20 permutations',
    },
    {
      name: 'spectrum and gate, 65,536 points',
      figure: rate((i) => spectrumOf(longest[i % 50]!)),
      unit: 'traces/s a core',
      asserted: '20 permutations',
    },
  ]
}

function fourier(): Row {
  const size = 65_536
  const random = seeded(1)
  const signal = Float64Array.from({ length: size }, () => (random.next() < 0.01 ? 1 : 0))
  const mine = 2 * rate(() => transform(signal.slice(), new Float64Array(size)))
  const script = `import time,numpy as np
from scipy.fft import rfft
x=(np.random.default_rng(1).random(${size})<0.01).astype(float)
rfft(x);t=time.perf_counter();n=0
while time.perf_counter()-t<1: rfft(x);n+=1
print(n/(time.perf_counter()-t))`
  const peer = Number(
    spawnSync(process.env['PYTHON'] ?? 'python3', ['-c', script], { encoding: 'utf8' }).stdout || Number.NaN,
  )
  return {
    name: 'Fourier transform of 65,536 real points',
    figure: mine,
    unit: 'signals/s a core',
    peer: `SciPy rfft ${Number.isNaN(peer) ? 'absent' : peer.toFixed(0)}`,
    ...(Number.isNaN(peer) ? {} : { ratio: mine / peer }),
    asserted: 'two real signals to a complex transform',
  }
}

/** Traces of ten flows each, one in a thousand by the clock, made in the engine and found again. */
async function wholeStage(): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'gannet-bench-'))
  const store = await openEmbedded(folder)
  await prepare(store)
  await store.run(`INSERT INTO ledger (load) VALUES (1)`)
  await store.run(`INSERT INTO flow_rows (load, position, start, duration, proto, client, clientPort, server, serverPort, packets, bytes,
    clientPackets, clientBytes, serverPackets, serverBytes, outcome, state)
    SELECT 1, number, toInt64(1700000000000000 + if(trace % 1000 = 0, call * 600000000, cityHash64(number) % 86400000000)), 1000000, 'tcp',
      IPv4ToIPv6(toIPv4(167772160 + trace % 5000)), 1024 + number % 60000, IPv4ToIPv6(toIPv4(3405803776 + intDiv(trace, 3))), 443, 20, 4000,
      10, if(trace % 1000 = 0, 500, 300 + cityHash64(number, 1) % 3000), 10, 2000 + cityHash64(number, 2) % 9000, 'established', 'SF'
    FROM (SELECT number, intDiv(number, 10) AS trace, number % 10 AS call FROM numbers(${traces * 10}))`)
  const before = process.memoryUsage().rss
  const from = performance.now()
  const scope = { epoch: 0, from: 0, to: 4e15, internal: parseNetworks(['10.0.0.0/8']) }
  const found = await findBeacons(store, scope, { minScore: 0 })
  const seconds = (performance.now() - from) / 1000
  const clocks = found.filter(
    ({ rhythm }) => rhythm !== null && rhythm.kept > 0.9 && Math.round(rhythm.period) === 600,
  ).length
  const memory = process.memoryUsage().rss
  await store.close()
  rmSync(folder, { recursive: true, force: true })
  return [
    {
      name: `${traces} traces of 10 flows, whole stage`,
      figure: traces / seconds,
      unit: 'traces/s',
      asserted: `${clocks} of ${traces / 1000} clocks among the candidates`,
    },
    {
      name: `${traces} traces of 10 flows, memory`,
      figure: memory / 2 ** 20,
      unit: 'MiB resident, engine and all',
      peer: `before ${(before / 2 ** 20).toFixed(0)} MiB`,
      asserted: 'after the stage',
    },
  ]
}

if (import.meta.main)
  for (const { name, figure, unit, ratio, peer, asserted } of await run())
    console.log(
      [
        name,
        Math.round(figure),
        unit,
        peer ?? '',
        ratio === undefined ? '' : `ratio ${ratio.toFixed(2)}`,
        asserted,
      ].join(' | '),
    )
