/** Kinds of file that are known and not read: what each is, and the command that makes one of it that is read. */

export interface Foreign {
  readonly what: string
  readonly hint: string
}

/** A name as one word of a shell that runs nothing: hints are copied to one. */
function shellWord(name: string): string {
  const path = name.startsWith('-') ? `./${name}` : name
  return /^[\w./:@%+=,-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`
}

type Known = readonly [sign: string | RegExp, what: string, hint: (name: string) => string]

const piped = (command: string) => (name: string) =>
  `Unpack it on the way: \`${command} ${name} | gannet run -\`.`
const converted = (command: string) => () => `Convert it: ${command}.`
const captured = converted('editcap -F pcap FILE out.pcap')

const argusFields = 'stime,dur,proto,saddr,sport,dir,daddr,dport,spkts,dpkts,sbytes,dbytes,state'

/** Signs are bytes as characters (latin1) at the beginning of a file. */
const known: readonly Known[] = [
  ['\u00fd7zXZ', 'an xz archive', piped('xz -dc')],
  ['BZh', 'a bzip2 archive', piped('bzip2 -dc')],
  ['\u0004"M\u0018', 'an lz4 archive', piped('lz4 -dc')],
  ['\u0002!L\u0018', 'an lz4 archive of the old form', piped('lz4 -dc')],
  ['\u001f\u009d', 'an archive of compress (.Z)', piped('gzip -dc')],
  ['LZIP', 'an lzip archive', piped('lzip -dc')],
  ['\u0089LZO\0\r\n\u001a\n', 'an lzop archive', piped('lzop -dc')],
  ['\u00ff\u0006\0\0sNaPpY', 'a Snappy stream', piped('snzip -dc')],
  [/^[\u0022-\u0028]\u00b5\u002f\u00fd/, 'a zstd archive of before version 0.8', piped('zstd -dc')],
  ['7z\u00bc\u00af\u0027\u001c', 'a 7z archive', (name) => `Unpack it: 7z x ${name}, and give the files.`],
  ['Rar!\u001a\u0007', 'a RAR archive', (name) => `Unpack it: unrar x ${name}, and give the files.`],
  [
    /^0707(?:0[127]|\u00c7)/,
    'a cpio archive',
    (name) => `Unpack it: cpio -id < ${name}, and give the files.`,
  ],
  [/^(?:!<arch>\n)/, 'an ar archive', (name) => `Unpack it: ar x ${name}, and give the files.`],
  ['snoop\0\0\0', 'a capture of Solaris snoop', captured],
  ['btsnoop\0', 'a capture of Bluetooth (btsnoop), which holds no IP', () => 'Give a capture of a network.'],
  ['GMBU', 'a capture of Microsoft Network Monitor', captured],
  ['RTSS', 'a capture of Microsoft Network Monitor 1', captured],
  ['TRSNIFF data', 'a capture of NetXRay or Sniffer', captured],
  ['XCP\0', 'a capture of NetXRay', captured],
  ['\u007fver', 'a capture of EtherPeek', captured],
  ['\u000a\u000dTTF', 'a capture of a Tektronix tracer', captured],
  [/^ (?:\d\d:\d\d:\d\d|\d{4}-)[^\n]*IP6? /, 'text of tcpdump', () => 'Give what tcpdump -w writes.'],
  [
    /^(?:\d{4}-\d\d-\d\d )?\d\d:\d\d:\d\d\.\d{6} (?:IP6?|ARP) /,
    'text that tcpdump prints',
    () => 'Give what tcpdump -w FILE.pcap writes; the text lacks what flows are made of.',
  ],
  [
    /^[\s\S]{0,64}\u00e5\u0071\u002d\u00cb/,
    'a file of Argus in its own binary form',
    (name) => `Have ra print it, and give that: ra -r ${name} -n -u -c , -s ${argusFields} > flows.csv.`,
  ],
  [
    /^\s*StartTime\s+(?:Flgs|Dur|Proto|LastTime)\s+[^,;\t]*SrcAddr[^,;\t]*\n/,
    'what ra prints in columns for people to read',
    (_name) => `Have ra print it with commas, seconds and numbers: ra -r FILE -n -u -c , > flows.csv.`,
  ],
  ['iptrace ', 'a capture of AIX iptrace', captured],
  [
    'SQLite format 3\0',
    'an SQLite database',
    () => 'Have sqlite3 -csv -header print the table, and give that.',
  ],
  ['Obj\u0001', 'an Avro file', () => 'Convert it to JSON lines: avro-tools tojson FILE > flows.ndjson.'],
  ['ORC', 'an ORC file', () => 'Convert it to Parquet or CSV.'],
  ['ARROW1', 'an Arrow file', () => 'Convert it to Parquet.'],
  ['\u00d0\u00cf\u0011\u00e0', 'a file of Microsoft Office', () => 'Save the table as CSV.'],
  ['ElfFile\0', 'a Windows event log (EVTX)', () => 'Give records of a network: firewall logs as CSV, say.'],
  ['%PDF', 'a PDF document', () => 'Give records of a network.'],
  ['\u007fELF', 'a program', () => 'Give records of a network.'],
  ['MZ', 'a program of Windows', () => 'Give records of a network.'],
  [
    '<?xml',
    'an XML document',
    () => 'Convert it to CSV or JSON lines and say what its columns mean with --map.',
  ],
  [
    '\0\u0005\u0016\u0007',
    'a companion file of macOS (AppleDouble), which holds no records',
    () => 'Give the file beside it.',
  ],
  [
    '\u00fa\u00de\u0001',
    'a file of SiLK',
    (name) => `Have rwcut print it: rwcut --timestamp-format=epoch --delimited=, ${name} > flows.csv.`,
  ],
  [
    '\u00de\u00ad\u00be\u00ef',
    'a file of SiLK',
    (name) => `Have rwcut print it: rwcut --timestamp-format=epoch --delimited=, ${name} > flows.csv.`,
  ],
]

/** What a file that begins so is, where it is known and not read. */
export function foreignKind(head: string, name: string): Foreign | null {
  const begin = head.slice(0, 2048)
  const found = known.find(([sign]) => (typeof sign === 'string' ? begin.startsWith(sign) : sign.test(begin)))
  if (found) return { what: found[1], hint: found[2](shellWord(name)) }
  if (isEtl(head, name))
    return {
      what: 'a Windows event trace (ETL)',
      hint: `Convert it: etl2pcapng ${shellWord(name)} out.pcapng.`,
    }
  return isErf(head) ? { what: 'a capture of an Endace card (ERF)', hint: captured() } : null
}

const word = (head: string, at: number): number =>
  (head.charCodeAt(at) |
    (head.charCodeAt(at + 1) << 8) |
    (head.charCodeAt(at + 2) << 16) |
    (head.charCodeAt(at + 3) << 24)) >>>
  0

/** A trace of Windows has no sign: its first buffer says its size, and the header in it begins with a marker. */
function isEtl(head: string, name: string): boolean {
  const size = word(head, 0)
  if (head.length < 76 || size < 4096 || size > 1 << 24 || size % 1024 !== 0) return false
  return word(head, 72) >>> 24 === 0xc0 || /\.etl$/i.test(name)
}

/** Records of a card have no sign either: a time, a type and a length lead from each to the next. */
function isErf(head: string): boolean {
  let at = 0
  for (let records = 0; records < 4; records++) {
    if (at === head.length && records > 0) return true
    if (at + 16 > head.length) return records > 1
    const seconds = word(head, at + 4)
    const type = head.charCodeAt(at + 8) & 0x7f
    const length = (head.charCodeAt(at + 10) << 8) | head.charCodeAt(at + 11)
    const wire = (head.charCodeAt(at + 14) << 8) | head.charCodeAt(at + 15)
    const isPlausible = seconds > 946_684_800 && seconds < 2_208_988_800 && type > 0 && type <= 48
    if (!isPlausible || length < 16 || wire > 16_384) return false
    at += length
  }
  return true
}
