/** Processes that are killed at any moment, on every kind of input. */
import { cpSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type Random, randomFrom } from '../../test/fuzz-random.ts'
import { type Attempt, createTrials, type Ground, hold, twoAtATime } from './attempt.ts'
import { changingFiles } from './changing.ts'
import { type Ended, gannet, start } from './gannet.ts'
import { inputKinds } from './inputs.ts'
import { diedWell, killedAfter, signals } from './killing.ts'
import { capturesKilled, collectorsKilled, serversKilled, watchers, watchesKilled } from './kills-live.ts'
import { copiesInUse, fullDisks, otherPlaces } from './machine.ts'
import { difference, type Snapshot, snapshotIn } from './snapshot.ts'

interface Prepared {
  readonly name: string
  readonly path: string
  readonly expected: Snapshot
  /** Seconds of processor that the import takes. */
  readonly processor: number
}

async function prepared({ folder, count }: Ground): Promise<Prepared[]> {
  const rows = count({ smallest: 2000, usual: 5000, full: 60_000 })
  const some = count({ smallest: 3, usual: inputKinds.length, full: inputKinds.length })
  const kinds = inputKinds.filter((_, i) => i % Math.ceil(inputKinds.length / some) === 0)
  return twoAtATime(
    kinds.map(({ name, make }, i) => async () => {
      const place = join(folder, `input-${i}`)
      mkdirSync(place)
      const path = make(place, rows)
      const db = join(place, 'undisturbed')
      const { code, err, processor } = await gannet(['import', path, '--db', db])
      hold(code === 0, `${name} cannot be imported: ${err}`)
      const expected = await snapshotIn(db)
      hold(Object.keys(expected).length > 0, `${name} shows nothing`)
      rmSync(db, { recursive: true, force: true })
      return { name, path, expected, processor }
    }),
  )
}

interface Kill {
  readonly signal: NodeJS.Signals
  /** Of the processor time of an undisturbed run. */
  readonly share: number
}

const killOf = (random: Random): Kill => ({
  signal: signals[random(signals.length)]!,
  share: 0.3 + random(800) / 1000,
})

const said = (kills: readonly Kill[]): string =>
  kills.map(({ signal, share }) => `${signal} at ${share.toFixed(3)}`).join(', ')

async function importsKilled(ground: Ground, random: Random): Promise<Attempt> {
  const inputs = await prepared(ground)
  const times = ground.count({ smallest: 3, usual: 500, full: 500 })
  const trials = createTrials()
  const seen = { none: 0, some: 0, all: 0 }
  let [killed, done] = [0, 0]

  const database = async (kills: readonly Kill[], number: number) => {
    if (number >= inputs.length && ground.isOver()) return
    const { name, path, expected, processor } = inputs[number % inputs.length]!
    const db = join(ground.folder, `killed-${number}`)
    await trials.try(`${name}, ${said(kills)} of its processor time (database ${number})`, async () => {
      for (const { signal, share } of kills) {
        const ended = await killedAfter(start(['import', path, '--db', db]), [processor * share], signal)
        diedWell(ended)
        if (ended.code === 0) done++
        else killed++
        const found = await snapshotIn(db)
        const wrong = difference(found, expected, false)
        hold(wrong === null, `after the kill: ${wrong}`)
        const shown = Object.keys(found).length
        seen[shown === 0 ? 'none' : shown < Object.keys(expected).length ? 'some' : 'all']++
      }
      const rest = await gannet(['import', path, '--db', db])
      hold(rest.code === 0, `the next import ended with ${rest.code}: ${rest.err}`)
      const wrong = difference(await snapshotIn(db), expected, true)
      hold(wrong === null, `after the next import: ${wrong}`)
    })
    rmSync(db, { recursive: true, force: true })
    if (number % 20 === 19) ground.say(`${killed} imports killed`)
  }

  const databases = databasesOf(times, ground.count({ smallest: 1, usual: 5, full: 5 }), random)
  for (const [number, each] of databases.entries()) await database(each, number)
  return {
    attack: `\`gannet import\` killed at any moment, ${inputs.length} kinds of input`,
    tried: killed,
    of: 'kills',
    held: 'each input whole or absent, row by row; the next import brings the rest, and no row twice',
    bound: `up to five kills of one database; ${seen.none} times nothing was shown, ${seen.some} times some inputs, ${seen.all} times all; ${done} imports were done before the kill`,
    failed: trials.failed,
  }
}

