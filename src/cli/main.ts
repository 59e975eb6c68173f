#!/usr/bin/env node
/** The command `gannet`. It is loaded after what was compiled before has been found, so that it need not be again. */
import { keepCompiled } from './compile-cache.ts'
import { keepFewArenas } from './few-arenas.ts'
import { freeAfterWork } from './free-after-work.ts'
import { listenEarly } from './with-interrupt.ts'

const untilInterrupted = ['capture', 'collect', 'monitor', 'serve', 'watch']

if (untilInterrupted.includes(process.argv[2] ?? '')) {
  keepFewArenas()
  // A supervisor may stop a service before all of it is loaded.
  listenEarly()
  freeAfterWork()
}
keepCompiled()
await import('./command.ts')
