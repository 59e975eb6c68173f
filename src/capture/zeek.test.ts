import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readerContract } from '../../test/contracts/reader.ts'
import { openReading, type Reading } from '../../test/contracts/reading.ts'
import { zeek } from './zeek.ts'

const fields =
  'ts uid id.orig_h id.orig_p id.resp_h id.resp_p proto service duration orig_bytes resp_bytes conn_state local_orig local_resp missed_bytes history orig_pkts orig_ip_bytes resp_pkts resp_ip_bytes tunnel_parents'
const tsv = (text: string) => text.replaceAll(' ', '\t')
const headers = (path: string, names = fields) =>
  `#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\t${path}\n#fields\t${tsv(names)}\n#types\t${tsv(names)}\n`
const web = tsv(
  '1655157610.743948 C1 10.0.0.7 50000 203.0.113.9 443 tcp ssl 1.5 400 2000 SF T F 0 ShADadFf 6 640 5 2200 (empty)',
)
const silent = tsv('19.98 C2 10.0.0.7 50001 10.1.0.1 445 tcp - - - - S0 T T 0 S 1 60 0 0 (empty)')
const echo = tsv('20 C3 2001:db8::7 128 2001:db8::9 129 icmp - 0.25 56 56 OTH - - 0 - 1 104 1 104 (empty)')
const log = (...lines: string[]) => `${headers('conn')}${lines.join('\n')}\n`

readerContract({
  reader: zeek,
  sample: Buffer.from(log(web, silent, echo)),
  records: 3,
  body: headers('conn').length,
  junk: ['\n#fields\tx\n', '#', '\\x09', '(empty)'],
  lines: true,
})

describe('zeek conn.log', () => {
  let reading: Reading
  beforeAll(async () => {
    reading = await openReading()
  })
  afterAll(() => reading.close())
  const read = (text: string | Buffer, name?: string) => reading.read(zeek, text, name)

  it('reads a connection whole', async () => {
    expect((await read(log(web))).rows).toEqual([
      {
        record: 'flow',
        position: 8,
        start: 1655157610743948,
        duration: 1_500_000,
        proto: 'tcp',
        client: '10.0.0.7',
        clientPort: 50000,
        server: '203.0.113.9',
        serverPort: 443,
        packets: 11,
        bytes: 2840,
        clientPackets: 6,
        clientBytes: 640,
        serverPackets: 5,
        serverBytes: 2200,
        outcome: 'established',
        state: 'SF',
        service: 'ssl',
        uid: 'C1',
        label: '',
      },
    ])
  })
})
