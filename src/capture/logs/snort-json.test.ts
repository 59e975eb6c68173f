import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readerContract } from '../../../test/contracts/reader.ts'
import { openReading, type Reading } from '../../../test/contracts/reading.ts'
import { snortJson } from './snort-json.ts'

/** The default fields of alert_json, and those that people add. */
const usual = {
  timestamp: '06/17/21-13:09:08.123456',
  pkt_num: 5,
  proto: 'TCP',
  pkt_gen: 'raw',
  pkt_len: 60,
  dir: 'C2S',
  src_ap: '192.0.2.5:54321',
  dst_ap: '203.0.113.9:22',
  rule: '1:2003068:6',
  action: 'allow',
}
const whole = {
  seconds: 1623935348,
  class: 'A Network Trojan was detected',
  dst_addr: '2001:db8::9',
  dst_port: 443,
  gid: 116,
  msg: 'a "quoted" message',
  priority: 1,
  proto: 'TCP',
  sid: 7,
  src_addr: '2001:db8::5',
  src_port: 50000,
}
const lines = (...objects: object[]) => `${objects.map((each) => JSON.stringify(each)).join('\n')}\n`

readerContract({
  reader: snortJson,
  sample: Buffer.from(lines(usual, whole, { anything: 'else' })),
  records: 3,
  rejects: { 'not-used': 1 },
  body: 0,
  junk: ['"rule":', '{}', '[', '\\u0000', 'null', '13/', '"sid":'],
  lines: true,
})

describe('snort JSON', () => {
  let reading: Reading
  beforeAll(async () => {
    reading = await openReading()
  })
  afterAll(() => reading.close())
  const read = (...objects: object[]) => reading.read(snortJson, lines(...objects))

  it('reads the default fields and the others', async () => {
    const { rows, rejects } = await read(usual, whole)
    expect(rejects).toEqual({})
    expect(rows).toEqual([
      {
        record: 'alert',
        position: 1,
        // date -u -d '2021-06-17 13:09:08' +%s is 1623935348.
        start: 1623935348123456,
        client: '192.0.2.5',
        server: '203.0.113.9',
        serverPort: 22,
        proto: 'tcp',
        uid: '',
        engine: 'snort',
        signature: '2003068',
        message: '',
        category: '',
        severity: null,
      },
      expect.objectContaining({
        start: 1623935348000000,
        client: '2001:db8::5',
        server: '2001:db8::9',
        serverPort: 443,
        signature: '116:7',
        message: 'a "quoted" message',
        category: 'A Network Trojan was detected',
        severity: 1,
      }),
    ])
  })

  it('leaves out what has no time, no address, no port', async () => {
    const { rows, rejects } = await read(
      usual,
      { ...usual, timestamp: 'yesterday' },
      { ...usual, src_ap: 'here' },
      { ...usual, dst_ap: '203.0.113.9:70000' },
      { ...whole, class: 'none' },
    )
    expect(rejects).toEqual({ 'bad-time': 1, 'bad-address': 1, 'bad-field': 1 })
    expect(rows.map(({ category }) => category)).toEqual(['', ''])
  })
})
