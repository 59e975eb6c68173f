/**
 * The thread that empties the sockets of a collector. It does nothing else, so that the kernel's short queue does not
 * run over while flows are made or the engine takes them. What it receives goes on in batches; when more is under way
 * than was allowed, datagrams are dropped here and counted.
 */
import { createSocket, type Socket } from 'node:dgram'
import { readFileSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import type { Batch, FromReceiver, ReceiverOrders, ToReceiver } from './messages.ts'

const batchBytes = 1 << 18
const batchEvery = 20
const statusEvery = 500

function receive(orders: ReceiverOrders, port: NonNullable<typeof parentPort>): void {
  const state = { underWay: 0, datagrams: 0, overrun: 0 }
  const names = new Map<string, number>()
  let batch = fresh()
  const post = (message: FromReceiver, transfer: ArrayBuffer[] = []) => port.postMessage(message, transfer)

  const flush = () => {
    if (batch.used === 0) return
    const bytes = batch.buffer.buffer as ArrayBuffer
    post(
      { kind: 'batch', batch: { bytes, used: batch.used, places: batch.places, senders: batch.senders } },
      [bytes],
    )
    batch = fresh()
  }

  const take = (bytes: Buffer, address: string, remotePort: number) => {
    state.datagrams++

    if (state.underWay + bytes.length > orders.mostBytes) {
      state.overrun++
      return
    }

    if (batch.used + bytes.length > batchBytes) flush()
    state.underWay += bytes.length
    const name = `${address} ${remotePort}`
    let sender = names.get(name)

    if (sender === undefined) {
      // Forged senders must not fill the memory.
      if (names.size > 65_536) names.clear()
      sender = names.size
      names.set(name, sender)
    }

    if (!batch.known.has(sender)) {
      batch.known.add(sender)
      batch.senders.push([sender, address, remotePort])
    }

    batch.buffer.set(bytes, batch.used)
    batch.places.push(batch.used, bytes.length, sender, Date.now())
    batch.used += bytes.length
  }

  const sockets = orders.listen.map((where) => open(where, orders, { take, post }))
  const flushing = setInterval(flush, batchEvery)
  const statusTimer = setInterval(() => post(status()), statusEvery)

  const status = (): FromReceiver => ({
    kind: 'status',
    datagrams: state.datagrams,
    overrun: state.overrun,
    kernel: kernelDrops(sockets.map(({ port }) => port)),
  })

  port.on('message', (message: ToReceiver) => {
    if (message.kind === 'done') state.underWay -= message.bytes
    else void stop()
  })
  const stop = async () => {
    // What the kernel holds is taken too: until nothing came for a moment, and not for ever.
    for (let turn = 0, before = -1; turn < 20 && state.datagrams !== before; turn++) {
      before = state.datagrams
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    clearInterval(flushing)
    clearInterval(statusTimer)
    post(status())
    for (const { socket } of sockets) socket?.close()
    flush()
    post({ kind: 'end' })
    port.close()
  }
}

interface Filling extends Omit<Batch, 'bytes'> {
  readonly buffer: Uint8Array
  readonly places: number[]
  readonly senders: [number, string, number][]
  readonly known: Set<number>
  used: number
}

interface Open {
  socket: Socket | null
  /** The port that was given, where any was asked for. */
  port: number
}

const fresh = (): Filling => ({
  buffer: new Uint8Array(batchBytes),
  places: [],
  senders: [],
  known: new Set(),
  used: 0,
})

function open(
  { address, port }: ReceiverOrders['listen'][number],
  { bufferBytes }: ReceiverOrders,
  {
    take,
    post,
  }: { take: (bytes: Buffer, address: string, port: number) => void; post: (message: FromReceiver) => void },
): Open {
  const where: Open = { socket: null, port }

  const listen = (on: string) => {
    const socket = createSocket({ type: on.includes(':') ? 'udp6' : 'udp4', recvBufferSize: bufferBytes })
    where.socket = socket
    socket.on('message', (bytes, { address: from, port: remote }) =>
      take(bytes, from.replace(/^::ffff:(?=\d)/, '').replace(/%.*$/, ''), remote),
    )
    socket.on('error', (error: NodeJS.ErrnoException) => {
      // All addresses of a machine without IPv6 are those of IPv4.
      if (on === '::' && /EAFNOSUPPORT|EADDRNOTAVAIL/.test(error.code ?? '')) return listen('0.0.0.0')
      post({ kind: 'failed', address, port, code: error.code ?? String(error) })
    })
    socket.bind(port, on, () => {
      where.port = socket.address().port
      post({ kind: 'listening', address, port: where.port, buffer: socket.getRecvBufferSize() })
    })
  }

  listen(address)

  return where
}

/** Datagrams that the kernel dropped because a socket's queue was full, as Linux tells; null elsewhere. */
function kernelDrops(ports: readonly number[]): number | null {
  try {
    let drops = 0
    for (const table of ['/proc/self/net/udp', '/proc/self/net/udp6'])
      for (const line of readFileSync(table, 'utf8').split('\n').slice(1)) {
        const cells = line.trim().split(/\s+/)
        const port = Number.parseInt(cells[1]?.split(':')[1] ?? '', 16)
        if (ports.includes(port)) drops += Number(cells.at(-1))
      }
    return drops
  } catch {
    return null
  }
}

if (parentPort) receive(workerData as ReceiverOrders, parentPort)
