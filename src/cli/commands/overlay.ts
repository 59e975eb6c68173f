/** `gannet overlay`: bots of one capture laid over the records of another network. */

import { BlockList, isIP } from 'node:net'
import { join } from 'node:path'
import { type Command, Option } from 'commander'
import { UserError } from '../../errors.ts'
import type { Truth } from '../../model/truth.ts'
import { writeOutput } from '../../output.ts'
import { plainJson } from '../../reports/plain-json.ts'
import { botRecordsIn, groundIn, overlay, type SimulatedFormat, writeRecords } from '../../simulate/index.ts'
import { internalNetworks } from '../../store/internal.ts'
import { withTemporaryDatabase } from '../database.ts'
import { hosts, natural, networks } from '../options.ts'
import { print } from '../say.ts'
import { truthOf } from './evaluate.ts'
import { importAll } from './run.ts'

interface OverlayFlags {
  background: string[]
  bots: string[]
  truth?: string
  labels?: boolean
  capture?: string
  botHosts?: string[]
  onto?: string[]
  internal?: string[]
  botsInternal?: string[]
  seed: number
  format?: SimulatedFormat
  out: string
}

export const overlaying = (program: Command): void => {
  program
    .command('overlay')
    .description(
      'overlay bot records on another network: rewrite their addresses and times; writes records, never traffic',
    )
    .requiredOption('--background <paths...>', 'records of the network; they are read and left as they are')
    .requiredOption('--bots <paths...>', 'records that hold the bots: of the simulator, or a real capture')
    .option('--truth <file>', 'truth that names the bots: truth.json, a map of captures, or a table')
    .option('--labels', 'take the bots from the labels in the records')
    .option('--capture <name>', 'capture to use from a map of captures')
    .option('--bot-hosts <hosts>', 'addresses of the bots, as one botnet', hosts)
    .option('--onto <hosts>', 'background hosts whose addresses the bots get, in this order', hosts)
    .option('--internal <networks>', 'networks of the background, as CIDR', networks)
    .option('--bots-internal <networks>', 'networks of the bots’ capture, as CIDR', networks)
    .option('--seed <n>', 'seed of the choice of hosts', natural, 7)
    .addOption(
      new Option('--format <name>', 'record format (default: that of the background)').choices([
        'zeek',
        'argus',
      ]),
    )
    .requiredOption('--out <folder>', 'where to write')
    .action(layOver)
}

async function layOver(flags: OverlayFlags): Promise<void> {
  // One after the other: the engine opens one database in a process.
  const bots = await withTemporaryDatabase(async (store) => {
    await importAll(store, flags.bots, {})
    const truth = await botsOf(flags, () => truthOf(store, flags))
    const { networks } = await internalNetworks(store, [...(flags.botsInternal ?? []), ...truth.internal])
    return botRecordsIn(store, truth, networks)
  })

  const servers = [...new Set(bots.flows.map(({ server }) => server))]
  const { ground, format } = await withTemporaryDatabase(async (store) => {
    const { inputs } = await importAll(store, flags.background, {})
    const { networks } = await internalNetworks(store, flags.internal ?? [])
    return { ground: await groundIn(store, networks, servers), format: inputs[0]?.format }
  })
  const kind = flags.format ?? (format === 'argus' ? 'argus' : 'zeek')
  const made = overlay(bots, ground, {
    seed: flags.seed,
    onto: flags.onto ?? [],
    isInternal: within(ground.internal.cidrs),
  })
  const key = kind === 'zeek' ? 'end' : 'start'
  const { files, flows } = await writeRecords(
    made.exchanges.toSorted((a, b) => a[key] - b[key]),
    { truth: made.truth, out: flags.out, format: kind },
  )

  const mixed =
    format !== undefined && format !== kind && !(kind === 'zeek' && format.startsWith('zeek'))
      ? [
          `The background is ${format}, the overlay ${kind}: what only one of them says tells bots from hosts.`,
        ]
      : []

  const report = { ...made.artefacts, warnings: [...mixed, ...made.artefacts.warnings] }
  const path = join(flags.out, 'overlay.json')
  await writeOutput(path, `${plainJson(report, 2)}\n`)
  print(
    [
      `${flows} connections of ${made.truth.botnets.reduce((sum, { hosts }) => sum + hosts.length, 0)} bots`,
      ...[...files, path].map((file) => `  ${file}`),
      ...(report.warnings.length > 0 ? ['Check:', ...report.warnings.map((each) => `  - ${each}`)] : []),
      `Import them beside ${flags.background.join(' ')}.`,
    ].join('\n'),
  )
}

async function botsOf({ botHosts, truth, labels }: OverlayFlags, read: () => Promise<Truth>): Promise<Truth> {
  if (botHosts === undefined) return read()

  if (truth !== undefined || labels)
    throw new UserError(
      'option-invalid',
      'more than one option names the bots',
      'Give one of --truth, --labels and --bot-hosts.',
    )

  const wrong = botHosts.find((host) => isIP(host) === 0)

  if (wrong !== undefined)
    throw new UserError('option-invalid', `${wrong} is not an address`, 'Give addresses, comma-separated.')

  const botnet = {
    id: 'overlay',
    family: 'unknown',
    topology: 'undecided',
    hosts: botHosts,
    cnc: [],
    activities: [],
  }

  return { about: 'bots by address', internal: [], botnets: [botnet], benign: null, from: 0, to: 0 }
}

function within(cidrs: readonly string[]): (address: string) => boolean {
  const family = (address: string) => (isIP(address) === 6 ? 'ipv6' : 'ipv4')
  const list = new BlockList()
  for (const cidr of cidrs) {
    const [address = '', bits = ''] = cidr.split('/')
    list.addSubnet(address, Number(bits || (isIP(address) === 6 ? 128 : 32)), family(address))
  }
  return (address) => isIP(address) !== 0 && list.check(address, family(address))
}
