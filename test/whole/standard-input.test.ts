/** A command that is not asked to read standard input leaves it alone: the engine reads file 0 when rows go in. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, it } from 'vitest'
import { framed, ipv4, pcapFile, udp } from '../frames.ts'

const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'gannet-standard-input-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

it('is left to the shell’s loop around the command', () => {
  const capture = join(folder, 'one.pcap')
  const packet = ipv4('10.0.0.7', '203.0.113.9', udp(5000, 53, 'hello'))
  writeFileSync(capture, pcapFile([{ bytes: framed(packet), at: 1_700_000_000 }]))
  const script = `"$NODE" "$MAIN" import "$CAPTURE" --db "$DB" --json >"$OUT"; code=$?; cat; exit $code`
  const { stdout, stderr, status } = spawnSync('sh', ['-c', script], {
    input: 'one\ntwo\nthree\n',
    encoding: 'utf8',
    env: {
      ...process.env,
      NODE: process.execPath,
      MAIN: main,
      CAPTURE: capture,
      DB: join(folder, 'db'),
      OUT: join(folder, 'out.json'),
    },
  })
  expect({ status, stdout, stderr }).toMatchObject({ status: 0, stdout: 'one\ntwo\nthree\n' })
})
