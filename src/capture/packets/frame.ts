/** One captured frame. The same object is used again for the next one: read it, never keep it. */
export class Frame {
  bytes: Uint8Array = new Uint8Array(0)
  view: DataView = new DataView(new ArrayBuffer(0))
  /** The captured part is bytes[at, end). */
  at = 0
  end = 0
  /** Bytes the frame had on the wire; more than was captured where a snapshot length cut it. */
  original = 0
  /** Microseconds since the Unix epoch; -1 where the file does not say. */
  time = 0
  /** LINKTYPE_ number of the interface. */
  link = 0
  /** Number of the packet in the file, from 1. */
  position = 0
}

/** What stops the reading of a file: a length or a magic number that cannot be. */
export class Damage {
  readonly what: string
  constructor(what: string) {
    this.what = what
  }
}

/** Finds the frames in the bytes of a capture file. */
export interface Framing {
  /**
   * Gives every whole frame of bytes[from, to) to `take`, through `frame`.
   * @returns where the first record that is not whole begins, at most `to`; beyond `to` when bytes that have
   *   not come yet are to be skipped; `Damage` when what follows cannot be read.
   */
  read(frame: Frame, bounds: Bounds, take: () => void): number | Damage
  /** Whether a file may end where it does when no bytes are left over. */
  readonly started: boolean
  /** Whether `read` stopped at the header of another capture, which was put behind this one. */
  readonly isOver: boolean
  /** What is wrong with the file where it is searched for its next record; empty while it is read. */
  readonly wrong: string
  /** What was passed over because it cannot be, since it was asked last. */
  damages(): readonly string[]
  /** What is to be known of how the file was read, since it was asked last. */
  remarks(): readonly string[]
  /** The same state, to read on elsewhere. */
  copy(): Framing
}

export interface Bounds {
  from: number
  to: number
}

/** No capture tool writes a longer frame (libpcap and Wireshark agree on it). */
export const longestFrame = 262_144
/** A record that carries a frame, with its header and options, is never longer. */
export const longestRecord = 1 << 20
