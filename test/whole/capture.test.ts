/** `gannet capture` on the loopback interface, with the real tools; skipped, and said so, where they may not listen. */
import { spawn, spawnSync } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { captureTools } from '../../src/capture/pcap/capture-tool.ts'
import { framed, ipv4, pcapFile, udp } from '../frames.ts'
import { slowness } from '../slowness.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
/** With temporary folders of its own: what is printed does not tell of those that other tests' killed runs left. */
const gannet = (...args: string[]) =>
  spawn(process.execPath, [join(root, 'src/cli/main.ts'), ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, TMPDIR: folder },
  })

/** Why a tool cannot be tried here; '' where it can. */
function obstacle(tool: string): string {
  const tried = spawnSync(tool, ['-i', 'lo', '-c', '1', '-w', '/dev/null'], {
    timeout: 1500,
    encoding: 'utf8',
  })
  if (tried.error && (tried.error as NodeJS.ErrnoException).code === 'ENOENT') return 'not installed'
  return /permi|no such device/i.test(tried.stderr) ? 'may not listen on lo' : ''
}

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gannet-capture-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function ended(child: ReturnType<typeof gannet>) {
  let out = ''
  let err = ''
  child.stdout.on('data', (text) => (out += text))
  child.stderr.on('data', (text) => (err += text))
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  return { code, out, err }
}

describe.each([...captureTools])('%s', (tool) => {
  const why = obstacle(tool)
  it.skipIf(why !== '')(`gives the packets of an interface${why ? ` (skipped: ${why})` : ''}`, async () => {
    const db = join(folder, tool)
    const child = gannet(
      'capture',
      '-i',
      'lo',
      '--tool',
      tool,
      '--filter',
      'udp and dst port 45454',
      '--json',
      '--db',
      db,
    )
    const end = ended(child)
    const socket = createSocket('udp4')
    const beat = setInterval(() => socket.send('hello', 45_454, '127.0.0.1'), 100)
    await new Promise((then) => child.stderr.once('data', then))
    await new Promise((then) => setTimeout(then, 3000 * slowness()))
    clearInterval(beat)
    await new Promise((then) => setTimeout(then, 1000 * slowness()))
    child.kill('SIGINT')
    const { code, out, err } = await end
    socket.close()
    expect({ code, err }).toEqual({
      code: 0,
      err: `gannet: listening on lo through ${tool}; interrupt to end\n`,
    })
    const status = JSON.parse(out)
    expect(status).toMatchObject({ rows: 1, open: 0, rejects: {}, imports: 1, dropped: 0 })
    expect(status.frames).toBeGreaterThan(2)
    const asked = await ended(
      gannet('sql', 'SELECT client = server AS same, serverPort, packets, bytes FROM flow', '--db', db),
    )
    expect(JSON.parse(asked.out)).toEqual({
      same: 1,
      serverPort: 45_454,
      packets: status.frames,
      bytes: 33 * status.frames,
    })
  })

  it.skipIf(why !== '')('says what is wrong with an interface that is not there', async () => {
    const { code, err } = await ended(
      gannet('capture', '-i', 'nosuch0', '--tool', tool, '--db', join(folder, 'none')),
    )
    expect(code).toBe(2)
    expect(err).toContain(`gannet: ${tool} ended on nosuch0: `)
    expect(err).toMatch(/no such device|no device named/i)
  })
})

it('takes a capture from a pipe, and imports while more is waiting in it', async () => {
  const db = join(folder, 'piped')
  const frames = Array.from({ length: 20_000 }, (_, i) => ({
    bytes: framed(ipv4(`10.0.${i >> 8}.${i & 255}`, '192.0.2.9', udp(40_000, 60_000, 'x'.repeat(100)))),
    at: 1_700_000_000 + i / 100,
  }))
  const file = pcapFile(frames)
  const child = gannet('capture', '-', '--rotate', '1', '--json', '--db', db)
  const end = ended(child)
  await new Promise((then) => child.stderr.once('data', then))
  child.stdin.write(file.subarray(0, file.length >> 1))
  await new Promise((then) => setTimeout(then, 2500 * slowness()))
  child.stdin.end(file.subarray(file.length >> 1))
  const { code, out, err } = await end
  expect({ code, err }).toEqual({ code: 0, err: 'gannet: listening on standard input; interrupt to end\n' })
  const status = JSON.parse(out)
  expect(status).toMatchObject({ frames: 20_000, bytes: file.length, rows: 20_000, dropped: null })
  expect(status.imports).toBeGreaterThan(1)
})

it('wants one source', async () => {
  for (const source of [[], ['-', '-i', 'lo']]) {
    const { code, err } = await ended(gannet('capture', ...source, '--db', join(folder, 'none')))
    expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining('exactly one source') })
  }
})
