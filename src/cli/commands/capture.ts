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
import { sayCount, sayMany } from '../../model/words/say.ts'
import { plainJson } from '../../reports/plain-json.ts'
import { withDatabase } from '../database.ts'
import type { DatabaseFlags } from '../flags.ts'
import { atLeastOne, databaseOptions } from '../options.ts'
import { pipedInput } from '../piped-input.ts'
import { createProgressLine } from '../progress.ts'
import { print, say } from '../say.ts'
import { withInterrupt } from '../with-interrupt.ts'

interface CaptureFlags extends DatabaseFlags {
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

interface Source {
  readonly name: string
  readonly chunks: AsyncIterable<Buffer>
  readonly tool: RunningTool | null
  /** Has the stream end. */
  stop(): void
}

/** @throws UserError option-invalid, input-missing, capture-unavailable. */
function sourceOf(stream: string | undefined, flags: CaptureFlags): Source {
  if ((stream === undefined) === (flags.interface === undefined) || (stream ?? '-') !== '-')
    throw new UserError(
      'option-invalid',
      'give exactly one source: an interface, or - for standard input',
      'Give -i eth0, or pipe a capture in: tcpdump -w - | gannet capture -.',
    )

  if (flags.interface !== undefined) {
    const tool = startTool({
      tool: flags.tool,
      interface: flags.interface,
      snap: flags.snaplen,
      filter: flags.filter,
    })
    return { name: flags.interface, chunks: tool.chunks, tool, stop: tool.stop }
  }

  if (process.stdin.isTTY)
    throw new UserError(
      'input-missing',
      'standard input is a terminal; no capture is piped in',
      'For example: ssh sensor tcpdump -w - | gannet capture - --db site.gannet.',
    )

  return { name: 'standard input', tool: null, ...pipedInput() }
}

async function run(stream: string | undefined, flags: CaptureFlags): Promise<void> {
  const line = createProgressLine(process.stderr)

  try {
    await withDatabase(flags, {}, async (store) => {
      const { name, chunks, tool, stop } = sourceOf(stream, flags)
      const through = tool ? ` through ${tool.tool}` : ''
      say(`gannet: listening on ${name}${through}; interrupt to end`)
      await withInterrupt(async (signal) => {
        signal.addEventListener('abort', stop)
        try {
          const status = await captureLive(store, {
            name,
            chunks,
            rotateSeconds: flags.rotate,
            rotateRows: 500_000,
            timeGoesOn: tool !== null,
            progress: (now) => line.say(progressText(now)),
          }).catch(async (error: unknown) => {
            // A tool that may not listen writes nothing; why is in what it said.
            if (error instanceof UserError && error.code === 'input-empty') await tool?.ended()
            throw error
          })
          line.clear()
          const dropped = tool ? (await tool.ended()).dropped : null
          print(flags.json ? plainJson({ ...status, dropped }, 2) : summary(status, { name, tool, dropped }))
        } finally {
          stop()
        }
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
  const reasons = Object.entries(status.rejects).map(([why, n]) => `${sayCount(n ?? 0)} ${why}`)
  const lost = !tool
    ? []
    : dropped === null
      ? [`  ${tool.tool} did not say whether it dropped packets`]
      : [`  dropped by the kernel or ${tool.tool}: ${sayCount(dropped)}`]
  return [
    `${name}: ${sayMany(status.frames, 'packet')}, ` +
      `${sayMany(status.rows, 'row')} in ${sayMany(status.imports, 'import')}`,
    ...(reasons.length > 0 ? [`  rejected: ${reasons.join(', ')}`] : []),
    ...lost,
  ].join('\n')
}
