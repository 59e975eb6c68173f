/** What the collector and the thread that receives for it say to each other. */

export interface Listen {
  /** An address of this machine; `::` for all, of both families. */
  readonly address: string
  /** 0 for any that is free. */
  readonly port: number
}

export interface ReceiverOrders {
  readonly listen: readonly Listen[]
  /** Asked of the kernel for each socket's queue; it may give less. */
  readonly bufferBytes: number
  /** Bytes that may be under way to the collector. */
  readonly mostBytes: number
}

export interface Batch {
  readonly bytes: ArrayBuffer
  readonly used: number
  /** Four numbers a datagram: where it begins, its length, its sender's number, milliseconds since 1970. */
  readonly places: readonly number[]
  /** Numbers of senders in this batch, their addresses and their ports. */
  readonly senders: readonly (readonly [number, string, number])[]
}

export type FromReceiver =
  | { readonly kind: 'batch'; readonly batch: Batch }
  | { readonly kind: 'listening'; readonly address: string; readonly port: number; readonly buffer: number }
  | { readonly kind: 'failed'; readonly address: string; readonly port: number; readonly code: string }
  | {
      readonly kind: 'status'
      readonly datagrams: number
      /** Datagrams dropped because too much was under way. */
      readonly overrun: number
      /** Datagrams that the kernel dropped; null where it does not say. */
      readonly kernel: number | null
    }
  | { readonly kind: 'end' }

export type ToReceiver = { readonly kind: 'done'; readonly bytes: number } | { readonly kind: 'stop' }
