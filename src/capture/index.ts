/** Every input format. To add one: write the reader, list it here, add a folder under test/golden. */
import { UserError } from '../errors.ts'
import { alertFastReader } from './logs/alert-fast.ts'
import { argus } from './logs/argus.ts'
import { snortJson } from './logs/snort-json.ts'
import { suricata } from './logs/suricata.ts'
import { zeek } from './logs/zeek.ts'
import { zeekJson } from './logs/zeek-json.ts'
import { netflow } from './netflow/netflow-file.ts'
import { nfdump } from './nfdump/nfdump.ts'
import { nfdumpText } from './nfdump/text.ts'
import { pcap, pcapng } from './pcap/pcap.ts'
import type { Reader } from './reader.ts'
import { csvReader, jsonlReader, parquetReader } from './tables/tables.ts'

export const readers: readonly Reader[] = [
  zeek,
  zeekJson,
  argus,
  suricata,
  alertFastReader,
  snortJson,
  pcap,
  pcapng,
  netflow,
  nfdump,
  nfdumpText,
  csvReader(null),
  jsonlReader(null),
  parquetReader(null),
]

/** The one reader that knows this content, or null. Two that do is a bug, and the contract test looks for it. */
export const readerFor = (head: string): Reader | null => readers.find((each) => each.accepts(head)) ?? null

/** The reader of this name. @throws UserError option-invalid when there is none. */
export function readerNamed(wanted: string): Reader {
  const reader = readers.find((each) => each.name === wanted)
  if (reader) return reader
  throw new UserError('option-invalid', `no format is called ${wanted}`, `Give one of: ${formats()}.`)
}

export const formats = (): string => readers.map((each) => each.name).join(', ')
