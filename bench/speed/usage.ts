/**
 * Loaded before a program (`node --import`): writes what its process took to the file that GANNET_BENCH_USAGE
 * names.
 */
import { writeFileSync } from 'node:fs'

export interface Usage {
  /** Seconds of processor, user and system. */
  readonly processor: number
  /** Most megabytes in memory at a time. */
  readonly megabytes: number
}

process.on('exit', () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage()
  const usage: Usage = { processor: (userCPUTime + systemCPUTime) / 1e6, megabytes: maxRSS / 1024 }
  writeFileSync(process.env['GANNET_BENCH_USAGE']!, JSON.stringify(usage))
})
