/** Processes that are killed at any moment, on every kind of input. */
import { cpSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { openEmbedded } from '../../src/store/embedded.ts'
import { type Random, randomFrom } from '../../test/fuzz-random.ts'
import { type Attempt, createTrials, type Ground, hold } from './attempt.ts'
import { changingFiles } from './changing.ts'
import { gannet, start } from './gannet.ts'
import { inputKinds } from './inputs.ts'
import { diedWell, killedAfter, signals } from './killing.ts'
import { capturesKilled, collectorsKilled, serversKilled, watchesKilled } from './kills-live.ts'
import { copiesInUse, fullDisks, otherPlaces } from './machine.ts'
import { difference, hiddenRows, type Snapshot, snapshotIn, snapshotOf } from './snapshot.ts'

interface Prepared {
  readonly name: string
  readonly path: string
  readonly expected: Snapshot
  readonly seconds: number
}

async function prepared({ folder, count }: Ground): Promise<Prepared[]> {
  const rows = count({ smallest: 2000, usual: 20_000, full: 60_000 })
  const some = count({ smallest: 3, usual: inputKinds.length, full: inputKinds.length })
  const kinds = inputKinds.filter((_, i) => i % Math.ceil(inputKinds.length / some) === 0)
  const found: Prepared[] = []
  for (const { name, make } of kinds) {
    const place = join(folder, `input-${found.length}`)
    mkdirSync(place)
    const path = make(place, rows)
    const db = join(place, 'undisturbed')
    const { code, err, seconds } = await gannet(['import', path, '--db', db])
    hold(code === 0, `${name} cannot be imported: ${err}`)
    const expected = await snapshotIn(db)
    hold(Object.keys(expected).length > 0, `${name} shows nothing`)
    rmSync(db, { recursive: true, force: true })
    found.push({ name, path, expected, seconds })
  }
  return found
}

/** What a killed import left, checked; gives whether rows were hidden. */
async function checkLeft(db: string, expected: Snapshot): Promise<{ shown: number; hidden: number }> {
  const store = await openEmbedded(db)
  try {
    const found = await snapshotOf(store)
    const wrong = difference(found, expected, false)
    hold(wrong === null, `after the kill: ${wrong}`)
    return {
      shown: Object.keys(found).length,
      hidden: Object.keys(found).length > 0 ? await hiddenRows(store) : 0,
    }
  } finally {
    await store.close()
  }
}

async function importsKilled(ground: Ground, random: Random): Promise<Attempt> {
  const inputs = await prepared(ground)
  const times = ground.count({ smallest: 3, usual: 90, full: 1000 })
  const trials = createTrials()
  const seen = { none: 0, some: 0, all: 0 }
  for (let i = 0; i < times; i++) {
    const { name, path, expected, seconds } = inputs[i % inputs.length]!
    const signal = signals[random(signals.length)]!
    const db = join(ground.folder, `killed-${i}`)
    const after = seconds * (0.25 + random(900) / 1000)
    await trials.try(`${name}, ${signal} after ${after.toFixed(3)} s (kill ${i})`, async () => {
      for (let again = 0; again < 1 + random(2); again++) {
        diedWell(await killedAfter(start(['import', path, '--db', db]), after, signal))
        const { shown } = await checkLeft(db, expected)
        seen[shown === 0 ? 'none' : shown < Object.keys(expected).length ? 'some' : 'all']++
      }
      const rest = await gannet(['import', path, '--db', db])
      hold(rest.code === 0, `the next import ended with ${rest.code}: ${rest.err}`)
      const wrong = difference(await snapshotIn(db), expected, true)
      hold(wrong === null, `after the next import: ${wrong}`)
    })
    rmSync(db, { recursive: true, force: true })
    if (i % 50 === 49) ground.say(`${i + 1} imports killed`)
  }
  return {
    attack: `\`gannet import\` killed at any moment, ${inputs.length} kinds of input`,
    tried: trials.tried(),
    of: 'kills',
    held: 'each input whole or absent, row by row; the next import brings the rest, and no row twice',
    bound: `${seen.none} times nothing was shown, ${seen.some} times some inputs, ${seen.all} times all`,
    failed: trials.failed,
  }
}

/** The answer without what differs between two runs of the same records. */
function answerOf(text: string): string {
  const answer = JSON.parse(text) as { analysis: { id: string } }
  return JSON.stringify({ ...answer, analysis: { ...answer.analysis, id: '' } })
}

async function analysesKilled(ground: Ground, random: Random): Promise<Attempt> {
  const place = join(ground.folder, 'analysed')
  mkdirSync(place)
  const rows = ground.count({ smallest: 4000, usual: 40_000, full: 100_000 })
  const path = inputKinds.find(({ name }) => name === 'Suricata EVE')!.make(place, rows)
  const imported = join(place, 'imported')
  const { code, err } = await gannet(['import', path, '--db', imported])
  hold(code === 0, err)
  const rowsBefore = await snapshotIn(imported)
  const undisturbed = join(place, 'undisturbed')
  cpSync(imported, undisturbed, { recursive: true })
  const whole = await gannet(['analyze', '--db', undisturbed, '--json'])
  hold(whole.code === 0, whole.err)
  const expected = answerOf(whole.out)

  const trials = createTrials()
  const times = ground.count({ smallest: 1, usual: 12, full: 200 })
  let kept = 0
  for (let i = 0; i < times; i++) {
    const signal = signals[random(signals.length)]!
    const db = join(place, `killed-${i}`)
    const after = whole.seconds * (0.2 + random(900) / 1000)
    await trials.try(`${signal} after ${after.toFixed(3)} s (kill ${i})`, async () => {
      cpSync(imported, db, { recursive: true })
      diedWell(await killedAfter(start(['analyze', '--db', db, '--json']), after, signal))
      const shown = await gannet(['findings', '--db', db, '--json'])
      if (shown.code === 0) {
        kept++
        hold(answerOf(shown.out) === expected, 'the answer that was kept is not that of the undisturbed run')
      } else hold(/has not been analysed/.test(shown.err), `findings: ${shown.err}`)
      const again = await gannet(['analyze', '--db', db, '--json'])
      hold(again.code === 0, `the next analysis: ${again.err}`)
      hold(answerOf(again.out) === expected, 'the next analysis gives another answer')
      const wrong = difference(await snapshotIn(db), rowsBefore, true)
      hold(wrong === null, `records changed: ${wrong}`)
    })
    rmSync(db, { recursive: true, force: true })
  }
  return {
    attack: '`gannet analyze` killed at any moment',
    tried: trials.tried(),
    of: 'kills',
    held: 'the answer is whole or absent, the records are untouched, and the next analysis gives the same answer',
    bound: `${kept} times the answer was there already`,
    failed: trials.failed,
  }
}

export async function kills(ground: Ground): Promise<Attempt[]> {
  const random = randomFrom(ground.seed)
  const attempts: Attempt[] = []
  for (const attack of [
    () => importsKilled(ground, random),
    () => analysesKilled(ground, random),
    () => watchesKilled(ground),
    () => collectorsKilled(ground),
    () => capturesKilled(ground),
    () => serversKilled(ground),
    () => copiesInUse(ground),
    () => fullDisks(ground),
    () => otherPlaces(ground),
    () => changingFiles(ground),
  ]) {
    const found = await attack()
    attempts.push(found)
    ground.say(
      `${found.attack}: ${found.tried} ${found.of}, ${found.failed.length} failed ${found.failed[0] ?? ''}`,
    )
  }
  return attempts
}
