/** Files that grow, shrink, are replaced or vanish while they are read. */
import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { type Random, randomFrom } from '../../test/fuzz-random.ts'
import { type Attempt, createTrials, type Ground, hold } from './attempt.ts'
import { endedWell, gannet, start } from './gannet.ts'
import { inputKinds } from './inputs.ts'
import { used } from './killing.ts'
import { type Snapshot, snapshotIn } from './snapshot.ts'

const changes: Readonly<Record<string, (path: string, other: string, random: Random) => void>> = {
  grows: (path, other) => appendFileSync(path, readFileSync(other).subarray(0, 100_000)),
  shrinks: (path, _, random) => truncateSync(path, random(statSync(path).size)),
  'is emptied and written again': (path, other) => writeFileSync(path, readFileSync(other)),
  'is replaced': (path, other) => {
    copyFileSync(other, `${path}.new`)
    renameSync(`${path}.new`, path)
  },
  vanishes: (path) => rmSync(path),
}

const names = ['Suricata EVE', 'Zeek', 'EVE in gzip', 'EVE in zstd', 'pcap', 'nfdump 2', 'Argus', 'CSV table']

export const filesChanged = `a file ${Object.keys(changes).join(', ')} while it is read, ${names.length} kinds of input`

export async function changingFiles(ground: Ground): Promise<Attempt> {
  const random = randomFrom(ground.seed)
  const trials = createTrials()
  const folder = join(ground.folder, 'changing')
  mkdirSync(folder)
  const rows = ground.count({ smallest: 8000, usual: 20_000, full: 60_000 })
  const kinds = inputKinds.filter(({ name }) => names.includes(name))
  const times = ground.count({ smallest: 3, usual: 40, full: 400 })
  const seen = { refused: 0, whole: 0 }
  const known = new Map<string, { file: string; other: string; text: string; processor: number }>()

  for (let i = 0; i < times && (i === 0 || !ground.isOver()); i++) {
    const kind = kinds[i % kinds.length]!
    const [what, change] =
      Object.entries(changes)[Math.floor(i / kinds.length + i) % Object.keys(changes).length]!
    await trials.try(`${kind.name}, ${what} (${i})`, async () => {
      const made = known.get(kind.name) ?? (await madeOf(kind.name))
      known.set(kind.name, made)
      const place = join(folder, `at-${i}`)
      mkdirSync(place)
      const path = join(place, 'input')
      copyFileSync(made.file, path)
      const db = join(place, 'db')
      const running = start(['import', path, '--db', db])
      await used(running, made.processor * (0.3 + random(700) / 1000))
      change(path, made.other, random)
      const ended = await running.ended
      hold(endedWell(ended) === null, String(endedWell(ended)))
      const found = await snapshotIn(db)
      if (ended.code !== 0) {
        seen.refused++
        hold(Object.keys(found).length === 0, `refused, and shown: ${JSON.stringify(found)}`)
        return
      }
      seen.whole++
      const [shown] = Object.values(found)
      // Read before or after the change: either way as a run that nobody disturbed reads it.
      const after = what === 'vanishes' ? undefined : await snapshotOfFile(path, join(place, 'after'))
      hold(shown === made.text || shown === after, `shows ${shown}, not ${made.text} or ${after}`)
    })
    rmSync(join(folder, `at-${i}`), { recursive: true, force: true })
  }

  async function madeOf(name: string) {
    const kind = inputKinds.find((each) => each.name === name)!
    const [one, two] = [join(folder, `${name}-1`), join(folder, `${name}-2`)]
    for (const each of [one, two]) mkdirSync(each)
    const file = kind.make(one, rows)
    const other = kind.make(two, Math.ceil(rows / 2))
    const db = join(one, 'db')
    const { code, err, processor } = await gannet(['import', file, '--db', db])
    hold(code === 0, err)
    return { file, other, text: Object.values(await snapshotIn(db))[0] ?? '', processor }
  }

  return {
    attack: filesChanged,
    tried: trials.tried(),
    of: 'imports',
    held: 'it is refused and nothing is shown, or it is shown as one of the two states, row by row',
    bound: '{refused} were refused, {whole} were whole',
    failed: trials.failed,
    figures: seen,
  }
}

/** What an undisturbed run shows of a file, whatever its name. */
async function snapshotOfFile(path: string, db: string): Promise<string | undefined> {
  const { code } = await gannet(['import', path, '--db', db])
  if (code !== 0) return undefined
  const found: Snapshot = await snapshotIn(db)
  return Object.values(found)[0]
}
