/** How a process ends: stopped as soon as it is started, out of memory, or broken. */
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { randomFrom } from '../../test/fuzz-random.ts'
import { type Attempt, createTrials, type Ground, hold } from './attempt.ts'
import { endedWell, gannet, type Setting, start } from './gannet.ts'
import { inputKinds } from './inputs.ts'
import { used } from './killing.ts'
import { watchers } from './kills-live.ts'
import { difference, snapshotIn } from './snapshot.ts'

export const stoppedEarly =
  'commands that run until interrupted, stopped 0 to 1,000 ms after they listen to signals'

/** Says on the error output when the program begins to listen to SIGTERM; before that Node ends it. */
const tellsListening: Setting = {
  env: {
    NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(
      `const tell = (name) => name === 'SIGTERM' && setImmediate(() => process.stderr.write('listening to signals\\n'))
      process.on('newListener', tell)`,
    )}`,
  },
}

/** What is interrupted, with what it is called with. */
function untilInterrupted(place: string): readonly (readonly string[])[] {
  const [logs, db] = [join(place, 'logs'), join(place, 'db')]
  mkdirSync(logs)
  return [
    ...watchers.map(({ words }) => words(logs, db)),
    ['collect', '--netflow', '0', '--db', db, '--json'],
    ['serve', '--db', db, '--listen', '127.0.0.1:0', '--import-from', logs],
    ['capture', '-', '--db', db, '--json'],
  ]
}

export async function stopsEarly({ folder, count, isOver }: Ground): Promise<Attempt> {
  const trials = createTrials()
  const times = count({ smallest: 5, usual: 105, full: 105 })
  for (let i = 0; i < times && (i === 0 || !isOver()); i++) {
    const place = join(folder, `stopped-${i}`)
    mkdirSync(place)
    const commands = untilInterrupted(place)
    const words = commands[i % commands.length]!
    const after =
      (1000 / Math.max(1, Math.ceil(times / commands.length) - 1)) * Math.floor(i / commands.length)

    await trials.try(`${words[0]}, SIGTERM after ${Math.round(after)} ms`, async () => {
      const running = start(words, { ...tellsListening, input: 'open' })
      while (!running.err().includes('listening to signals')) {
        hold(running.child.exitCode === null && running.child.signalCode === null, running.err())
        await sleep(1)
      }
      await sleep(after)
      running.child.kill('SIGTERM')
      const ended = await running.ended
      const wrong = endedWell(ended)
      hold(wrong === null, String(wrong))
      // A capture that saw no packet says so.
      const isEmpty = words[0] === 'capture' && ended.code === 2
      hold(ended.code === 0 || isEmpty, `ended with ${ended.code}: ${ended.err.slice(-400)}`)
    })
    rmSync(place, { recursive: true, force: true })
  }
  return {
    attack: stoppedEarly,
    tried: trials.tried(),
    of: 'stops',
    held: 'each ends in its own way, with exit 0 (2 where a capture saw no packet), and not of the signal',
    bound: 'before it listens, which is the first that it does, Node ends it of the signal',
    failed: trials.failed,
    figures: {},
  }
}

export const brokenProcesses = 'imports that run out of heap, abort or break at any moment'

const faults = ['SIGABRT', 'SIGSEGV', 'SIGBUS', 'SIGTRAP', 'SIGILL', 'SIGFPE'] as const

export async function breaks({ folder, count, seed, isOver }: Ground): Promise<Attempt> {
  const random = randomFrom(seed)
  const trials = createTrials()
  const times = count({ smallest: 2, usual: 40, full: 40 })
  const place = join(folder, 'broken')
  mkdirSync(place)
  const path = inputKinds.find(({ name }) => name === 'pcap')!.make(place, 5000)
  const undisturbed = join(place, 'undisturbed')
  hold((await gannet(['import', path, '--db', undisturbed])).code === 0, 'the undisturbed import')
  const expected = await snapshotIn(undisturbed)
  let heaps = 0

  for (let i = 0; i < times && (i === 0 || !isOver()); i++) {
    const db = join(place, `db-${i}`)
    const fault = faults[random(faults.length)]!
    const heap = i % 2 === 0 ? 10 + random(30) : null
    await trials.try(heap ? `${heap} MB of heap (${i})` : `${fault} (${i})`, async () => {
      const env: Record<string, string> = heap ? { NODE_OPTIONS: `--max-old-space-size=${heap}` } : {}
      const running = start(['import', path, '--db', db], { env, under: ['prlimit', '--core=0'] })
      if (!heap) {
        await used(running, 0.1 + random(500) / 1000)
        running.child.kill(fault)
      }
      const { code, signal, over } = await running.ended
      hold(over === null, `did not end: killed for its ${over}`)
      if (heap && (signal === 'SIGABRT' || code === 134)) heaps++
      else hold(code === 0 || (!heap && signal === fault), `ended with ${code ?? signal}`)
      const wrong = difference(await snapshotIn(db), expected, false)
      hold(wrong === null, `after it: ${wrong}`)
      const next = await gannet(['import', path, '--db', db])
      hold(next.code === 0, `the next import: ${next.err}`)
      const absent = difference(await snapshotIn(db), expected, true)
      hold(absent === null, `after the next import: ${absent}`)
    })
    rmSync(db, { recursive: true, force: true })
  }
  return {
    attack: brokenProcesses,
    tried: trials.tried(),
    of: 'imports',
    held: 'it dies at once and lets the folder go; its input is whole or absent, and the next import brings it',
    bound: '{heaps} times the heap was too small',
    failed: trials.failed,
    figures: { heaps },
  }
}
