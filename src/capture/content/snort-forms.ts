/**
 * Alerts of Snort in forms other than one line each or JSON, put into that of `alert_fast`: blocks of `alert_full`, and
 * `alert_csv` of pfSense, Snort 2 and Snort 3.
 */
import { type Envelope, firstLines } from './envelopes.ts'
import { mapLines } from './line-filter.ts'

const stamp = String.raw`\d\d/\d\d(?:/\d\d(?:\d\d)?)?-\d\d:\d\d:\d\d(?:\.\d+)?`

interface Alert {
  readonly stamp: string
  readonly signature: string
  readonly message: string
  readonly about?: string
  readonly proto: string
  readonly ends: string
}

const lineOf = ({ stamp: when, signature, message, about = '', proto, ends }: Alert): string =>
  `${when}  [**] [${signature}] ${message} [**]${about === '' ? '' : ` ${about}`} {${proto}} ${ends}`

const blockTitle = /^\[\*\*\] \[(\d+:\d+:\d+)\] (.*?) ?\[\*\*\]\s*$/
const blockEnds = new RegExp(String.raw`^(${stamp}) (?:(\S+) -> (\S+))`)
const etherLine = /^[0-9A-Fa-f:]{11,17}$/

/** Lines of a block, until the one that says the protocol. */
function createBlocks() {
  let title: RegExpExecArray | null = null
  let begun = false
  let about: string[] = []
  let when = ''
  let ends = ''

  const finish = (proto: string): string | null => {
    const alert =
      title && when !== '' && ends !== ''
        ? lineOf({
            stamp: when,
            signature: title[1] as string,
            message: title[2] as string,
            about: about.join(' '),
            proto,
            ends,
          })
        : title && [title[0], ...about].join(' ')

    title = null
    about = []
    when = ''
    ends = ''

    return alert
  }

  return {
    finish,
    take(line: string): string | null {
      const text = line.trim()
      const begins = blockTitle.exec(text)

      if (begins) {
        const before = finish('IP')
        title = begins
        begun = true
        return before
      }

      // What follows in a block says more of the packet.
      if (!title) return begun || text === '' ? null : line
      if (text === '') return finish('IP')
      if (text.startsWith('[Classification') || text.startsWith('[Priority')) about.push(text)
      const placed = blockEnds.exec(text)
      if (placed) when = placed[1] as string
      if (placed && !etherLine.test(placed[2] as string)) ends = `${placed[2]} -> ${placed[3]}`
      const bare = /^(\S+) -> (\S+)$/.exec(text)
      if (bare && ends === '') ends = text
      const proto = /^([A-Z][\w-]*) TTL:/.exec(text)?.[1]

      return proto && ends !== '' ? finish(proto) : null
    },
  }
}

const full: Envelope = (head) => {
  const [first = '', ...more] = firstLines(head, 4)
  if (!blockTitle.test(first.trim()) || !more.some((line) => blockEnds.test(line))) return null
  return {
    what: 'blocks of Snort alert_full',
    grows: false,
    through: (chunks) => {
      const blocks = createBlocks()
      return mapLines(
        chunks,
        (line) => blocks.take(line.toString()),
        () => blocks.finish('IP'),
      )
    },
  }
}

/** Cells of a line of CSV. */
const cellsIn = (line: string): string[] =>
  [...`${line},`.matchAll(/\s*("(?:[^"]|"")*"|[^,]*?)\s*,/g)].map(([, cell = '']) =>
    cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell,
  )

const startsWithStamp = new RegExp(`^"?${stamp}"?\\s*,`)

/** `timestamp,sig_generator,sig_id,sig_rev,msg,proto,src,srcport,dst,dstport,…`: pfSense, and Snort 2's default. */
function alertOfTwo(cells: readonly string[]): string | null {
  const [
    when = '',
    gid = '',
    sid = '',
    rev = '',
    message = '',
    proto = '',
    src = '',
    sport = '',
    dst = '',
    dport = '',
  ] = cells

  if (![gid, sid, rev].every((each) => /^\d+$/.test(each)) || !/^[A-Za-z][\w-]*$/.test(proto)) return null

  // Behind them pfSense has an id, the classification and the priority; Snort has Ethernet's addresses.
  const isAlert = cells.length >= 13 && cells.length <= 16 && /^\d+$/.test(cells[12] ?? '')
  const about = isAlert ? `[Classification: ${cells[11]}] [Priority: ${cells[12]}]` : ''
  const place = (address: string, port: string) =>
    port === '' || port === '0' ? address : `${address}:${port}`
  const ends = `${place(src, sport)} -> ${place(dst, dport)}`

  return lineOf({ stamp: when, signature: `${gid}:${sid}:${rev}`, message, about, proto, ends })
}

/** `timestamp, pkt_num, proto, pkt_gen, pkt_len, dir, src_ap, dst_ap, rule, action`: Snort 3's default. */
function alertOfThree(cells: readonly string[]): string | null {
  const [when = '', , proto = '', , , , src = '', dst = '', rule = ''] = cells
  if (!/^\d+:\d+:\d+$/.test(rule) || !/^[A-Za-z][\w-]*$/.test(proto)) return null
  const place = (end: string) => end.replace(/:0?$/, '')
  return lineOf({ stamp: when, signature: rule, message: '', proto, ends: `${place(src)} -> ${place(dst)}` })
}

const asLine = (line: string): string | null => {
  if (!startsWithStamp.test(line)) return null
  const cells = cellsIn(line)
  return alertOfTwo(cells) ?? alertOfThree(cells)
}

const csv: Envelope = (head) =>
  firstLines(head, 3).some((line) => asLine(line) !== null)
    ? {
        what: 'alerts of Snort as CSV',
        grows: true,
        through: (chunks) => mapLines(chunks, (line) => asLine(line.toString()) ?? line),
      }
    : null

export const snortForms: readonly Envelope[] = [full, csv]
