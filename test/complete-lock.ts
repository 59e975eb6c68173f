/**
 * Completes package-lock.json with the optional platform packages that this machine's registry did not list.
 *
 * A lock file made where only the Linux x64 builds can be seen lacks the entries of the other platforms, and
 * `npm ci` then refuses it. Run after every `npm install`: `node test/complete-lock.ts`.
 * `test/lock.test.ts` holds the lock file to it.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

interface Locked {
  version?: string
  dev?: boolean
  optional?: boolean
  os?: string[]
  cpu?: string[]
  libc?: string[]
  optionalDependencies?: Record<string, string>
}

export interface Lock {
  packages: Record<string, Locked>
}

const systems = [
  'darwin',
  'linux',
  'win32',
  'android',
  'freebsd',
  'netbsd',
  'openbsd',
  'sunos',
  'aix',
  'openharmony',
]
const processors = ['arm64', 'x64', 'ia32', 'arm', 'loong64', 'ppc64', 'riscv64', 's390x', 'mips64el']

/** What a platform package runs on, read from its name: `lib-linux-arm64-gnu` is Linux, arm64, glibc. */
function platformOf(name: string): Pick<Locked, 'os' | 'cpu' | 'libc'> {
  const words = name.replace('musleabihf', 'musl').split(/[-/]/)
  const os = systems.filter((each) => words.includes(each))
  const cpu = processors.filter((each) => words.includes(each))
  const libc = words.includes('musl')
    ? ['musl']
    : words.some((word) => word.startsWith('gnu'))
      ? ['glibc']
      : []
  return {
    ...(os.length ? { os } : {}),
    ...(cpu.length ? { cpu } : {}),
    ...(libc.length && os[0] === 'linux' ? { libc } : {}),
  }
}

/** Names of optional dependencies that some locked package wants and the lock file does not hold. */
export function missingFrom(lock: Lock): Map<string, Locked> {
  const missing = new Map<string, Locked>()
  for (const locked of Object.values(lock.packages)) {
    for (const [name, version] of Object.entries(locked.optionalDependencies ?? {})) {
      if (lock.packages[`node_modules/${name}`]) continue
      const exact = version.replace(/^[~^]/, '')
      missing.set(name, {
        version: exact,
        ...(locked.dev ? { dev: true } : {}),
        optional: true,
        ...platformOf(name),
      })
    }
  }
  return missing
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const path = new URL('../package-lock.json', import.meta.url)
  const lock = JSON.parse(readFileSync(path, 'utf8')) as Lock
  const missing = missingFrom(lock)
  for (const [name, locked] of missing) lock.packages[`node_modules/${name}`] = locked
  lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)))
  writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`)
  process.stdout.write(`${missing.size} platform packages added\n`)
}
