#!/usr/bin/env node
/** The command `gannet`. It is loaded after what was compiled before has been found, so that it need not be again. */
import { keepCompiled } from './compile-cache.ts'

keepCompiled()
await import('./command.ts')
