/** What a parser of one application protocol is given, and what it owes. */
import type { RecordName } from '../../model/records.ts'
import type { Frame } from '../packets/frame.ts'
import type { Packet } from '../packets/packet.ts'
import type { Placed } from '../reader.ts'

export interface RecordSink {
  record<N extends RecordName>(record: N, row: Placed<N>): void
}

/** Who talks in a conversation, and where its records go. `client` is the one who asks. */
export interface Endpoints {
  readonly client: string
  readonly server: string
  readonly serverPort: number
  /** Whether the one who asks is the client of the flow. */
  readonly sameDirection: boolean
  readonly uid: string
  readonly sink: RecordSink
}

export interface AppLayerParser {
  /** Takes a packet with payload. @returns false when there is no more to learn. */
  onPacket(packet: Packet, frame: Frame, fromClient: boolean): boolean
  /** Gives what is half known. */
  end(): void
}
