/** Processes that are killed at any moment, on every kind of input. */
import { cpSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type Random, randomFrom } from '../../test/fuzz-random.ts'
import { type Attempt, createTrials, type Ground, hold, notTried, twoAtATime } from './attempt.ts'
import { changingFiles, filesChanged } from './changing.ts'
import { breaks, brokenProcesses, stoppedEarly, stopsEarly } from './endings.ts'
import { type Ended, gannet, start } from './gannet.ts'
import { inputKinds } from './inputs.ts'
import { diedWell, killedAfter, signals } from './killing.ts'
import {
  captureKilled,
  capturesKilled,
  collectKilled,
  collectorsKilled,
  serveKilled,
  serversKilled,
  watchers,
  watchesKilled,
  watchKilled,
} from './kills-live.ts'
import { copiesInUse, copiesTaken, diskFull, fullDisks, otherPlaces, placesOther } from './machine.ts'
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

const importKilled = `\`gannet import\` killed at any moment, ${inputKinds.length} kinds of input`
const analysisKilled = '`gannet analyze` killed at any moment'

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
    attack: importKilled,
    tried: killed,
    of: 'kills',
    held: 'each input whole or absent, row by row; the next import brings the rest, and no row twice',
    bound:
      'up to five kills of one database; {none} times nothing was shown, {some} times some inputs, {all} times all; {done} imports were done before the kill',
    failed: trials.failed,
    figures: { ...seen, done },
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
    attack: analysisKilled,
    tried: killed,
    of: 'kills',
    held: 'the answer is whole or absent, the records are untouched, and the next analysis gives the same answer',
    bound: '{kept} times an answer was there; {done} analyses were done before the kill',
    failed: trials.failed,
    figures: { kept, done },
  }
}

interface Killing {
  readonly name: string
  /** What is counted, a plural. */
  readonly of: string
  /** Of the time, in parts. */
  readonly weight: number
  readonly run: (ground: Ground) => Promise<Attempt>
}

function killings(ground: Ground): Killing[] {
  let made: Promise<Analysed> | null = null
  const analysed = () => {
    made ??= analysedIn(ground)
    return made
  }
  const analyses = async (own: Ground) => analysesKilled(own, await analysed(), randomFrom(own.seed))
  const servers = async (own: Ground) => serversKilled(own, (await analysed()).analysed)
  const watches = (each: (typeof watchers)[number]): Killing => ({
    ...{ name: watchKilled(each), of: 'kills', weight: 2 },
    run: (own) => watchesKilled(own, each),
  })

  return [
    { name: analysisKilled, of: 'kills', weight: 4, run: analyses },
    ...watchers.map(watches),
    { name: collectKilled, of: 'kills', weight: 3, run: collectorsKilled },
    { name: captureKilled, of: 'kills', weight: 3, run: capturesKilled },
    { name: serveKilled, of: 'kills', weight: 2, run: servers },
    { name: stoppedEarly, of: 'stops', weight: 1, run: stopsEarly },
    { name: brokenProcesses, of: 'imports', weight: 1, run: breaks },
    { name: copiesTaken, of: 'copies', weight: 1, run: copiesInUse },
    { name: diskFull, of: 'imports', weight: 1, run: fullDisks },
    { name: filesChanged, of: 'imports', weight: 1, run: changingFiles },
    { name: placesOther, of: 'cases', weight: 1, run: otherPlaces },
  ]
}

export async function kills(ground: Ground): Promise<Attempt[]> {
  const tried = async ({ name, of, run }: Killing, until: number): Promise<Attempt> => {
    if (!ground.asks(name)) return notTried(name, of)
    const found = await run({ ...ground, isOver: () => ground.isOver(until) })
    ground.say(`${name}: ${found.tried} ${of}, ${found.failed.length} failed ${found.failed[0] ?? ''}`)
    return found
  }

  // The imports take one of two lanes for all of the time; the others share the second.
  const imports: Killing = {
    ...{ name: importKilled, of: 'kills', weight: 1 },
    run: (own) => importsKilled(own, randomFrom(own.seed)),
  }
  const others = killings(ground)
  const weigh = (some: readonly Killing[]) =>
    some.filter(({ name }) => ground.asks(name)).reduce((sum, { weight }) => sum + weight, 0)
  const inTurn = others.map((each, i) => () => tried(each, weigh(others.slice(0, i + 1)) / weigh(others)))
  return twoAtATime([() => tried(imports, 1), ...inTurn])
}
