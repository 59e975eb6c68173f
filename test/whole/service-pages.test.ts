/**
 * The pages of the service and of its size, and what is packed with it: every command on the pages runs, the demo's
 * file starts, the unit is one that systemd takes, and the image's steps make a tree that starts.
 */
import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  cpSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePort } from '../clickhouse-server.ts'
import { scanningLog } from '../fixtures/scanning-log.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'gannet-service-pages-'))
const gannet = join(root, 'gannet')
const read = (path: string) => readFileSync(join(root, path), 'utf8')

/** A shell in the folder, where `gannet` is the command of this tree. */
const sh = (command: string) =>
  promisify(execFile)('sh', ['-ec', `gannet() { '${gannet}' "$@"; }\n${command}`], {
    cwd: folder,
    maxBuffer: 64e6,
  })

const commandsOf = (page: string): string[] =>
  [...page.matchAll(/^```sh\n(.*?)^```/gms)].flatMap(([, block]) => block!.trim().split('\n'))

/** Records of a scan, and a note beside them. */
beforeAll(() => {
  mkdirSync(join(folder, 'records'))
  writeFileSync(join(folder, 'records/conn.log'), scanningLog('10.0.0.7', 400))
  writeFileSync(join(folder, 'records/README'), 'Logs of the sensor at the gate.\n')
  mkdirSync(join(folder, 'out/demo'), { recursive: true })
  cpSync(join(folder, 'records'), join(folder, 'out/demo/records'), { recursive: true })
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function until<T>(what: () => Promise<T | false | null>): Promise<T> {
  const end = Date.now() + 120_000
  for (;;) {
    const found = await what().catch(() => null)
    if (found) return found
    if (Date.now() > end) throw new Error('it did not come about')
    await sleep(100)
  }
}

const asked = (url: string) => fetch(url, { headers: { connection: 'close' } })

/** Runs a service until `done`; it has to end by itself when it is told to. */
async function serving(command: string, args: readonly string[], done: () => Promise<void>): Promise<string> {
  const child: ChildProcess = spawn(command, args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr!.on('data', (chunk) => {
    said += chunk
  })
  try {
    await done()
    child.kill('SIGTERM')
    const [code, signal] = await once(child, 'exit')
    expect({ code, signal }, said).toEqual({ code: 0, signal: null })
    return said
  } finally {
    child.kill('SIGKILL')
  }
}

/** The same file on other ports and places of this test. */
async function here(text: string): Promise<{ text: string; health: string; pages: string }> {
  const [health, pages, netflow] = [await freePort(), await freePort(), await freePort()]
  const moved = text
    .replace('127.0.0.1:8480', `127.0.0.1:${pages}`)
    .replace(/^monitor:\n.*\n/m, '')
    .replaceAll(/":2055"/g, `"127.0.0.1:${netflow}"`)
    .replaceAll('/var/lib/gannet', join(folder, 'state'))
    .replaceAll('/opt/zeek/logs', join(folder, 'records'))
  return {
    text: `${moved}\nmonitor:\n  listen: 127.0.0.1:${health}\n`,
    health: `http://127.0.0.1:${health}`,
    pages: `http://127.0.0.1:${pages}`,
  }
}

const isHealthy = async (health: string) => (await asked(`${health}/health`)).status === 200

describe('the page of the service', () => {
  it('has a file and commands that work', async () => {
    const page = read('docs/reference/monitor.md')
    const commands = commandsOf(page)
    expect(commands.map((each) => each.replace(/ \S+\.yaml/, ''))).toEqual([
      'gannet config check',
      'gannet config keys',
      'gannet monitor',
    ])
    const [, example = ''] = /^```yaml\n(.*?)^```/ms.exec(page) ?? []
    const { text, health } = await here(example.replace(/\n {2}alert: .*/, ''))
    mkdirSync(join(folder, 'state'))
    writeFileSync(join(folder, 'monitor.yaml'), text)

    for (const command of commands.slice(0, 2)) expect((await sh(command)).stdout).toContain('analyze')
    await serving('sh', ['-c', `exec '${gannet}' ${commands[2]!.replace('gannet ', '')}`], async () => {
      await until(() => isHealthy(health))
      await until(async () => /gannet_inputs [1-9]/.test(await (await asked(`${health}/metrics`)).text()))
    })
  })

  it('stands beside the file of the demo, which the README starts', async () => {
    expect(read('README.md')).toContain('./gannet monitor packaging/demo.yaml')
    const { text, health, pages } = await here(read('packaging/demo.yaml'))
    writeFileSync(join(folder, 'demo.yaml'), text)

    const said = await serving(gannet, ['monitor', 'demo.yaml'], async () => {
      await until(() => isHealthy(health))
      await until(async () =>
        /gannet_hosts_accused [1-9]/.test(await (await asked(`${health}/metrics`)).text()),
      )
      expect((await asked(`${pages}/overview.json`)).status).toBe(200)
    })
    const lines = said.split('\n').flatMap((line) => (line.startsWith('{') ? [JSON.parse(line)] : []))
    expect(lines.filter(({ level }) => level !== 'info')).toEqual([])
    expect(lines.map(({ message }) => message)).toContain('left out')
  })
})

describe('the page of the size', () => {
  it('has commands that work', async () => {
    const commands = commandsOf(read('docs/reference/sizing.md'))
    expect(commands.length).toBeGreaterThan(3)
    for (const command of commands) {
      const { stdout } = await sh(command.replace(/--hosts \d+/, '--hosts 30 --days 0.3 --no-bots --seed 5'))
      expect(stdout, command).not.toBe('')
    }
  })
})

describe('what is packed', () => {
  const unit = read('packaging/gannet.service')
  const hasSystemd = spawnSync('systemd-analyze', ['--version']).status === 0

  it('is a file that the service takes', async () => {
    expect((await sh(`gannet config check '${join(root, 'packaging/monitor.yaml')}'`)).stdout).toContain(
      'analyze',
    )
    expect(unit).toContain('ExecStart=/usr/bin/gannet monitor /etc/gannet/monitor.yaml')
  })

  it.skipIf(!hasSystemd)(
    `is a unit that systemd takes${hasSystemd ? '' : ' (skipped: no systemd-analyze)'}`,
    () => {
      const path = join(folder, 'gannet.service')
      writeFileSync(path, unit.replaceAll('/usr/bin/gannet', gannet))
      const verified = spawnSync('systemd-analyze', ['verify', '--man=no', path], { encoding: 'utf8' })
      expect({ status: verified.status, said: verified.stderr }).toEqual({ status: 0, said: '' })
      writeFileSync(
        path,
        unit.replace('Restart=always', 'Restart=allways').replaceAll('/usr/bin/gannet', gannet),
      )
      expect(
        spawnSync('systemd-analyze', ['verify', '--man=no', path], { encoding: 'utf8' }).stderr,
      ).toContain('allways')
    },
  )

  it('makes an image whose tree starts, answers its health check, and ends', async () => {
    const steps = read('packaging/Containerfile')
      .split('\n')
      .filter((line) => /^[A-Z]+ /.test(line))
    const of = (word: string) =>
      steps.filter((step) => step.startsWith(`${word} `)).map((step) => step.slice(word.length + 1))
    const tree = join(folder, 'opt/gannet')
    mkdirSync(tree, { recursive: true })

    for (const copied of of('COPY')) {
      const paths = copied.split(' ')
      const to = join(tree, paths.pop()!)
      for (const path of paths)
        cpSync(join(root, path), lstatSync(join(root, path)).isDirectory() ? to : join(to, path), {
          recursive: true,
        })
    }
    expect(of('RUN')[0]).toMatch(/^npm ci --omit=dev /)
    linkRuntime(tree)

    const { text, health } = await here(read('packaging/demo.yaml'))
    writeFileSync(join(folder, 'image.yaml'), text.replace('out/monitor/records', 'image-records'))
    const command = JSON.parse(of('ENTRYPOINT')[0]!) as string[]
    expect([...command, ...JSON.parse(of('CMD')[0]!)]).toEqual([
      'node',
      '/opt/gannet/src/cli/main.ts',
      'monitor',
      '/etc/gannet/monitor.yaml',
    ])
    const [, check = ''] = /CMD node -e "(.*)"$/.exec(of('HEALTHCHECK')[0]!) ?? []
    const isWell = () =>
      spawnSync(process.execPath, ['-e', check.replace('http://127.0.0.1:8481', health)]).status === 0

    expect(isWell()).toBe(false)
    const inTree = join(tree, command[1]!.replace('/opt/gannet/', ''))
    await serving(process.execPath, [inTree, 'monitor', 'image.yaml'], async () => {
      await until(async () => isWell())
      await until(async () => /gannet_inputs [1-9]/.test(await (await asked(`${health}/metrics`)).text()))
    })
  })

  /** What `npm ci --omit=dev` would install, from the packages that are installed here. */
  function linkRuntime(tree: string): void {
    const { packages } = JSON.parse(read('package-lock.json')) as { packages: Record<string, { dev?: true }> }
    for (const [path, { dev }] of Object.entries(packages)) {
      if (path === '' || dev || path.lastIndexOf('node_modules/') > 0) continue
      const from = join(root, path)
      if (!lstatSync(from, { throwIfNoEntry: false })) continue
      mkdirSync(dirname(join(tree, path)), { recursive: true })
      symlinkSync(from, join(tree, path))
    }
  }
})
