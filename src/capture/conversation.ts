/** What is said over a flow, where it is worth hearing: names asked for, servers named, programs fetched. */
import type { RecordName } from '../model/records.ts'
import type { Packet } from './packet.ts'
import type { Frame } from './packet-frame.ts'
import type { Placed } from './reader.ts'

export interface ConversationSink {
  record<N extends RecordName>(record: N, row: Placed<N>): void
}

export interface Conversation {
  uid: string
  /** Takes a packet with payload. @returns false when there is no more to learn. */
  hear(packet: Packet, frame: Frame, fromClient: boolean): boolean
  /** Gives what is half known. */
  end(): void
}

/** Services by the number a flow keeps. */
export const serviceNames: readonly string[] = ['', 'dns', 'http', 'ssl']

/** After this many packets a flow is not looked into any more. */
export const enoughSeen = 16

interface Found {
  readonly service: number
  readonly conversation: Conversation | null
}

const nothing: Found = { service: 0, conversation: null }

export function converse(
  _packet: Packet,
  _frame: Frame,
  _options: { fromClient: boolean; sink: ConversationSink },
): Found {
  return nothing
}
