import { expect, it } from 'vitest'
import { openBench } from '../../test/fixtures/records.ts'
import { publish } from '../store/ledger.ts'
import { beginLoad } from '../store/load.ts'
import { drawnAll, rejectsPicture } from './pictures.ts'
import { rejectsInTime } from './records.ts'

const minute = 60e6
const begin = 1_709_553_600e6
const flow = {
  duration: 1,
  proto: 'tcp',
  client: '10.0.0.1',
  clientPort: 50_000,
  server: '192.0.2.1',
  serverPort: 443,
  packets: 2,
  bytes: 100,
  clientPackets: 1,
  clientBytes: 50,
  serverPackets: 1,
  serverBytes: 50,
  outcome: 'established',
  state: '',
  service: '',
  label: '',
  tunnel: '',
}
const span = { from: begin, to: begin + 10 * minute, step: minute }

it('spreads the records left out of an input over the time of its flows', async () => {
  const bench = await openBench()
  try {
    const hold = async (sha256: string, starts: readonly number[], rejects: Record<string, number>) => {
      const load = beginLoad(bench.store)
      await load.write(
        'flow',
        starts.map((start, position) => ({ ...flow, start, position, uid: `${sha256}${position}` })),
      )
      await load.flush()
      const about = { name: sha256, sha256, bytes: 1, format: 'test', rejectSamples: [] }
      await publish(bench.store, { ...about, load: load.load, rejects })
    }
    await hold('a', [begin + minute, begin + 2.5 * minute], { 'bad-time': 3, 'bad-address': 1 })
    await hold('b', [begin + 2 * minute], { 'bad-time': 5 })
    await hold('c', [], { 'bad-time': 7 })
    await hold('d', [begin + 8 * minute], {})

    const found = await rejectsInTime(bench.store, span)
    expect(found).toEqual({
      bins: [
        { start: begin + minute, count: 2 },
        { start: begin + 2 * minute, count: 7 },
      ],
      timeless: 7,
    })
    const [picture] = drawnAll([rejectsPicture(found, span)])
    expect(picture?.see).toMatch(/highest bar is about 7 records\. 7 others are of inputs without flows/)
    expect(picture?.svg.match(/<rect/g)).toHaveLength(2)
  } finally {
    await bench.close()
  }
})

it('draws nothing where nothing was left out', () => {
  expect(rejectsPicture({ bins: [], timeless: 0 }, span)).toBeNull()
})
