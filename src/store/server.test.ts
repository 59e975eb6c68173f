import { afterAll, beforeAll, describe } from 'vitest'
import { startServer, type TestServer, whyNoServer } from '../../test/clickhouse-server.ts'
import { storeContract } from '../../test/contracts/store.ts'
import { openServer } from './server.ts'

const why = whyNoServer()
describe.skipIf(why)(why ? `a server (skipped: ${why})` : 'a server', () => {
  let server: TestServer
  beforeAll(async () => {
    server = await startServer()
  })
  afterAll(() => server?.stop())

  storeContract('over HTTP', () => openServer(`${server.url}/contract`))
})
