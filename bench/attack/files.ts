/** Hostile files: what reads them ends, within bounds of time and memory, and takes what is good in them. */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { connLog } from '../../test/fixtures/written-logs.ts'
import {
  type Attempt,
  createTrials,
  type Ground,
  hold,
  megabytes,
  notTried,
  seconds,
  twoAtATime,
} from './attempt.ts'
import { type Ended, endedWell, gannet, type Limits } from './gannet.ts'
import { type HostileFile, hostileFiles } from './hostile-files.ts'
import { oddNames, trapNames } from './odd-names.ts'

interface Imported {
  readonly inputs: readonly { readonly records: Readonly<Record<string, number>> }[]
}

const recordsIn = (out: string): number =>
  (JSON.parse(out) as Imported).inputs
    .flatMap(({ records }) => Object.values(records))
    .reduce((sum, n) => sum + n, 0)

interface Most {
  /** Seconds of processor. */
  processor: number
  megabytes: number
}

/** @param own A folder of its own. */
async function one(
  { name, make, good }: HostileFile,
  size: number,
  { own, limits, most }: { own: string; limits: Limits; most: Most },
) {
  const place = join(own, 'one')
  mkdirSync(own)
  mkdirSync(place)
  try {
    const path = await make(place, size)
    const [temporary, db] = [join(own, 'tmp'), join(own, 'db')]
    mkdirSync(temporary)
    const setting = { env: { TMPDIR: temporary }, limits }
    for (const words of [
      ['import', path, '--db', db, '--json', '--accept-rejects'],
      ['flows', path, '--out', join(own, 'out.jsonl'), '--accept-rejects'],
    ]) {
      const ended = await gannet(words, setting)
      most.processor = Math.max(most.processor, ended.processor)
      most.megabytes = Math.max(most.megabytes, ended.megabytes)
      const wrong = endedWell(ended)
      hold(wrong === null, `${words[0]}: ${wrong}`)
      if (words[0] === 'import') {
        const found = ended.code === 0 ? recordsIn(ended.out) : 0
        hold(found === good, `${name}: ${found} records, not ${good}: ${ended.err.slice(0, 300)}`)
      }
      hold(readdirSync(temporary).length === 0, `${words[0]} left ${readdirSync(temporary)}`)
    }
  } finally {
    rmSync(own, { recursive: true, force: true })
  }
}

const tinyFiles = 'a folder of tiny files'

/** Megabytes that bombs unpack to, by ten, and of plain files. */
const sizesOf = ({ count }: Ground) => ({
  size: count({ smallest: 2, usual: 30, full: 1000 }),
  plain: count({ smallest: 2, usual: 70, full: 1000 }),
})

/** Each is two processes; the smallest form takes every third of them. */
const someFiles = ({ count }: Ground) =>
  hostileFiles.filter((_, i) => count({ smallest: i % 3, usual: 0, full: 0 }) === 0)

function endless(ground: Ground): string {
  const { size, plain } = sizesOf(ground)
  return `endless lines (${plain} MB), bombs (${size * 10} MB unpacked), devices, pipes, loops, holes, depth: ${someFiles(ground).length} kinds`
}

async function bombs(ground: Ground): Promise<Attempt> {
  const { folder, count, say } = ground
  const { size, plain } = sizesOf(ground)
  const limits = { seconds: count({ smallest: 120, usual: 600, full: 3000 }), megabytes: 1500 }
  const most = { processor: 0, megabytes: 0 }
  const trials = createTrials()
  await twoAtATime(
    someFiles(ground).map((file, i) => async () => {
      await trials.try(file.name, () =>
        one(file, file.isPlain ? plain : size, { own: join(folder, `file-${i}`), limits, most }),
      )
      say(`${file.name}: ${seconds(most.processor)}, ${megabytes(most.megabytes)}`)
    }),
  )
  return {
    attack: endless(ground),
    tried: 2 * trials.tried(),
    of: 'commands',
    held: '`import` and `flows` end by themselves with an answer or two lines of reason; good records beside are taken; no temporary file stays',
    bound: `killed above ${limits.megabytes} MB or ${limits.seconds} s; most was ${megabytes(most.megabytes)} and ${seconds(most.processor)} of processor time`,
    failed: trials.failed,
  }
}

async function tiny({ folder, count }: Ground): Promise<Attempt> {
  const files = count({ smallest: 100, usual: 2000, full: 100_000 })
  const place = join(folder, 'tiny')
  mkdirSync(place)
  for (let i = 0; i < files; i++) writeFileSync(join(place, `conn.${i}.log`), connLog(i, 1))
  const trials = createTrials()
  let ended: Ended | null = null
  await trials.try(`${files} files`, async () => {
    ended = await gannet(['import', place, '--db', join(folder, 'tiny-db'), '--json'], {
      limits: { seconds: 60 + files / 5, megabytes: 1000 },
    })
    hold(endedWell(ended) === null, String(endedWell(ended)))
    hold(recordsIn(ended.out) === files, `${recordsIn(ended.out)} records`)
  })
  rmSync(place, { recursive: true })
  const { processor: took = 0, megabytes: held = 0 } = (ended ?? {}) as Partial<Ended>
  return {
    attack: tinyFiles,
    tried: files,
    of: 'files',
    held: 'each record once',
    bound: `killed above 1,000 MB or 200 ms a file; took ${seconds(took)} of processor time (${((took / files) * 1000).toFixed(1)} ms a file) and ${megabytes(held)}`,
    failed: trials.failed,
  }
}

export async function files(ground: Ground): Promise<Attempt[]> {
  const attacks = [
    { name: endless(ground), of: 'commands', run: bombs },
    { name: tinyFiles, of: 'files', run: tiny },
    { name: trapNames, of: 'files', run: oddNames },
  ]
  const attempts: Attempt[] = []
  for (const { name, of, run } of attacks)
    attempts.push(ground.asks(name) ? await run(ground) : notTried(name, of))
  return attempts
}
