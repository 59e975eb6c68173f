/**
 * The classic capture file: a header of 24 bytes, then packets.
 *
 * draft-ietf-opsawg-pcap; both byte orders, micro- and nanoseconds, the old files with swapped lengths
 * (version 2.2 and before) and Kuznetzov's variant with its longer packet header. A record that cannot be is passed
 * over, to the next that can.
 */
import { type Bounds, Damage, type Frame, type Framing, longestFrame } from '../packets/frame.ts'
import { beginsCapture, fileHeaderBytes, isClassicMagic, magic, mayBegin } from './file-header.ts'

const magicOf = (head: string): number =>
  ((head.charCodeAt(0) << 24) |
    (head.charCodeAt(1) << 16) |
    (head.charCodeAt(2) << 8) |
    head.charCodeAt(3)) >>>
  0
const swapped = (word: number): number =>
  ((word << 24) | ((word << 8) & 0xff0000) | ((word >>> 8) & 0xff00) | (word >>> 24)) >>> 0

export const isPcap = (head: string): boolean =>
  head.length >= 4 && (isClassicMagic(magicOf(head)) || isClassicMagic(swapped(magicOf(head))))

const million = 1_000_000
const billion = 1_000_000_000
/** Bytes over which no frame is captured that was shorter on the wire. */
const mostCounted = 65_535
const pseudoHeader = 256
/** Records over which it is decided what the fractions of a file are. */
const decidedAfter = 1000
/** Seconds that packets one after the other may be apart, where a damaged file is taken up again. */
const nearby = 86_400

export class PcapFraming implements Framing {
  started = false
  isOver = false
  private little = false
  private header = 16
  private isNano = false
  private link = 0
  private swapsLengths = false
  /** Seconds of the last record. */
  private last = -1
  private undecided = 0
  /** Seconds in which there are fractions that only nanoseconds can be, and others. */
  private readonly over = new Set<number>()
  private readonly under = new Set<number>()
  /** What is wrong with the file since where it is searched for its next record; bytes of it that were searched. */
  wrong = ''
  private searched = 0
  private readonly passed: string[] = []
  private readonly ownRemarks: string[] = []

  /** Bytes of a record before its frame. */
  get recordHeader(): number {
    return this.header
  }

  damages(): readonly string[] {
    return this.passed.splice(0)
  }

  remarks(): readonly string[] {
    return this.ownRemarks.splice(0)
  }

  copy(): PcapFraming {
    const made = new PcapFraming()
    made.started = this.started
    made.little = this.little
    made.header = this.header
    made.isNano = this.isNano
    made.link = this.link
    made.swapsLengths = this.swapsLengths
    made.last = this.last
    return made
  }

  read(frame: Frame, { from, to }: Bounds, take: () => void): number | Damage {
    let at = from

    if (!this.started) {
      if (to - at < fileHeaderBytes) return at
      const damage = this.start(frame.view, at)
      if (damage) return damage
      at += fileHeaderBytes
    }

    for (;;) {
      if (this.wrong) {
        const found = this.search(frame.view, { from: at, to })
        if (this.wrong) return found
        at = found
      }
      if (this.undecided > 0) this.decide(frame.view, { from: at, to })
      at = this.packets(frame, { from: at, to }, take)
      if (!this.wrong) return at
    }
  }

  private start(view: DataView, at: number): Damage | null {
    const word = view.getUint32(at)
    this.little = !isClassicMagic(word)
    const kind = view.getUint32(at, this.little)
    if (!isClassicMagic(kind)) return new Damage(`magic number ${word.toString(16)}`)
    this.header = kind === magic.kuznetzov ? 24 : 16
    this.isNano = kind === magic.nano
    this.undecided = this.isNano ? 0 : decidedAfter
    const minor = view.getUint16(at + 6, this.little)
    this.swapsLengths = view.getUint16(at + 4, this.little) === 2 && minor < 3
    // The upper bits hold the length of the frame check sequence.
    this.link = view.getUint32(at + 20, this.little) & 0xffff
    this.started = true
    return null
  }

