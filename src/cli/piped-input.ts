/** Streams of other programs: standard input, taken away from the embedded engine, and named pipes. */
import { spawn } from 'node:child_process'
import { closeSync, constants, openSync, statSync } from 'node:fs'
import { Socket } from 'node:net'
import { UserError } from '../errors.ts'

interface PipedInput {
  readonly chunks: AsyncIterable<Buffer>
  /** Has the stream end, with what has come. */
  stop(): void
}

/** What is piped in, through a process between: file 0 of this one is nothing from now on. */
export function pipedInput(): PipedInput {
  const child = spawn('cat', [], { stdio: ['inherit', 'pipe', 'inherit'] })
  detachInput()
  return { chunks: child.stdout, stop: () => void child.kill() }
}

/** Leaves standard input to whoever shares it, a shell's loop say: the embedded engine would read of it. */
export function detachInput(): void {
  closeSync(0)
  openSync('/dev/null', 'r')
}

/**
 * A named pipe, read until its writer ends. It is opened at once, without one: an open that waits could not be ended.
 * @throws UserError input-missing where there is no named pipe of that name.
 */
export function fifoInput(path: string): PipedInput {
  if (!statSync(path, { throwIfNoEntry: false })?.isFIFO())
    throw new UserError('input-missing', `${path} is no named pipe`, `Make it: mkfifo ${path}.`)
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  const stream = new Socket({ fd, readable: true, writable: false })
  return { chunks: stream, stop: () => void (stream.readableEnded || stream.push(null)) }
}
