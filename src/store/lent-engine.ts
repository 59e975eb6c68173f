/**
 * The embedded engine of one thread, used by another: a folder has one owner in one process, and work of minutes should
 * not keep the owner from answering. Statements are sent over a port and run in the order in which they come.
 */
import { MessageChannel, type MessagePort } from 'node:worker_threads'
import { UserError } from '../errors.ts'
import { type Engine, storeOver } from './embedded.ts'
import { analysing, publishing, type TurnName, takeTurnsBy } from './ledger/turns.ts'
import type { Store } from './store.ts'

type Call =
  | {
      readonly does: 'query'
      readonly text: string
      readonly params: Readonly<Record<string, unknown>>
      readonly format: string
    }
  | {
      readonly does: 'insert'
      readonly table: string
      readonly columns: readonly string[]
      readonly values: Uint8Array
    }
  | { readonly does: 'take'; readonly turn: TurnName }
  | { readonly does: 'release'; readonly taken: number }

/** An error that crossed to another thread, or is about to. */
export interface SentFault {
  /** Of a `UserError`; null of anything else. */
  readonly code: UserError['code'] | null
  readonly message: string
  /** The hint of a `UserError`, the stack of anything else. */
  readonly more: string
}

type Asked = Call & { readonly id: number }
type Reply = { readonly id: number } & ({ readonly bytes: Uint8Array } | { readonly fault: SentFault })

export const sentFault = (error: unknown): SentFault =>
  error instanceof UserError
    ? { code: error.code, message: error.message, more: error.hint }
    : {
        code: null,
        message: error instanceof Error ? error.message : String(error),
        more: error instanceof Error ? (error.stack ?? '') : '',
      }

export function receivedFault({ code, message, more }: SentFault): Error {
  if (code !== null) return new UserError(code, message, more)
  const error = new Error(message)
  if (more !== '') error.stack = more
  return error
}

interface Lent {
  /** For the other thread: to be transferred. */
  readonly port: MessagePort
  /** Takes the engine back, and the turns that the other thread held. */
  close(): void
}

/** Lends the engine of `store` to another thread, which opens it with `borrowStore`. */
export function lendEngine(store: Store, engine: Engine): Lent {
  const { port1: own, port2: port } = new MessageChannel()
  const turns = { publishing, analysing }
  const held = new Map<number, () => void>()
  const empty = new Uint8Array()

  const take = (id: number, turn: TurnName) =>
    new Promise<Uint8Array>((taken) => {
      void turns[turn](store, () => {
        taken(empty)
        return new Promise<void>((done) => held.set(id, done))
      })
    })

  const answer = async (call: Asked): Promise<Uint8Array> => {
    switch (call.does) {
      case 'query':
        return new Uint8Array(await engine.query(call.text, call.params, call.format))
      case 'insert':
        await engine.insert(call.table, call.columns, call.values)
        return empty
      case 'take':
        return take(call.id, call.turn)
      case 'release':
        held.get(call.taken)?.()
        held.delete(call.taken)
        return empty
    }
  }

  own.on('message', (call: Asked) => {
    answer(call).then(
      (bytes) =>
        own.postMessage(
          { id: call.id, bytes } satisfies Reply,
          bytes === empty ? [] : [bytes.buffer as ArrayBuffer],
        ),
      (error: unknown) => own.postMessage({ id: call.id, fault: sentFault(error) } satisfies Reply),
    )
  })

  return {
    port,
    close() {
      own.close()
      for (const done of held.values()) done()
    },
  }
}

/** The store of an engine that another thread lends. */
export function borrowStore(port: MessagePort, folder: string): Store {
  const waiting = new Map<number, { done: (bytes: Uint8Array) => void; fail: (error: Error) => void }>()
  let last = 0

  const ask = (call: Call, id = ++last): Promise<Uint8Array> =>
    new Promise((done, fail) => {
      waiting.set(id, { done, fail })
      const moved = call.does === 'insert' ? [call.values.buffer as ArrayBuffer] : []
      port.postMessage({ ...call, id } satisfies Asked, moved)
    })

  port.on('message', (reply: Reply) => {
    const asked = waiting.get(reply.id)
    waiting.delete(reply.id)
    if ('bytes' in reply) asked?.done(reply.bytes)
    else asked?.fail(receivedFault(reply.fault))
  })

  const store = storeOver({
    folder,
    query: (text, params, format) => ask({ does: 'query', text, params, format }),
    // A copy: the rows may lie in a larger buffer, which would go with them.
    insert: async (table, columns, values) =>
      void (await ask({ does: 'insert', table, columns, values: new Uint8Array(values) })),
    close: async () => port.close(),
  })

  takeTurnsBy(store, async (turn, work) => {
    const id = ++last
    await ask({ does: 'take', turn }, id)
    try {
      return await work()
    } finally {
      await ask({ does: 'release', taken: id })
    }
  })
  return store
}
