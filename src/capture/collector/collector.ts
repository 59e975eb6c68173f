/**
 * A UDP collector: datagrams of exporters to flows in the store.
 *
 * One thread empties the sockets (`collector-receiver.ts`); this one makes flows and waits for the engine. What came in
 * between two rotations is one input of the ledger, whole or nothing. Flows that are still open are held over a
 * rotation. Between kernel, thread and engine everything is bounded, and what does not fit is counted as lost.
 */
import { Worker } from 'node:worker_threads'
import { UserError } from '../../errors.ts'
import { asWriter } from '../../store/ledger/writers.ts'
import { prepare } from '../../store/schema.ts'
import type { Store } from '../../store/store.ts'
import { createPublisher } from '../import/publisher.ts'
import type { FromReceiver, ReceiverOrders, ToReceiver } from './messages.ts'
import { type CollectOptions, CollectorSession } from './session.ts'
import type { CollectorStatus } from './status.ts'

const every = 250

/**
 * Collects until `signal`.
 * @throws UserError listen-failed when an address cannot be listened on.
 */
export async function collect(store: Store, options: CollectOptions): Promise<CollectorStatus> {
  await prepare(store)
  return asWriter(store, () => collectInto(store, options))
}

async function collectInto(store: Store, options: CollectOptions): Promise<CollectorStatus> {
  const publisher = await createPublisher(store)
  const session = new CollectorSession(publisher, options)
  await session.restore()
  const receiver = startReceiver(options)
  const failed = Promise.withResolvers<never>()
  failed.promise.catch(() => {})
  const queue: FromReceiver[] = []
  let wake = Promise.withResolvers<void>()
  const tell = (message: ToReceiver) => receiver.postMessage(message)
  receiver.on('message', (message: FromReceiver) => {
    if (message.kind === 'failed') failed.reject(cannotListen(message))
    queue.push(message)
    wake.resolve()
  })
  receiver.on('error', (error) => failed.reject(error))
  const stop = () => tell({ kind: 'stop' })
  options.signal.addEventListener('abort', stop, { once: true })
  if (options.signal.aborted) stop()

  try {
    for (let ended = false; !ended; ) {
      await Promise.race([wake.promise, pause(every), failed.promise])
      wake = Promise.withResolvers<void>()
      for (let message = queue.shift(); message; message = queue.shift()) {
        if (message.kind === 'batch') {
          await session.take(message.batch)
          tell({ kind: 'done', bytes: message.batch.used })
        } else if (message.kind === 'end') ended = true
        else if (message.kind === 'listening') options.listening?.(message)
        else if (message.kind === 'status') session.received(message)
      }
      await session.tick()
      options.progress?.(session.status())
    }
    await session.finish()
    return session.status()
  } finally {
    options.signal.removeEventListener('abort', stop)
    await receiver.terminate()
  }
}

const pause = (milliseconds: number) =>
  new Promise<void>((resolve) => setTimeout(resolve, milliseconds).unref())

function startReceiver({ listen, bufferBytes = 16 << 20, mostBytes = 64 << 20 }: CollectOptions): Worker {
  // In the published package the sources are JavaScript.
  const name = import.meta.url.endsWith('.ts') ? './receiver.ts' : './receiver.js'
  const workerData: ReceiverOrders = { listen, bufferBytes, mostBytes }
  return new Worker(new URL(name, import.meta.url), { workerData })
}

function cannotListen({ address, port, code }: Extract<FromReceiver, { kind: 'failed' }>): UserError {
  const why: Readonly<Record<string, string>> = {
    EADDRINUSE: 'another program listens there',
    EACCES: 'ports below 1024 are for the administrator',
    EADDRNOTAVAIL: 'this machine has no such address',
  }
  return new UserError(
    'listen-failed',
    `cannot listen on ${address.includes(':') ? `[${address}]` : address}:${port}: ${why[code] ?? code}`,
    'Stop the other program, or give another address or port.',
  )
}
