/** /health and /metrics of a service. They hold no address and no finding, and so need no token. */
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { UserError } from '../../errors.ts'
import { plainJson } from '../../reports/plain-json.ts'
import { placeOf } from '../commands/serve.ts'
import type { Log } from './log.ts'
import { healthOf, type MonitorState, metricsOf } from './state.ts'

/** Answers until `work` is done. @throws UserError listen-failed. */
export async function withEndpoint<T>(
  listen: string,
  { state, log }: { readonly state: MonitorState; readonly log: Log },
  work: () => Promise<T>,
): Promise<T> {
  const server = createServer((request, response) => answer(request.url ?? '', response, state))
  const { host, port } = placeOf(listen)
  const failed = once(server, 'error').then(([error]) => {
    throw new UserError('listen-failed', `cannot listen on ${listen}: ${error.message}`, 'Give another port.')
  })
  server.listen(port, host)
  await Promise.race([once(server, 'listening'), failed])
  const place = server.address()
  log.info(
    'monitor',
    'listening',
    typeof place === 'object' ? { address: place?.address, port: place?.port } : {},
  )

  try {
    return await work()
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

function answer(url: string, response: ServerResponse, state: MonitorState): void {
  const path = url.replace(/\?.*/s, '')
  const give = (status: number, type: string, body: string) =>
    response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(body)

  if (path === '/health') {
    const health = healthOf(state)
    give(health.status === 'ok' ? 200 : 503, 'application/json', `${plainJson(health, 2)}\n`)
  } else if (path === '/metrics') give(200, 'text/plain; version=0.0.4; charset=utf-8', metricsOf(state))
  else give(404, 'text/plain', 'There is /health and /metrics.\n')
}
