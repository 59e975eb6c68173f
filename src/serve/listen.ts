/** One process that answers until it is told to end. */
import { serve } from '@hono/node-server'
import { UserError } from '../errors.ts'
import type { AppOptions } from './app.ts'
import { createApp } from './app.ts'

export interface Place {
  readonly host: string
  readonly port: number
}

interface Listening {
  readonly url: string
  close(): Promise<void>
}

/** @throws UserError listen-failed. */
export function listen(options: AppOptions, { host, port }: Place): Promise<Listening> {
  const app = createApp(options)

  return new Promise((done, fail) => {
    const server = serve({ fetch: app.fetch, hostname: host, port }, (at) => {
      const shown = host.includes(':') ? `[${host}]` : host
      done({
        url: `http://${shown}:${at.port}/`,
        async close() {
          await options.jobs?.stop()
          await new Promise<void>((closed) => {
            server.close(() => closed())
            if ('closeAllConnections' in server) server.closeAllConnections()
          })
        },
      })
    })
    // An analysis may keep this thread for seconds: a question that comes meanwhile is no idle connection.
    if ('keepAliveTimeout' in server) server.keepAliveTimeout = 120_000
    server.on('error', (error: NodeJS.ErrnoException) =>
      fail(
        new UserError(
          'listen-failed',
          `cannot listen on ${host}:${port} (${error.code ?? error.message})`,
          'Give another address with --listen.',
          error,
        ),
      ),
    )
  })
}
