import { UserError } from '../errors.ts'

/** What the engine said, as something a person can act on. A message that we do not know stays a bug. */
export function asDatabaseError(error: unknown, where: string): Error {
  if (error instanceof UserError) return error
  const text = error instanceof Error ? `${error.message} ${typeOf(error)}` : String(error)
  for (const { sign, make } of known) if (sign.test(text)) return make(where, error)
  return error instanceof Error ? error : new Error(text)
}

/** The client of the server keeps the engine's name of an error, or the system's code, apart. */
const typeOf = (error: Error): string => {
  const { type, code } = error as { type?: unknown; code?: unknown }
  return [type, code].filter((each) => typeof each === 'string').join(' ')
}

/** The address of the node that the engine could not reach, where it says. */
const nodeOf = (error: unknown): string => {
  const [, address] = /\(?\b([\w.-]+:\d+)\b/.exec(error instanceof Error ? error.message : '') ?? []
  return address ? ` (${address})` : ''
}

/** A file is missing, and it is one of the engine's own: an input that is gone is no fault of the database. */
const goneFromStorage = new RegExp(
  String.raw`(?=[^]*(?:FILE_DOESNT_EXIST|errno: 2\b|No such file or directory))` +
    String.raw`(?=[^]*(?:/store/[\da-f]{3}/|While reading part))`,
)

const known: readonly { sign: RegExp; make: (where: string, cause: unknown) => UserError }[] = [
  {
    sign: /Cannot lock file|Another server instance/,
    make: (where, cause) =>
      new UserError(
        'database-busy',
        `another process is using ${where}`,
        'Wait for it or stop it; one process at a time can use a database folder.',
        cause,
      ),
  },
  {
    sign: /No space left on device|NOT_ENOUGH_SPACE|Cannot reserve .* not enough space/,
    make: (where, cause) =>
      new UserError(
        'database-full',
        `no space left for ${where}`,
        'Free some space or give --db on another disk; nothing of the unfinished import was kept.',
        cause,
      ),
  },
  {
    sign: /Permission denied|EACCES|EROFS|Read-only file system/,
    make: (where, cause) =>
      new UserError(
        'database-failed',
        `${where} cannot be written`,
        'Give --db a folder with write permission.',
        cause,
      ),
  },
  {
    sign: goneFromStorage,
    make: (where, cause) =>
      new UserError(
        'database-failed',
        `files of ${where} are gone: it was moved, removed or changed while it was in use`,
        'Repeat the command where the folder stands now; an import that did not end has left nothing that is seen.',
        cause,
      ),
  },
  {
    sign: /Failed to create connection/,
    make: (where, cause) =>
      new UserError(
        'database-failed',
        `the database in ${where} cannot be opened`,
        'The engine’s message is above; give --db another folder to continue.',
        cause,
      ),
  },
  {
    sign: /ENOTDIR|EEXIST|Not a directory/,
    make: (where, cause) =>
      new UserError(
        'database-failed',
        `${where} is not a folder`,
        'Give --db a folder, or a new name.',
        cause,
      ),
  },
  {
    sign: /server is shutting down/i,
    make: (where, cause) =>
      new UserError(
        'server-unreachable',
        `the ClickHouse server at ${where} is ending; its own log says why`,
        'Start it and repeat the command; an import that did not end has left nothing that is seen.',
        cause,
      ),
  },
  {
    sign: /ALL_CONNECTION_TRIES_FAILED|NETWORK_ERROR|ATTEMPT_TO_READ_AFTER_EOF|SOCKET_TIMEOUT/,
    make: (where, cause) =>
      new UserError(
        'server-unreachable',
        `a node of the cluster does not answer${nodeOf(cause)}; asked by way of ${where}`,
        'Start it and repeat the command; an import that did not end has left nothing that is seen.',
        cause,
      ),
  },
  {
    sign: /ECONNREFUSED|ENOTFOUND|EHOSTUNREACH|ETIMEDOUT|ECONNRESET|socket hang up/,
    make: (where, cause) =>
      new UserError(
        'server-unreachable',
        `no ClickHouse server answers at ${where}`,
        'Check --url and that the server runs.',
        cause,
      ),
  },
  {
    sign: /AUTHENTICATION_FAILED|REQUIRED_PASSWORD|Authentication failed/,
    make: (where, cause) =>
      new UserError(
        'server-unreachable',
        `${where} refused the user or password`,
        'Put the right ones in --url.',
        cause,
      ),
  },
]
