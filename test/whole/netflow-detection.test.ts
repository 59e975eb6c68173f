/** Real malware captures through an exporter, and the flows of it through the whole of Gannet. */
import { execFileSync } from 'node:child_process'
import { existsSync, globSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { describeWithData, sharedData } from '../shared-data.ts'

const gannet = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))
const hasExporter = ['/usr/bin/nfpcapd', '/usr/sbin/nfpcapd'].some((path) => existsSync(path))
if (!hasExporter && process.env['GANNET_REQUIRE_DATA']) throw new Error('nfpcapd is required and absent')

describeWithData('pcap', 'the C&C of real malware in files of nfpcapd', () => {
  let folder = ''
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'gannet-nfpcapd-'))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it.skipIf(!hasExporter).each([
    // Without names and requests, NetFlow says too little of the short captures to accuse.
    ['njRAT', 'keithjjones_zeek-njrat-detector__njrat.pcap', '3.68.56.232', false],
    ['AsyncRAT', 'corelight_zeek-asyncrat-detector__*.pcap', '181.131.218.39', true],
    ['sandcat', 'corelight_zeek-caldera-detector__sandcat.pcap', '172.18.0.2', false],
  ])('%s is ranked first, though its connection is cut into records of a minute', (...row) => {
    const [name, pattern, server, accused] = row
    const [capture] = globSync(sharedData(`pcap/${pattern}`))
    const files = join(folder, name)
    execFileSync('mkdir', ['-p', files])
    execFileSync('nfpcapd', ['-r', capture!, '-w', files, '-e', '60,15'], { stdio: 'ignore' })
    const answer = JSON.parse(
      execFileSync(process.execPath, [gannet, 'run', files, '--json'], {
        encoding: 'utf8',
        maxBuffer: 1 << 28,
      }),
    ) as { findings: readonly unknown[]; contacts: readonly { address: string; rank: number }[] }
    expect(answer.contacts[0]).toMatchObject({ address: server, rank: 1 })
    if (accused) expect(JSON.stringify(answer.findings)).toContain(`"${server}"`)
  })
})