  /**
   * Some programs write nanoseconds under the magic number of microseconds: fractions over a million show it. Seconds
   * with such fractions are set against those without, of which a file of microseconds with a damaged record has many.
   */
  private decide(view: DataView, { from, to }: Bounds): void {
    const { little, header } = this
    const { over, under } = this

    for (let at = from; to - at >= header && this.undecided > 0; this.undecided--) {
      const fraction = view.getUint32(at + 4, little)
      const second = view.getUint32(at, little)
      if (mayBegin(second) && beginsCapture(view, at, to) !== false) break
      if (fraction >= million && fraction < billion) over.add(second)
      else under.add(second)
      const captured = this.lengthsAt(view, at).captured
      if (captured > longestFrame) break
      at += header + captured
    }

    if (over.size === 0 || under.difference(over).size > over.size) return
    this.isNano = true
    this.undecided = 0
    this.ownRemarks.push(
      'fractions of seconds above 999,999: they are read as nanoseconds, though the file says microseconds',
    )
  }

  private lengthsAt(view: DataView, at: number): { captured: number; original: number } {
    const captured = view.getUint32(at + 8, this.little)
    const original = view.getUint32(at + 12, this.little)
    return this.swapsLengths && captured > original
      ? { captured: original, original: captured }
      : { captured, original }
  }

  private packets(frame: Frame, { from, to }: Bounds, take: () => void): number {
    const { view } = frame
    const { little, swapsLengths, header, isNano } = this
    let at = from
    let last = this.last
    frame.link = this.link

    while (to - at >= header) {
      const seconds = view.getUint32(at, little)
      if (mayBegin(seconds)) {
        const begins = beginsCapture(view, at, to)
        if (begins === true) this.isOver = true
        if (begins !== false) break
      }
      let captured = view.getUint32(at + 8, little)
      let original = view.getUint32(at + 12, little)
      if (swapsLengths && captured > original) [captured, original] = [original, captured]
      const wrong = wrongRecord(seconds, captured, original)
      if (wrong) {
        this.wrong = wrong
        this.searched = 1
        at++
        break
      }
      const end = at + header + captured
      if (end > to) break
      const fraction = view.getUint32(at + 4, little)
      // A fraction of more than a second is damaged: the second is right more often than not.
      if (isNano) frame.time = seconds * million + (fraction < billion ? Math.floor(fraction / 1000) : 0)
      else frame.time = seconds * million + (fraction < million ? fraction : 0)
      frame.at = at + header
      frame.end = end
      frame.original = original
      frame.position++
      last = seconds
      take()
      at = end
    }

    this.last = last

    return at
  }

  /** Looks for where the file can be read again; there, `wrong` is empty. @returns where, or where to look on. */
  private search(view: DataView, { from, to }: Bounds): number {
    for (let at = from; at < to; at++) {
      const begins = this.beginsAgain(view, at, to)
      if (begins === null) {
        this.searched += at - from
        return at
      }
      if (!begins) continue
      this.passed.push(`${this.wrong}; ${this.searched + at - from} bytes were passed over`)
      this.wrong = ''
      return at
    }
    this.searched += to - from
    return to
  }

  /** Whether a capture, or two records one after the other, begin at `at`; null when more bytes are needed. */
  private beginsAgain(view: DataView, at: number, to: number): boolean | null {
    if (to - at < this.header) return null
    if (mayBegin(view.getUint32(at))) return beginsCapture(view, at, to)
    const first = this.plausible(view, at, this.last)
    if (first < 0) return false
    if (to - first < this.header) return null
    return this.plausible(view, first, view.getUint32(at, this.little)) >= 0
  }

  /** Where the record at `at` would end; -1 if there is none. */
  private plausible(view: DataView, at: number, last: number): number {
    const { little } = this
    const seconds = view.getUint32(at, little)
    if (last >= 0 ? Math.abs(seconds - last) > nearby : seconds < 315_532_800) return -1
    if (view.getUint32(at + 4, little) >= (this.isNano ? billion : million)) return -1
    const { captured, original } = this.lengthsAt(view, at)
    const isLength = captured >= 8 && captured <= original && original <= longestFrame
    return isLength ? at + this.header + captured : -1
  }
}

/**
 * What is wrong with a record; empty where nothing is. Some programs count a pseudo-header in one of the lengths
 * alone. Zeros are what is left of a file that was made larger than what was written into it.
 */
function wrongRecord(seconds: number, captured: number, original: number): string {
  if (captured > longestFrame || (captured > mostCounted && captured > original + pseudoHeader))
    return `a captured length of ${captured}`
  return (seconds | captured | original) === 0 ? 'zeros in place of a record' : ''
}
