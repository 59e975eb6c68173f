/** Frames that gave no packet: counted apart, as a capture may hold millions of them. */

import type { RejectReason, Rejects } from '../rejects.ts'
import type { Frame } from './frame.ts'
import { type Verdict, verdict } from './packet.ts'

const reasons: Readonly<Record<Verdict, RejectReason | null>> = {
  [verdict.packet]: null,
  [verdict.notIp]: 'not-ip',
  [verdict.truncated]: 'truncated',
  [verdict.badField]: 'bad-field',
  [verdict.unsupported]: 'unsupported',
  [verdict.badTime]: 'bad-time',
  [verdict.counted]: 'superseded',
}
const sampled = 3
/** Kinds of what is not read that are counted apart. */
const mostKinds = 64

interface Unread {
  count: number
  readonly first: number
}

export class PacketRejects {
  private readonly rejects: Pick<Rejects, 'add'>
  private readonly counts = new Float64Array(7)
  private readonly last = new Float64Array(7)
  private readonly reported = new Float64Array(7).fill(sampled)
  private readonly unread = new Map<string, Unread>()

  constructor(rejects: Pick<Rejects, 'add'>) {
    this.rejects = rejects
  }

  /** A frame with something in it that is not read: counted by what that is, to be reported by `finish`. */
  addUnread(what: string, { position }: Frame): void {
    const key = this.unread.has(what) || this.unread.size < mostKinds ? what : 'other kinds are not read'
    const known = this.unread.get(key)
    if (known) known.count++
    else this.unread.set(key, { count: 1, first: position })
  }

  add(why: Verdict, frame: Frame): void {
    this.counts[why] = (this.counts[why] as number) + 1
    this.last[why] = frame.position
    if ((this.counts[why] as number) > sampled) return
    const reason = reasons[why]
    if (reason) this.rejects.add(reason, frame.position, sampleOf(frame))
  }

  /** The file breaks off inside a packet or block. */
  cut(bytes: number, position: number): void {
    this.rejects.add('truncated', position, `the file ends ${bytes} bytes into a record`)
  }

  /** Something in the file cannot be read; what follows it can. */
  passedOver(what: string, position: number): void {
    this.rejects.add('bad-field', position, what)
  }

  /** What follows in the file cannot be read. */
  damage(what: string, position: number): void {
    this.rejects.add('bad-field', position, `${what}; nothing after it was read`)
  }

  /** Reports what was counted beyond the samples, since it did so last. */
  finish(): void {
    const kinds = [...this.unread].toSorted(([, a], [, b]) => b.count - a.count)
    for (const [what, { count, first }] of kinds)
      this.rejects.add('unsupported', first, `${what} (${count} ${count === 1 ? 'frame' : 'frames'})`, count)
    this.unread.clear()
    for (const why of Object.values(verdict)) {
      const reason = reasons[why]
      const more = (this.counts[why] as number) - (this.reported[why] as number)
      if (!reason || more <= 0) continue
      this.rejects.add(reason, this.last[why] as number, '', more)
      this.reported[why] = this.counts[why] as number
    }
  }
}

function sampleOf({ bytes, at, end, link, original }: Frame): string {
  const hex = Buffer.from(bytes.buffer, bytes.byteOffset + at, Math.min(32, end - at)).toString('hex')
  return `link type ${link}, ${original} bytes: ${hex}`
}
