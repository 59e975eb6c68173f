/**
 * Datagrams of exporters at rest: NetFlow 1, 5, 7, 9, IPFIX and sFlow 5, as files of messages one after the other
 * (RFC 5655 for IPFIX), or inside a packet capture where `--format netflow` asks for it.
 */
import type { Reader } from '../reader.ts'
import { looksExported } from './signature.ts'

export const netflow: Reader = {
  name: 'netflow',
  doc: 'NetFlow, IPFIX or sFlow datagrams: files of them, or (when asked for by name) captures with them inside',
  gives: ['flow'],
  accepts: (head) => {
    const bytes = Buffer.from(head.slice(0, 2048), 'latin1')
    return looksExported(new DataView(bytes.buffer, bytes.byteOffset, bytes.length), 0, bytes.length)
  },
  // Loaded where there is such a file: what reads it is a tenth of all that an analysis would load.
  read: async (input, sink, choices = {}) =>
    (await import('./read-exports.ts')).readExports(input, sink, choices),
}