/** As many kills in all, 1 to `most` of each database. */
function databasesOf(times: number, most: number, random: Random): Kill[][] {
  const databases: Kill[][] = []
  for (let left = times; left > 0; left -= databases.at(-1)!.length)
    databases.push(Array.from({ length: Math.min(left, 1 + random(most)) }, () => killOf(random)))
  return databases
}

/** The answer without what differs between two runs of the same records. */
function answerOf(text: string): string {
  const answer = JSON.parse(text) as { analysis: { id: string } }
  return JSON.stringify({ ...answer, analysis: { ...answer.analysis, id: '' } })
}

/** A database that is imported, the same with its analysis, and how that ended. */
interface Analysed {
  readonly imported: string
  readonly analysed: string
  readonly run: Ended
}

async function analysedIn(ground: Ground): Promise<Analysed> {
  const place = join(ground.folder, 'analysed')
  mkdirSync(place)
  const rows = ground.count({ smallest: 4000, usual: 10_000, full: 100_000 })
  const path = inputKinds.find(({ name }) => name === 'Suricata EVE')!.make(place, rows)
  const [imported, analysed] = [join(place, 'imported'), join(place, 'undisturbed')]
  const { code, err } = await gannet(['import', path, '--db', imported])
  hold(code === 0, err)
  cpSync(imported, analysed, { recursive: true })
  const run = await gannet(['analyze', '--db', analysed, '--json'])
  hold(run.code === 0, run.err)
  return { imported, analysed, run }
}

async function analysesKilled(ground: Ground, { imported, run }: Analysed, random: Random): Promise<Attempt> {
  const rowsBefore = await snapshotIn(imported)
  const expected = answerOf(run.out)
  const trials = createTrials()
  const times = ground.count({ smallest: 1, usual: 100, full: 100 })
  let [kept, killed, done] = [0, 0, 0]

  for (const [number, kills] of databasesOf(
    times,
    ground.count({ smallest: 1, usual: 5, full: 5 }),
    random,
  ).entries()) {
    if (number > 0 && ground.isOver()) break
    const db = join(ground.folder, `analysis-${number}`)
    await trials.try(`${said(kills)} of its processor time (database ${number})`, async () => {
      cpSync(imported, db, { recursive: true })
      for (const { signal, share } of kills) {
        const running = start(['analyze', '--db', db, '--json'])
        const ended = await killedAfter(running, [run.processor * share], signal)
        diedWell(ended)
        if (ended.code === 0) done++
        else killed++
        const shown = await gannet(['findings', '--db', db, '--json'])
        if (shown.code === 0) {
          kept++
          hold(
            answerOf(shown.out) === expected,
            'the answer that was kept is not that of the undisturbed run',
          )
        } else hold(/has not been analysed/.test(shown.err), `findings: ${shown.err}`)
      }
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
    tried: killed,
    of: 'kills',
    held: 'the answer is whole or absent, the records are untouched, and the next analysis gives the same answer',
    bound: `${kept} times an answer was there; ${done} analyses were done before the kill`,
    failed: trials.failed,
  }
}

export async function kills(ground: Ground): Promise<Attempt[]> {
  const random = randomFrom(ground.seed)
  const analysed = await analysedIn(ground)
  const attacks: ((ground: Ground) => Promise<Attempt>)[] = [
    (ground) => analysesKilled(ground, analysed, randomFrom(ground.seed)),
    ...watchers.map((watcher) => (ground: Ground) => watchesKilled(ground, watcher)),
    collectorsKilled,
    capturesKilled,
    (ground) => serversKilled(ground, analysed.analysed),
    copiesInUse,
    fullDisks,
    changingFiles,
    otherPlaces,
  ]
  const done = async (attack: () => Promise<Attempt>) => {
    const found = await attack()
    const { attack: name, tried, of, failed } = found
    ground.say(`${name}: ${tried} ${of}, ${failed.length} failed ${failed[0] ?? ''}`)
    return found
  }
  // The imports take one of two lanes for all of the time; the others share the second.
  const inTurn = attacks.map((attack, i) => {
    const until = (i + 1) / attacks.length
    return () => done(() => attack({ ...ground, isOver: () => ground.isOver(until) }))
  })
  return twoAtATime([() => done(() => importsKilled(ground, random)), ...inTurn])
}
