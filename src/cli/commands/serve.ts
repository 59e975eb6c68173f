/** `gannet serve`: pages and an HTTP API over one database. */

import { randomBytes } from 'node:crypto'
import { userInfo } from 'node:os'
import type { Command } from 'commander'
import { UserError } from '../../errors.ts'
import type { Store } from '../../store/store.ts'
import { withDatabase } from '../database.ts'
import { decisionsPath, ownersFor } from '../decided.ts'
import { type DecisionsFlags, databaseOf } from '../flags.ts'
import { databaseOptions, writtenDecisionsOption } from '../options.ts'
import { print, say } from '../say.ts'
import { version } from '../version.ts'
import { withInterrupt } from '../with-interrupt.ts'
import { workBeside } from '../work-beside.ts'

export interface ServeFlags extends DecisionsFlags {
  readonly listen: string
  readonly token?: string
  readonly importFrom?: string[]
}

/** Names of this machine that nobody else reaches. */
const loopback = new Set(['127.0.0.1', '::1', 'localhost'])

/** `port`, `host:port` or `[address]:port`. @throws UserError option-invalid. */
export function placeOf(text: string): { host: string; port: number } {
  const [, six, name, port] = /^(?:(?:\[([0-9a-fA-F:.]+)\]|([^\s:[\]]+)):)?(\d{1,5})$/.exec(text) ?? []
  if (port === undefined || Number(port) > 65_535)
    throw new UserError(
      'option-invalid',
      `--listen ${text} is not an address to listen on`,
      'Give PORT, HOST:PORT or [ADDRESS]:PORT.',
    )
  return { host: six ?? name ?? '127.0.0.1', port: Number(port) }
}

export const serving = (program: Command): void => {
  const command = writtenDecisionsOption(
    databaseOptions(
      program
        .command('serve')
        .description(
          'serve web pages and an HTTP API over a database until interrupted; loopback by default',
        ),
    ),
  )

  command
    .option(
      '--listen <place>',
      'PORT or HOST:PORT to listen on; any address but loopback needs a token',
      '127.0.0.1:8480',
    )
    .option('--token <text>', 'access token (default: $GANNET_TOKEN, or generated if one is needed)')
    .option(
      '--import-from <folder>',
      'folder whose files may be imported from the pages; repeatable, none by default',
      (folder: string, before: string[] = []) => [...before, folder],
    )
    .action((flags: ServeFlags) =>
      withDatabase(flags, { mustExist: flags.importFrom === undefined }, (store) =>
        withInterrupt((signal) =>
          servePages(store, flags, signal, (url) => {
            print(url)
            say('gannet: serving; Ctrl-C ends')
          }),
        ),
      ),
    )
}

/**
 * Serves until `signal`; `serving` is told the address with its token.
 * @throws UserError option-invalid; listen-failed.
 */
export async function servePages(
  store: Store,
  flags: ServeFlags,
  signal: AbortSignal,
  serving: (url: string) => void,
): Promise<void> {
  const place = placeOf(flags.listen)
  const given = flags.token ?? process.env['GANNET_TOKEN']

  if (given !== undefined && !/^[\w.~+/=-]{16,}$/.test(given))
    throw new UserError(
      'option-invalid',
      'the token is too short or has characters that are not allowed',
      'Give at least 16 letters and digits.',
    )

  const token = given ?? (loopback.has(place.host) ? null : randomBytes(24).toString('base64url'))
  const { createJobs, listen, openSession } = await import('../../serve/index.ts')
  const session = openSession({ store, decisions: decisionsPath(flags), ownersFor })
  const server = await listen(
    {
      session,
      version,
      token,
      author: process.env['GANNET_AUTHOR'] ?? userInfo().username,
      captures: flags.importFrom ?? [],
      jobs: createJobs(workBeside(store, databaseOf(flags), flags.importFrom ?? []), session.renew),
    },
    place,
  )

  session.renew()
  serving(`${server.url}${token === null ? '' : `?token=${token}`}`)
  if (!signal.aborted)
    await new Promise<void>((done) => signal.addEventListener('abort', () => done(), { once: true }))
  await server.close()
}
