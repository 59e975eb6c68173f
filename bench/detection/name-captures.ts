/** `gannet run` on every real capture that has DNS records of interest: what of names is said, and of whom. */

import { sharedData } from '../../test/shared-data.ts'
import { markdownTable, type Row } from '../row.ts'
import { analysed } from '../samples/analysed.ts'
import { few } from '../smallest.ts'

const captures = [
  {
    path: 'names/dns-pcap/dnscat2-txt_00001_20230903183304.pcap',
    title: 'dnscat2, TXT',
    bots: ['192.168.68.62'],
  },
  { path: 'names/dns-pcap/iodine-cname.pcap', title: 'iodine, CNAME', bots: ['192.168.117.128'] },
  {
    path: 'captures/stratosphere-005',
    title: 'Simda',
    bots: ['192.168.1.116', 'fd77:48a1:c0bb:0:b96c:506d:6c7f:e8be'],
  },
  {
    path: 'captures/stratosphere-009/data',
    title: 'Kovter, which asks for no generated names',
    bots: ['192.168.1.113'],
  },
  {
    path: 'names/dns-pcap/normal_00000_20230805150331.pcap',
    title: 'crawl of popular sites, benign',
    bots: [],
  },
  { path: 'captures/stratosphere-008/data', title: 'desktop, benign', bots: [] },
  { path: 'captures/stratosphere-010/data', title: 'desktop, benign', bots: [] },
] as const

const kinds = ['dga', 'tunnel', 'flux', 'wildcard'] as const

export async function capturesTable(): Promise<{ text: string; rows: Row[] }> {
  const cells: string[][] = []
  let [falsely, tunnels] = [0, 0]
  for (const { path, title, bots } of few(captures)) {
    const { runs, failed, inputs } = await analysed({
      records: { paths: [sharedData(path)] },
      modes: ['default'],
    })
    if (!runs[0]) throw new Error(`${path}: ${failed}`)
    const ours = runs[0].accused.filter((each) =>
      each.kinds.some((kind) => (kinds as readonly string[]).includes(kind)),
    )
    falsely += ours.filter(({ host }) => !(bots as readonly string[]).includes(host)).length
    if (ours.some((each) => each.kinds.includes('tunnel') && (bots as readonly string[]).includes(each.host)))
      tunnels++
    const records = inputs.reduce((sum, each) => sum + (each.records['dns'] ?? 0), 0)
    const names = [...new Set(ours.flatMap(({ cnc }) => cnc.map(({ name, address }) => name ?? address)))]
    cells.push([
      `\`${path.split('__')[0]}\` (${title})`,
      String(records),
      ours
        .map(
          (each) =>
            `${each.host} (${each.kinds.filter((kind) => (kinds as readonly string[]).includes(kind)).join(', ')})`,
        )
        .join(', ') || 'none',
      names.slice(0, 3).join(', ') || '–',
    ])
  }
  return {
    text: `### Real captures

${markdownTable(['capture', 'DNS records', 'accused by their names', 'C&C names, first three'], cells)}`,
    rows: [
      {
        name: 'real tunnels whose host and domain are named',
        figure: tunnels,
        unit: 'of 2',
        asserted: 'dnscat2 and iodine',
      },
      {
        name: 'hosts of real captures falsely accused by names',
        figure: falsely,
        unit: 'hosts',
        better: 'less',
        asserted: `${captures.length} captures`,
      },
    ],
  }
}
