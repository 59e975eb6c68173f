/** Bad machines: disks that are full or read-only, clocks that go back, folders that move. */
import { execFileSync, spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { scanningLog } from '../../test/fixtures/scanning-log.ts'
import { connLog, eveLog } from '../../test/fixtures/written-logs.ts'
import { randomFrom } from '../../test/fuzz-random.ts'
import { type Attempt, createTrials, type Ground, hold } from './attempt.ts'
import { type Ended, endedWell, gannet, start } from './gannet.ts'
import { inputKinds } from './inputs.ts'
import { killedAfter, used } from './killing.ts'
import { difference, type Snapshot, snapshotIn } from './snapshot.ts'

export const diskFull = 'the disk of the database, or of the temporary folder, runs full'
export const copiesTaken = 'copies of the folder taken while it is in use'
export const placesOther =
  'reports on a full disk; a database that is read-only, or moved; devices as outputs; a clock that goes back'

/** A file system of its own of this many kilobytes; null where this user may not mount. */
function mounted(place: string, kilobytes: number): string | null {
  mkdirSync(place, { recursive: true })
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${kilobytes}k`, 'tmpfs', place])
  return status === 0 ? place : null
}

const remount = (place: string, how: string) => execFileSync('mount', ['-o', `remount,${how}`, place])
const unmount = (place: string) => spawnSync('umount', ['-l', place])

async function imported(path: string, db: string): Promise<Snapshot> {
  const { code, err } = await gannet(['import', path, '--db', db])
  hold(code === 0, err)
  return snapshotIn(db)
}

/** Two lines of reason, exit 2, no stack, and what was there before is there still. */
function refused(ended: Ended): void {
  hold(endedWell(ended) === null, String(endedWell(ended)))
  hold(ended.code === 2, `ended with ${ended.code}`)
}

export async function fullDisks(ground: Ground): Promise<Attempt> {
  const random = randomFrom(ground.seed)
  const trials = createTrials()
  const folder = join(ground.folder, 'full')
  mkdirSync(folder)
  const rows = ground.count({ smallest: 30_000, usual: 60_000, full: 60_000 })
  const [small, large, packed] = [join(folder, 'small'), join(folder, 'large'), join(folder, 'packed')]
  for (const each of [small, large, packed]) mkdirSync(each)
  const first = inputKinds[0]!.make(small, 500)
  const second = inputKinds.find(({ name }) => name === 'Suricata EVE')!.make(large, rows)
  const third = inputKinds.find(({ name }) => name === 'EVE in gzip')!.make(packed, rows)
  const expected = await imported(first, join(folder, 'undisturbed'))
  const whole = await imported(second, join(folder, 'undisturbed'))
  const times = ground.count({ smallest: 1, usual: 20, full: 100 })
  let full = 0
  let canMount = true

  for (let i = 0; i < times && canMount && (i === 0 || !ground.isOver()); i++) {
    const place = join(folder, `disk-${i}`)
    const inTemporary = i % 2 === 1
    const kilobytes = inTemporary ? 500 + random(9000) : 2500 + random(4000)
    await trials.try(`${kilobytes} kB in the ${inTemporary ? 'temporary' : 'database'} folder`, async () => {
      if (!mounted(place, inTemporary ? 16_000 : 20_000)) {
        canMount = false
        return
      }
      try {
        const db = inTemporary ? join(folder, `db-${i}`) : join(place, 'db')
        const env: Record<string, string> = inTemporary ? { TMPDIR: place } : {}
        await imported(first, db)
        remount(place, `size=${kilobytes}k`)
        const ended = await gannet(['import', inTemporary ? third : second, '--db', db], { env })
        if (ended.code !== 0) {
          full++
          refused(ended)
          hold(/no space left/i.test(ended.err), ended.err)
        }
        if (inTemporary) hold(readdirSync(place).length === 0, `left ${readdirSync(place)}`)
        remount(place, 'size=200000k')
        const wrong = difference(
          await snapshotIn(db),
          { ...whole, ...(inTemporary ? { [third]: '' } : {}) },
          false,
        )
        if (ended.code !== 0) hold(wrong === null, `after it: ${wrong}`)
        const kept = difference(expected, await snapshotIn(db), false)
        hold(kept === null, `what was there before: ${kept}`)
        const again = await gannet(['import', second, '--db', db])
        hold(again.code === 0, `with room again: ${again.err}`)
        if (!inTemporary)
          hold(difference(await snapshotIn(db), whole, true) === null, 'the next import is not whole')
      } finally {
        unmount(place)
      }
    })
  }
  return {
    attack: diskFull,
    tried: canMount ? trials.tried() : 0,
    of: 'imports',
    held: 'it ends with the reason; what was there before is untouched, nothing of the input is shown, no temporary file stays, and with room again the import is whole',
    bound: canMount ? '{full} times the disk was too small' : 'not tried: this user may not mount',
    failed: trials.failed,
    figures: { full },
  }
}

/**
 * A module that puts the program's clock forward. The engine keeps the true one: libfaketime has its waits end at once,
 * which costs a hundred times what the command does.
 */
function daysLater(days: number): string {
  const module = `const now = Date.now, shift = ${days * 86_400_000}
Date.now = () => now() + shift
globalThis.Date = class extends Date { constructor(...given) { super(...(given.length > 0 ? given : [Date.now()])) } }`
  return `data:text/javascript,${encodeURIComponent(module)}`
}

/** A report that does not fit stays as it was before. */
export async function otherPlaces(ground: Ground): Promise<Attempt> {
  const trials = createTrials()
  const folder = join(ground.folder, 'places')
  mkdirSync(folder)
  const log = join(folder, 'scan.log')
  writeFileSync(log, scanningLog('10.0.0.66', 400))
  const clean = join(folder, 'conn.log')
  writeFileSync(clean, connLog(0, 200))
  const db = join(folder, 'db')
  await imported(log, db)
  hold((await gannet(['analyze', '--db', db])).code === 0, 'analyze')
  const some = <T>(all: readonly T[]) =>
    all.filter((_, i) => ground.count({ smallest: i % 2, usual: 0, full: 0 }) === 0)

  await trials.try('a report on a full disk', async () => {
    const place = join(folder, 'reports')
    if (!mounted(place, 256)) return
    try {
      writeFileSync(join(place, 'a.html'), 'before')
      writeFileSync(join(place, 'filler'), Buffer.alloc(240 * 1024))
      for (const words of [
        ['run', log, '--html'],
        ['flows', log, '--out'],
      ]) {
        const name = join(place, words[0] === 'run' ? 'a.html' : 'a.csv')
        if (words[0] === 'flows') writeFileSync(name, 'before')
        const ended = await gannet([...words, name])
        refused(ended)
        hold(readFileSync(name, 'utf8') === 'before', `${name} was changed`)
        hold(
          readdirSync(place).every((each) => !each.startsWith('.gannet')),
          `left ${readdirSync(place)}`,
        )
      }
    } finally {
      unmount(place)
    }
  })

  await trials.try('a database on a disk that is read-only', async () => {
    const place = join(folder, 'read-only')
    if (!mounted(place, 100_000)) return
    try {
      const here = join(place, 'db')
      cpSync(db, here, { recursive: true })
      remount(place, 'ro')
      for (const words of [
        ['import', clean],
        ['analyze'],
        ['findings'],
        ['collect', '--netflow', '0'],
        ['serve', '--listen', '127.0.0.1:0'],
        ['watch', folder],
      ])
        refused(await gannet([...words, '--db', here], { limits: { seconds: 60, megabytes: 1500 } }))
      remount(place, 'rw')
      hold((await gannet(['findings', '--db', here])).out.includes('10.0.0.66'), 'the findings are gone')
    } finally {
      unmount(place)
    }
  })

  for (const [i, out] of ['/dev/null', '/dev/full'].entries()) {
    const outputs = [
      ['run', log, '--html', out],
      ['run', log, '--csv', out],
      ['flows', log, '--format', 'csv', '--out', out],
      ['flows', log, '--format', 'parquet', '--out', out],
    ]
    await trials.try(`outputs to ${out}`, async () => {
      for (const words of some([...outputs.slice(i), ...outputs.slice(0, i)])) {
        const ended = await gannet(words)
        hold(endedWell(ended) === null, `${words[0]}: ${endedWell(ended)}`)
        hold(
          execFileSync('stat', ['-c', '%F', out], { encoding: 'utf8' }).includes('character special'),
          `${out} was replaced`,
        )
      }
    })
  }

  await trials.try('a folder that was moved, between commands and during one', async () => {
    const moved = join(folder, 'moved')
    renameSync(db, moved)
    const before = await snapshotIn(moved)
    hold(Object.keys(before).length === 1, 'the input is gone')
    const large = join(folder, 'eve.json')
    writeFileSync(large, eveLog(10_000))
    const running = start(['import', large, '--db', moved])
    await used(running, 0.4)
    renameSync(moved, db)
    const ended = await running.ended
    hold(endedWell(ended) === null, String(endedWell(ended)))
    const wrong = difference(before, await snapshotIn(db), false)
    hold(wrong === null, `what was there before: ${wrong}`)
    hold((await gannet(['import', large, '--db', db])).code === 0, 'the next import')
    if (existsSync(moved)) rmSync(moved, { recursive: true })
  })

  await trials.try('a clock that goes back by ten days', async () => {
    const here = join(folder, 'clock')
    const later = { env: { NODE_OPTIONS: `--import ${daysLater(10)}` } }
    hold((await gannet(['import', clean, '--db', here], later)).code === 0, 'the import of later')
    hold((await gannet(['analyze', '--db', here], later)).code === 0, 'the analysis of later')
    const killed = start(['import', join(folder, 'eve.json'), '--db', here], later)
    await killedAfter(killed, [0.5], 'SIGKILL')
    hold((await gannet(['import', log, '--db', here])).code === 0, 'the import of now')
    hold((await gannet(['analyze', '--db', here])).code === 0, 'the analysis of now')
    const { out } = await gannet(['findings', '--db', here])
    hold(out.includes('10.0.0.66'), 'the newest analysis is not the one that is shown')
    const alone = await imported(log, join(folder, 'alone'))
    const found = await snapshotIn(here)
    hold(found[log] === alone[log], 'the rows are others')
  })

  return {
    attack: placesOther,
    tried: trials.tried(),
    of: 'cases',
    held: 'an old report stays, devices stay devices, the reason is said, the newest analysis is shown, no record is lost',
    bound: 'each ends by itself',
    failed: trials.failed,
  }
}

/** Copies of a folder that is in use hold whole inputs, or are refused. */
export async function copiesInUse(ground: Ground): Promise<Attempt> {
  const random = randomFrom(ground.seed)
  const trials = createTrials()
  const folder = join(ground.folder, 'copies')
  mkdirSync(folder)
  const logs = inputKinds
    .find(({ name }) => name === 'a folder')!
    .make(folder, ground.count({ smallest: 5000, usual: 20_000, full: 20_000 }))
  const undisturbed = join(folder, 'undisturbed')
  const before = await gannet(['import', logs, '--db', undisturbed])
  const expected = await snapshotIn(undisturbed)
  const times = ground.count({ smallest: 1, usual: 20, full: 200 })
  const seen = { refused: 0, none: 0, some: 0, all: 0 }
  for (let i = 0; i < times && (i === 0 || !ground.isOver()); i++) {
    const [db, copy] = [join(folder, `db-${i}`), join(folder, `copy-${i}`)]
    await trials.try(`copy ${i}`, async () => {
      const running = start(['import', logs, '--db', db])
      await used(running, before.processor * (0.4 + random(600) / 1000))
      // A file that is gone while it is copied makes `cp` go on.
      if (existsSync(db)) spawnSync('cp', ['-r', db, copy])
      const ended = await running.ended
      hold(ended.code === 0, ended.err)
      if (!existsSync(copy)) return
      const next = await gannet(['findings', '--db', copy])
      hold(endedWell(next) === null, String(endedWell(next)))
      const counted = await gannet(['sql', 'SELECT count() AS n FROM ledger', '--db', copy])
      hold(endedWell(counted) === null, String(endedWell(counted)))
      if (counted.code !== 0) {
        seen.refused++
        return
      }
      const found = await snapshotIn(copy)
      const wrong = difference(found, expected, false)
      hold(wrong === null, `the copy: ${wrong}`)
      const shown = Object.keys(found).length
      seen[shown === 0 ? 'none' : shown === Object.keys(expected).length ? 'all' : 'some']++
    })
    for (const each of [db, copy]) rmSync(each, { recursive: true, force: true })
  }
  return {
    attack: copiesTaken,
    tried: trials.tried(),
    of: 'copies',
    held: 'a copy shows whole inputs, row by row, or is refused with the reason',
    bound: '{all} had all inputs, {some} some, {none} none, {refused} were refused',
    failed: trials.failed,
    figures: seen,
  }
}
