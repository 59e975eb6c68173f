import { firstOfSpeed, theyRun } from '../test/smallest-benchmarks.ts'
import { benchmarks } from './index.ts'

theyRun(benchmarks.slice(0, firstOfSpeed))
