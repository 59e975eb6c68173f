/** `gannet simulate`: records of a simulated network. */

import { type Command, Option } from 'commander'
import { scenarios, simulate } from '../../simulate/index.ts'
import { atLeastOne, natural, positive } from '../options.ts'
import { print } from '../say.ts'

export const simulating = (program: Command) => {
  program
    .command('simulate')
    .description('write records of a simulated network with their truth; never traffic')
    .addOption(
      new Option('--scenario <name>', 'scenario to simulate')
        .choices(scenarios.map(({ name }) => name))
        .default('campus-day'),
    )
    .option(
      '--hosts <n>',
      'machines in the network, including servers (default: set by the scenario)',
      atLeastOne,
    )
    .option('--days <n>', 'length in days (default: set by the scenario)', positive)
    .option('--seed <n>', 'seed; the same seed gives the same records', natural, 7)
    .requiredOption('--out <folder>', 'output folder')
    .addOption(new Option('--format <name>', 'record format').choices(['zeek', 'argus']).default('zeek'))
    .option('--no-bots', 'simulate a day without bots')
    .action(
      async (flags: {
        scenario: string
        hosts?: number
        days?: number
        seed: number
        out: string
        format: 'zeek' | 'argus'
        bots: boolean
      }) => {
        const { files, flows, truth } = await simulate(flags)
        print(
          `${flows} connections, ${truth.botnets.length} botnets\n${files.map((file) => `  ${file}`).join('\n')}`,
        )
      },
    )
}
