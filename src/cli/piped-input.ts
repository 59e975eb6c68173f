/** Standard input, taken away from the embedded engine, which would read it too when rows go in. */
import { spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'

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
