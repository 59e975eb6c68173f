/**
 * Begins this process anew, under the same number, with settings of the C library's allocator. By default each thread
 * may keep an arena of its own, blocks of up to 32 MB come from it, and what is free between blocks in use is never
 * given back: a service that analyses in a thread each hour grows with each. The library reads them at the start of a
 * process only. Nothing is done where one of them is set already, and on systems without that library.
 */
export function keepFewArenas(): void {
  const { env, execPath, execArgv, argv } = process
  const isAsked = Object.keys(settings).some((name) => name in env)
  // A process that its parent talks to over a channel of Node would lose it.
  if (process.platform !== 'linux' || isAsked || 'NODE_CHANNEL_FD' in env) return

  process.execve?.(execPath, [execPath, ...execArgv, ...argv.slice(1)], { ...env, ...settings })
}

/** One arena; blocks from 64 KiB on are maps of their own; 128 KiB that are free at its end are given back. */
const settings = {
  MALLOC_ARENA_MAX: '1',
  MALLOC_MMAP_THRESHOLD_: '65536',
  MALLOC_TRIM_THRESHOLD_: '131072',
} as const
