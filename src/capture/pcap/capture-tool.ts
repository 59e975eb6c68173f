/** dumpcap or tcpdump, which listen on an interface and write a capture to a pipe. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { UserError } from '../../errors.ts'

export const captureTools = ['dumpcap', 'tcpdump'] as const
export type CaptureTool = (typeof captureTools)[number]

interface ToolOrder {
  /** The first that is installed, where none is named. */
  readonly tool?: CaptureTool | undefined
  readonly interface: string
  /** Bytes kept of a frame. */
  readonly snap: number
  /** In the language of libpcap; '' for everything. */
  readonly filter: string
}

export interface RunningTool {
  readonly tool: CaptureTool
  readonly chunks: AsyncIterable<Buffer>
  /** Has it end in order, so that it says what it dropped. */
  stop(): void
  /** What it said at the end. @throws UserError capture-refused when it ended by itself with an error. */
  ended(): Promise<ToolReport>
}

/** Counts by the tool's own closing line; null where it did not say. */
interface ToolReport {
  readonly captured: number | null
  /** Packets that the kernel or the tool had no room for. */
  readonly dropped: number | null
}

/** @throws UserError capture-unavailable. */
export function startTool(order: ToolOrder): RunningTool {
  const tool = order.tool ? installed(order.tool) : captureTools.find(isInstalled)

  if (!tool)
    throw new UserError(
      'capture-unavailable',
      order.tool ? `${order.tool} is not installed` : 'neither dumpcap nor tcpdump is installed',
      'Install one of them (packages wireshark-common, tcpdump).',
    )

  const child = spawn(tool, argumentsOf(tool, order), { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  child.stderr.on('data', (text: Buffer) => {
    output = `${output}${text.toString()}`.slice(-8192)
  })
  let stopped = false
  const end = endOf(child)

  return {
    tool,
    chunks: child.stdout,
    stop() {
      stopped = true
      child.kill('SIGINT')
    },
    async ended() {
      const code = await end
      if (code !== 0 && !stopped) throw refused(tool, order, output)
      return reportIn(output)
    },
  }
}

const installed = (tool: CaptureTool): CaptureTool | undefined => (isInstalled(tool) ? tool : undefined)
const isInstalled = (tool: CaptureTool): boolean =>
  (spawnSync(tool, ['--version'], { stdio: 'ignore' }).error as NodeJS.ErrnoException | undefined)?.code !==
  'ENOENT'

function argumentsOf(tool: CaptureTool, { interface: name, snap, filter }: ToolOrder): string[] {
  const common = ['-i', name, '-s', String(snap), '-w', '-']
  if (tool === 'dumpcap') return [...common, '-P', '-q', ...(filter ? ['-f', filter] : [])]
  return [...common, '-U', '-n', ...(filter ? ['--', filter] : [])]
}

const endOf = (child: ChildProcess): Promise<number> =>
  new Promise((resolve) => {
    child.once('error', () => resolve(127))
    child.once('close', (code) => resolve(code ?? 0))
  })

/** What a tool says at its end. */
export function reportIn(output: string): ToolReport {
  const number = (pattern: RegExp): number | null => {
    const found = [...output.matchAll(pattern)].at(-1)?.[1]
    return found === undefined ? null : Number(found)
  }
  // dumpcap: "Packets received/dropped on interface 'lo': 12/0 (pcap:0/dumpcap:0/flushed:0/ps_ifdrop:0) (100.0%)"
  const dropped = number(/^Packets received\/dropped on interface .*: \d+\/(\d+) \(/gm)
  if (dropped !== null) return { captured: number(/^Packets captured: (\d+)/gm), dropped }
  // tcpdump: "12 packets captured", "0 packets dropped by kernel", "3 packets dropped by interface"
  const kernel = number(/^(?:tcpdump: )?(\d+) packets? dropped by kernel/gm)
  const card = number(/^(?:tcpdump: )?(\d+) packets? dropped by interface/gm)
  return {
    captured: number(/^(?:tcpdump: )?(\d+) packets? captured/gm),
    dropped: kernel === null && card === null ? null : (kernel ?? 0) + (card ?? 0),
  }
}

/** Lines that say nothing of why. */
const chatter =
  /^(?:Capturing on|File:|Packets |tcpdump: (?:listening|data link|verbose)|\d+ packets? |dropped privs)/

function refused(tool: CaptureTool, { interface: name }: ToolOrder, output: string): UserError {
  const lines = output
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !chatter.test(line))
  const why = lines.slice(0, 3).join(' ').slice(0, 300) || 'it did not say why'
  const hint = /permission|not permitted|privilege/i.test(why)
    ? `Run as root, or: setcap cap_net_raw,cap_net_admin=eip $(command -v ${tool}).`
    : 'See the interfaces with: ip link.'
  return new UserError('capture-refused', `${tool} ended on ${name}: ${why}`, hint)
}
