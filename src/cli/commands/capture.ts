/** `gannet capture`: packets of an interface, or of a pipe, live. */

import { type Command, Option } from 'commander'
import {
  type CaptureTool,
  captureTools,
  type RunningTool,
  startTool,
} from '../../capture/pcap/capture-tool.ts'
import { captureLive, type LiveStatus } from '../../capture/pcap/live-capture.ts'
import { UserError } from '../../errors.ts'
import { sayRejects } from '../../model/words/rejects.ts'
import { sayCount, sayMany } from '../../model/words/say.ts'
import { plainJson } from '../../reports/plain-json.ts'
import type { Store } from '../../store/store.ts'
import { withDatabase } from '../database.ts'
import type { DatabaseFlags } from '../flags.ts'
import { atLeastOne, databaseOptions } from '../options.ts'
import { fifoInput, pipedInput } from '../piped-input.ts'
import { createProgressLine } from '../progress.ts'
import { print, say } from '../say.ts'
import { withInterrupt } from '../with-interrupt.ts'

export interface CaptureFlags extends DatabaseFlags {
  interface?: string
  filter: string
  snaplen: number
  tool?: CaptureTool
  rotate: number
  seconds?: number
  json?: boolean
}

export const capturing = (program: Command) => {
  const command = databaseOptions(
    program
      .command('capture')
      .description('capture packets into a database until interrupted, from an interface or standard input')
      .argument('[stream]', '- reads a capture from standard input'),
  )

  command
    .option('-i, --interface <name>', 'interface to capture on, with dumpcap or tcpdump')
    .option('--filter <expression>', 'libpcap filter expression', '')
    .option(
      '--snaplen <bytes>',
      'bytes kept per frame; byte counts use the original length',
      atLeastOne,
      4096,
    )
    .addOption(new Option('--tool <name>', 'capture tool').choices([...captureTools]))
    .option('--rotate <seconds>', 'seconds between commits', atLeastOne, 60)
    .option('--seconds <n>', 'stop after this many seconds', atLeastOne)
    .option('--json', 'print a summary as JSON at the end')
    .action((stream: string | undefined, flags: CaptureFlags) => run(stream, flags))
}

/** A live capture as it goes on. */
interface Capture {
  /** What is listened on, and through which tool, as one phrase. */
  readonly listening: (place: string) => void
  readonly progress: (now: LiveStatus) => void
  readonly signal: AbortSignal
}

/** Packets dropped before they were read; null where the tool does not say, or there is none. */
export interface Captured extends LiveStatus {
  readonly dropped: number | null
}

interface Source {
  readonly name: string
  readonly chunks: AsyncIterable<Buffer>
  readonly tool: RunningTool | null
  /** Has the stream end. */
  stop(): void
}

const toolOf = (flags: CaptureFlags & { readonly interface: string }): Source => {
  const tool = startTool({
    tool: flags.tool,
    interface: flags.interface,
    snap: flags.snaplen,
    filter: flags.filter,
  })
  return { name: flags.interface, chunks: tool.chunks, tool, stop: tool.stop }
}

/** @throws UserError option-invalid, input-missing, capture-unavailable. */
function sourceOf(stream: string | undefined, flags: CaptureFlags): Source {
  const { interface: name } = flags
  if ((stream === undefined) === (name === undefined) || (stream ?? '-') !== '-')
    throw new UserError(
      'option-invalid',
      'give exactly one source: an interface, or - for standard input',
      'Give -i eth0, or pipe a capture in: tcpdump -w - | gannet capture -.',
    )

  if (name !== undefined) return toolOf({ ...flags, interface: name })

  if (process.stdin.isTTY)
    throw new UserError(
      'input-missing',
      'standard input is a terminal; no capture is piped in',
      'For example: ssh sensor tcpdump -w - | gannet capture - --db site.gannet.',
    )

  return { name: 'standard input', tool: null, ...pipedInput() }
}

/**
 * Captures from an interface, or from a named pipe that another program writes, until the signal or the end of the
 * stream.
 * @throws UserError input-missing, capture-unavailable, input-empty.
 */
export const captureFrom = (
  store: Store,
  { interface: name, fifo, ...flags }: CaptureFlags & { readonly fifo?: string },
  capture: Capture,
): Promise<Captured> => {
  if (name !== undefined)
    return captureSource(store, toolOf({ ...flags, interface: name }), { ...flags, ...capture })
  const source = { name: fifo!, tool: null, ...fifoInput(fifo!) }
  return captureSource(store, source, { ...flags, ...capture })
}

async function captureSource(
  store: Store,
  { name, chunks, tool, stop }: Source,
  { rotate, listening, progress, signal }: Capture & Pick<CaptureFlags, 'rotate'>,
): Promise<Captured> {
  listening(tool ? `${name} through ${tool.tool}` : name)
  signal.addEventListener('abort', stop)
  if (signal.aborted) stop()

  try {
    const status = await captureLive(store, {
      name,
      chunks,
      rotateSeconds: rotate,
      rotateRows: 500_000,
      timeGoesOn: tool !== null,
      progress,
    }).catch(async (error: unknown) => {
      // A tool that may not listen writes nothing; why is in what it said.
      if (error instanceof UserError && error.code === 'input-empty') await tool?.ended()
      throw error
    })
    return { ...status, dropped: tool ? (await tool.ended()).dropped : null }
  } finally {
    signal.removeEventListener('abort', stop)
    stop()
  }
}

async function run(stream: string | undefined, flags: CaptureFlags): Promise<void> {
  const line = createProgressLine(process.stderr)

  try {
    await withDatabase(flags, {}, async (store) => {
      await withInterrupt(async (signal) => {
        const source = sourceOf(stream, flags)
        const { name, tool } = source
        const captured = await captureSource(store, source, {
          rotate: flags.rotate,
          listening: (place) => say(`gannet: listening on ${place}; interrupt to end`),
          progress: (now) => line.say(progressText(now)),
          signal,
        })
        line.clear()
        const { dropped } = captured
        print(flags.json ? plainJson(captured, 2) : summary(captured, { name, tool, dropped }))
      }, flags.seconds)
    })
  } finally {
    line.clear()
  }
}

const rejected = ({ rejects }: LiveStatus): number =>
  Object.values(rejects).reduce((sum, n) => sum + (n ?? 0), 0)

const progressText = (status: LiveStatus): string =>
  [
    `${sayCount(status.frames)} packets`,
    `${sayCount(status.rows)} rows`,
    `${sayCount(status.open)} open`,
    ...(rejected(status) > 0 ? [`${sayCount(rejected(status))} rejected`] : []),
  ].join('  ')

function summary(
  status: LiveStatus,
  { name, tool, dropped }: { name: string; tool: RunningTool | null; dropped: number | null },
): string {
  const reasons = sayRejects(Object.entries(status.rejects).map(([why, n]) => [why, n ?? 0]))
  const lost = !tool
    ? []
    : dropped === null
      ? [`  ${tool.tool} did not say whether it dropped packets`]
      : [`  dropped by the kernel or ${tool.tool}: ${sayCount(dropped)}`]
  return [
    `${name}: ${sayMany(status.frames, 'packet')}, ` +
      `${sayMany(status.rows, 'row')} in ${sayMany(status.imports, 'import')}`,
    ...(reasons === '' ? [] : [`  rejected: ${reasons}`]),
    ...lost,
  ].join('\n')
}
