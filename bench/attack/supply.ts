/**
 * What the program is made of, and whom it talks to: licences, install scripts, known holes, the package,
 * connections.
 */
import { execFile, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { scanningLog } from '../../test/fixtures/scanning-log.ts'
import { type Attempt, createTrials, type Ground, hold, noTime } from './attempt.ts'
import { gannet } from './gannet.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

const permissive =
  /^(MIT|ISC|0BSD|Apache-2\.0|BSD-[23]-Clause|Unlicense|CC0-1\.0|BlueOak-1\.0\.0|MIT-0|Python-2\.0|BSD)$/

interface Locked {
  readonly version?: string
  readonly license?: string
  readonly dev?: boolean
  readonly hasInstallScript?: boolean
  readonly resolved?: string
  readonly optional?: boolean
  readonly os?: readonly string[]
  readonly cpu?: readonly string[]
  readonly libc?: readonly string[]
  readonly integrity?: string
  readonly deprecated?: string
}

/** Builds for other systems, which `test/complete-lock.ts` adds by name alone where the registry does not list them. */
const isElsewhere = ({ optional, os = ['linux'], cpu = ['x64'], libc = ['glibc'] }: Locked): boolean =>
  optional === true && !(os.includes('linux') && cpu.includes('x64') && libc.includes('glibc'))

const jsonIn = <T>(path: string): T => JSON.parse(readFileSync(join(root, path), 'utf8')) as T

function locked(): [string, Locked][] {
  const { packages } = jsonIn<{ packages: Record<string, Locked> }>('package-lock.json')
  return Object.entries(packages).filter(([path]) => path !== '')
}

/** The licence that a package states itself, where the lock has none. */
function licenceOf(path: string, { license }: Locked): string {
  if (license) return license
  try {
    return jsonIn<{ license?: string }>(join(path, 'package.json')).license ?? 'none'
  } catch {
    return 'none'
  }
}

async function contents(): Promise<Attempt> {
  const trials = createTrials()
  const all = locked()
  const { allowScripts } = jsonIn<{ allowScripts: Record<string, boolean> }>('package.json')
  for (const [path, each] of all) {
    const name = path.split('node_modules/').at(-1) ?? path
    await trials.try(path, () => {
      const alternatives = licenceOf(path, each).replace(/[()]/g, '').split(' OR ')
      if (!each.dev)
        hold(
          alternatives.some((one) => one.split(' AND ').every((part) => permissive.test(part))),
          `licence ${alternatives}`,
        )
      hold(
        !each.hasInstallScript || name === 'fsevents' || allowScripts[name] === true,
        'an install script that is not listed',
      )
      hold(each.integrity !== undefined || isElsewhere(each), 'has no checksum')
      hold(
        /^https:\/\/registry\.npmjs\.org\//.test(each.resolved ?? 'https://registry.npmjs.org/'),
        `comes from ${each.resolved}`,
      )
    })
  }
  return {
    attack: 'packages of the lock file: licences of what is shipped, install scripts, where they come from',
    tried: all.length,
    of: 'packages',
    held: 'each that is shipped is under a permissive licence; only packages named in `allowScripts` may run one; each that is installed on Linux x64 has a checksum',
    bound: `${all.filter(([, { dev }]) => !dev).length} are shipped, ${all.filter(([, { hasInstallScript }]) => hasInstallScript).length} have an install script; ${all.filter(([, { integrity }]) => !integrity).length} builds for other systems have no checksum in the lock file, as the registry that it was made with does not list them`,
    failed: trials.failed,
  }
}

const hooks = ['preinstall', 'install', 'postinstall']

/** What is installed, held against the lock file: by version and checksum, and by what each package says of itself. */
async function installed(): Promise<Attempt> {
  const trials = createTrials()
  const known = new Map(locked())
  const { packages } = jsonIn<{ packages: Record<string, Locked> }>('node_modules/.package-lock.json')
  let shipped = 0
  for (const [path, { version, integrity }] of Object.entries(packages)) {
    await trials.try(path, () => {
      const lock = known.get(path)
      hold(lock !== undefined, 'is not in the lock file')
      hold(version === lock.version, `is ${version}, not ${lock.version}`)
      hold(integrity === lock.integrity || isElsewhere(lock), `has another checksum: ${integrity}`)

      const own = jsonIn<{ version: string; scripts?: Record<string, string> }>(join(path, 'package.json'))
      hold(own.version === version, `says that it is ${own.version}`)
      const isRunning =
        hooks.some((hook) => own.scripts?.[hook]) || existsSync(join(root, path, 'binding.gyp'))
      hold(
        !isRunning || lock.hasInstallScript === true,
        'has an install script that the lock file does not know',
      )
      if (lock.dev) return
      shipped++
      hold(lock.deprecated === undefined, `is given up: ${lock.deprecated}`)
    })
  }
  return {
    attack: 'packages as they are installed, against the lock file',
    tried: trials.tried(),
    of: 'packages',
    held: 'each has the version and checksum of the lock file, none has an install script that it does not know, and none that is shipped is marked as given up',
    bound: `${shipped} of them are shipped`,
    failed: trials.failed,
  }
}

async function audit(): Promise<Attempt> {
  const trials = createTrials()
  let [answered, isKnown] = ['the registry did not answer', false]
  await trials.try('npm audit', async () => {
    const { stdout } = spawnSync('npm', ['audit', '--omit=dev', '--json'], {
      cwd: root,
      encoding: 'utf8',
      timeout: 120_000,
    })
    const said = (stdout ? JSON.parse(stdout) : {}) as {
      message?: string
      metadata?: { vulnerabilities: Record<string, number> }
    }
    if (said.message) answered = `the registry that is reached from here does not say: ${said.message}`
    if (!said.metadata) return
    isKnown = true
    answered = JSON.stringify(said.metadata.vulnerabilities)
    hold(said.metadata.vulnerabilities['total'] === 0, answered)
  })
  return {
    attack: '`npm audit --omit=dev`',
    tried: isKnown ? 1 : 0,
    of: 'answers',
    held: isKnown ? 'no known hole in what is shipped' : 'nothing is known of holes in what is shipped',
    bound: answered,
    failed: trials.failed,
  }
}

/** Connections that a command makes to anything but a socket of this machine's file system. */
async function connections(ground: Ground): Promise<Attempt> {
  const trials = createTrials()
  const has = (program: string) => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0
  const log = join(ground.folder, 'scan.log')
  writeFileSync(log, scanningLog('10.0.0.66', 400))
  const db = join(ground.folder, 'traced')
  const commands = [
    ['run', log, '--html', join(ground.folder, 'a.html')],
    ['flows', log, '--out', join(ground.folder, 'a.parquet')],
    ['import', log, '--db', db],
    ['analyze', '--db', db],
    ['findings', '--db', db, '--format', 'stix'],
  ]
  const some = has('strace') ? commands.slice(0, ground.count({ smallest: 1, usual: 5, full: 5 })) : []
  let calls = 0
  for (const words of some) {
    await trials.try(`gannet ${words[0]}`, async () => {
      const trace = join(ground.folder, 'trace')
      const ended = await gannet(words, {
        under: [
          'strace',
          '-f',
          '-qq',
          '--seccomp-bpf',
          '-e',
          'trace=socket,connect,sendto,sendmsg',
          '-o',
          trace,
        ],
      })
      hold(ended.code === 0, ended.err)
      const lines = readFileSync(trace, 'utf8').split('\n')
      calls += lines.length
      const out = lines.filter((line) => /AF_INET6?\b/.test(line))
      hold(out.length === 0, `${out.length} calls, as ${out[0]}`)
    })
  }
  return {
    attack: 'calls to the network, traced with strace in all threads',
    tried: some.length,
    of: 'commands',
    held: 'no socket of the internet is opened, by the program or its engine',
    bound:
      some.length > 0
        ? `${calls} calls to socket, connect and send were seen`
        : 'not tried: there is no strace',
    failed: trials.failed,
  }
}

async function run(
  command: string,
  args: readonly string[],
  cwd: string,
  path = dirname(process.execPath),
): Promise<string> {
  const env = { ...process.env, PATH: `${path}:${process.env['PATH']}` }
  const { stdout } = await promisify(execFile)(command, args, { cwd, env, maxBuffer: 1 << 26 })
  return stdout
}

async function packaged({ folder, isOver }: Ground): Promise<Attempt> {
  const trials = createTrials()
  const attempt = (bound: string): Attempt => ({
    attack: 'the package: packed twice; installed in an empty folder, where the demo is run',
    tried: trials.tried(),
    of: 'cases',
    held: 'both packs have the same bytes; the demo finds its botnet',
    bound,
    failed: trials.failed,
  })
  if (isOver()) return attempt(noTime)

  const packs = ['one', 'two'].map((name) => join(folder, name))
  let tried = ''
  await trials.try('npm pack, twice', async () => {
    const sums: string[] = []
    for (const to of packs) {
      mkdirSync(to)
      await run('npm', ['pack', '--silent', '--pack-destination', to], root)
      sums.push(
        createHash('sha256')
          .update(readFileSync(join(to, readdirSync(to)[0]!)))
          .digest('hex'),
      )
    }
    hold(sums[0] === sums[1], `two packs differ: ${sums}`)
  })
  const tarball = join(packs[0]!, readdirSync(packs[0]!)[0] ?? 'none')
  for (const version of ['22', '24']) {
    await trials.try(`Node ${version}`, async () => {
      const site = join(folder, `site-${version}`)
      mkdirSync(site)
      writeFileSync(join(site, 'package.json'), '{ "private": true }')
      const quiet = ['--silent', '--prefer-offline', '--no-audit', '--no-fund']
      await run('npm', ['install', ...quiet, `node-linux-${process.arch}@${version}`, tarball], site)
      const node = join(site, 'node_modules', `node-linux-${process.arch}`, 'bin')
      const said = (await run(join(node, 'node'), ['--version'], site)).trim()
      hold(said.startsWith(`v${version}.`), said)
      tried += ` ${said}`
      const out = await run(join(site, 'node_modules', '.bin', 'gannet'), ['demo'], site, node)
      hold(/accused|Found/.test(out), `the demo finds nothing: ${out.slice(0, 300)}`)
    })
  }
  return attempt(`on Node${tried}`)
}

export async function supply(ground: Ground): Promise<Attempt[]> {
  const quick = [await contents(), await installed(), await connections(ground)]
  if (ground.level === 'smallest') return quick
  return [...quick, await audit(), await packaged(ground)]
}
