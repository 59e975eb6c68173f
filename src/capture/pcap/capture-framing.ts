/** Captures of either kind, one behind the other: what `cat` makes of several files. */
import { type Bounds, Damage, type Frame, type Framing } from '../packets/frame.ts'
import { beginsCapture, fileHeaderBytes, isClassicMagic, sectionMagic } from './file-header.ts'
import { PcapFraming } from './pcap-framing.ts'
import { PcapngFraming } from './pcapng-framing.ts'

export class CaptureFraming implements Framing {
  readonly isOver = false
  private current: PcapFraming | PcapngFraming | null = null
  private before = 0
  private readonly passed: string[] = []
  private readonly ownRemarks: string[] = []

  get started(): boolean {
    return this.current?.started ?? false
  }

  get wrong(): string {
    return this.current?.wrong ?? ''
  }

  /** Captures, and sections of them, that began so far. */
  get sections(): number {
    return this.before + sectionsOf(this.current)
  }

  /** Bytes of a record before its frame. */
  get recordHeader(): number {
    return this.current?.recordHeader ?? 0
  }

  get isNextGeneration(): boolean {
    return this.current instanceof PcapngFraming
  }

  damages(): readonly string[] {
    return [...this.passed.splice(0), ...(this.current?.damages() ?? [])]
  }

  remarks(): readonly string[] {
    return [...this.ownRemarks.splice(0), ...(this.current?.remarks() ?? [])]
  }

  copy(): CaptureFraming {
    const made = new CaptureFraming()
    made.before = this.before
    made.current = this.current?.copy() ?? null
    return made
  }

  read(frame: Frame, { from, to }: Bounds, take: () => void): number | Damage {
    let at = from
    for (;;) {
      if (!this.current) {
        if (to - at < fileHeaderBytes) return at
        const begun = framingAt(frame.view, at, to)
        if (begun instanceof Damage) return begun
        this.current = begun
      }
      const next = this.current.read(frame, { from: at, to }, take)
      if (next instanceof Damage || !this.current.isOver) return next
      this.leave(this.current)
      at = next
    }
  }

  private leave(framing: PcapFraming | PcapngFraming): void {
    this.passed.push(...framing.damages())
    this.ownRemarks.push(...framing.remarks())
    this.before += sectionsOf(framing)
    this.current = null
  }
}

const sectionsOf = (framing: PcapFraming | PcapngFraming | null): number =>
  framing instanceof PcapngFraming ? framing.sections : framing ? 1 : 0

function framingAt(view: DataView, at: number, to: number): PcapFraming | PcapngFraming | Damage {
  const word = view.getUint32(at)
  if (isClassicMagic(word) || isClassicMagic(view.getUint32(at, true))) return new PcapFraming()
  if (word === sectionMagic && beginsCapture(view, at, to)) return new PcapngFraming()
  return new Damage(`magic number ${word.toString(16).padStart(8, '0')}`)
}
