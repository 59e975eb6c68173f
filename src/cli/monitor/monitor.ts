/** `gannet monitor`: collects, follows, analyses, alerts and serves in one process, as a file says. */

import type { Command } from 'commander'
import { withDatabase } from '../database.ts'
import { version } from '../version.ts'
import { withInterrupt } from '../with-interrupt.ts'
import { componentsOf } from './components.ts'
import { type MonitorConfig, readConfig } from './config.ts'
import { withEndpoint } from './endpoint.ts'
import { createLog } from './log.ts'
import { askForAnalysis, createState } from './state.ts'
import { supervise } from './supervise.ts'

export const monitoring = (program: Command): void => {
  program
    .command('monitor')
    .description('run as a service: collect, follow folders, analyse, alert and serve, as a file says')
    .argument('<file>', 'configuration (docs/reference/monitor.md)')
    .action(async (path: string) => run(await readConfig(path), path))
}

async function run(config: MonitorConfig, path: string): Promise<void> {
  const log = createLog()
  const state = createState()
  process.on('SIGUSR2', () => askForAnalysis(state))

  await withDatabase(config.database, {}, (store) =>
    withInterrupt((signal) =>
      withEndpoint(config.monitor.listen, { state, log }, async () => {
        log.info('monitor', 'started', { version, config: path, database: store.where, pid: process.pid })
        await supervise(componentsOf(config, { store, state, log }), { state, log, signal })
        log.info('monitor', 'stopped')
      }),
    ),
  )
}
