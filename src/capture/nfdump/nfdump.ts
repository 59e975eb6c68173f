/**
 * Files of nfdump, nfcapd, nfpcapd and sfcapd: layout 1 (nfdump 1.5 and 1.6) and layout 2 (1.7), in both byte orders,
 * packed with LZO, LZ4, bzip2 or zstd block by block, or not.
 */
import type { Reader } from '../reader.ts'

export const nfdump: Reader = {
  name: 'nfdump',
  doc: 'files of nfdump and nfcapd, layouts 1 and 2',
  gives: ['flow'],
  accepts: (head) => magics.some((magic) => head.startsWith(magic)) && head.length > 4,
  read: async (input, sink, choices = {}) =>
    (await import('./read-nfdump.ts')).readNfdump(input, sink, choices),
}

/** 0xA50C in both byte orders. */
const magics = ['\u000c\u00a5', '\u00a5\u000c'] as const
