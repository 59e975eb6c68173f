/**
 * The classic capture file: a header of 24 bytes, then packets.
 *
 * draft-ietf-opsawg-pcap; both byte orders, micro- and nanoseconds, the old files with swapped lengths
 * (version 2.2 and before) and Kuznetzov's variant with its longer packet header.
 */
import { type Bounds, Damage, type Frame, type Framing, longestFrame } from '../packets/frame.ts'

interface Variant {
  readonly perMicro: number
  readonly header: number
}

const variants: Readonly<Record<number, Variant>> = {
  2712847316: { perMicro: 1, header: 16 }, // a1b2c3d4
  2712812621: { perMicro: 1000, header: 16 }, // a1b23c4d
  2712849716: { perMicro: 1, header: 24 }, // a1b2cd34
}

const fileHeader = 24

const magicOf = (head: string): number =>
  ((head.charCodeAt(0) << 24) |
    (head.charCodeAt(1) << 16) |
    (head.charCodeAt(2) << 8) |
    head.charCodeAt(3)) >>>
  0
const swapped = (word: number): number =>
  ((word << 24) | ((word << 8) & 0xff0000) | ((word >>> 8) & 0xff00) | (word >>> 24)) >>> 0

export const isPcap = (head: string): boolean =>
  head.length >= 4 && (magicOf(head) in variants || swapped(magicOf(head)) in variants)

export class PcapFraming implements Framing {
  started = false
  private little = false
  private variant: Variant = { perMicro: 1, header: 16 }
  private link = 0
  private swapsLengths = false

  read(frame: Frame, { from, to }: Bounds, take: () => void): number | Damage {
    let at = from
    if (!this.started) {
      if (to - at < fileHeader) return at
      const damage = this.start(frame.view, at)
      if (damage) return damage
      at += fileHeader
    }
    return this.packets(frame, { from: at, to }, take)
  }

  private start(view: DataView, at: number): Damage | null {
    const magic = view.getUint32(at)
    this.little = !(magic in variants)
    const variant = variants[view.getUint32(at, this.little)]
    if (!variant) return new Damage(`magic number ${magic.toString(16)}`)
    this.variant = variant
    const minor = view.getUint16(at + 6, this.little)
    this.swapsLengths = view.getUint16(at + 4, this.little) === 2 && minor < 3
    // The upper bits hold the length of the frame check sequence.
    this.link = view.getUint32(at + 20, this.little) & 0xffff
    this.started = true
    return null
  }

  private packets(frame: Frame, { from, to }: Bounds, take: () => void): number | Damage {
    const { view } = frame
    const { little, swapsLengths } = this
    const { perMicro, header } = this.variant
    let at = from
    frame.link = this.link
    while (to - at >= header) {
      let captured = view.getUint32(at + 8, little)
      let original = view.getUint32(at + 12, little)
      if (swapsLengths && captured > original) [captured, original] = [original, captured]
      if (captured > longestFrame) return new Damage(`a captured length of ${captured}`)
      const end = at + header + captured
      if (end > to) return at
      const fraction = view.getUint32(at + 4, little)
      frame.time =
        view.getUint32(at, little) * 1e6 + (perMicro === 1 ? fraction : Math.floor(fraction / perMicro))
      frame.at = at + header
      frame.end = end
      frame.original = original
      frame.position++
      take()
      at = end
    }
    return at
  }
}
