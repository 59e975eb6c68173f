/** `gannet collect`: flows of exporters, live. */

import { join } from 'node:path'
import type { Command } from 'commander'
import { collect } from '../../capture/collector/collector.ts'
import type { Listen } from '../../capture/collector/messages.ts'
import type { CollectorStatus } from '../../capture/collector/status.ts'
import { UserError } from '../../errors.ts'
import { sayCount } from '../../model/words/say.ts'
import { plainJson } from '../../reports/plain-json.ts'
import { withDatabase } from '../database.ts'
import type { DatabaseFlags } from '../flags.ts'
import { atLeastOne, databaseOptions, collect as listed, sampledOption } from '../options.ts'
import { createProgressLine } from '../progress.ts'
import { print, say } from '../say.ts'
import { withInterrupt } from '../with-interrupt.ts'

export interface CollectFlags extends DatabaseFlags {
  netflow?: string[]
  ipfix?: string[]
  sflow?: string[]
  sampled?: 'refuse' | 'scale'
  clock: 'exporter' | 'receiver'
  rotate: number
  state?: string
  json?: boolean
}

export const collecting = (program: Command) => {
  const command = databaseOptions(
    program.command('collect').description('listen for NetFlow, IPFIX and sFlow until interrupted'),
  )

  command
    .option(
      '--netflow <address>',
      'address to listen on: PORT (loopback only), :PORT (all addresses) or ADDRESS:PORT',
      listed,
    )
    .option('--ipfix <address>', 'same as --netflow; every port accepts every protocol', listed)
    .option('--sflow <address>', 'same as --netflow', listed)

  sampledOption(command)
    .option(
      '--clock <whose>',
      'clock of flow times: the exporter’s, or the receiver’s to correct clock skew',
      clock,
      'exporter',
    )
    .option('--rotate <seconds>', 'seconds between commits', atLeastOne, 60)
    .option(
      '--state <file>',
      'file for templates (default: exporters.json in the database folder; none with --url)',
    )
    .option('--json', 'print a summary as JSON at the end')
    .action((flags: CollectFlags) => run(flags))
}

const clock = (text: string): 'exporter' | 'receiver' => {
  if (text === 'exporter' || text === 'receiver') return text
  throw new UserError(
    'option-invalid',
    `--clock ${text} is neither exporter nor receiver`,
    'Give one of the two.',
  )
}

/** What the flags say of a collector. @throws UserError option-invalid. */
export function collectOptions(flags: CollectFlags) {
  const listen = [flags.netflow, flags.ipfix, flags.sflow].flatMap((each) => each ?? []).map(listenOn)

  if (listen.length === 0)
    throw new UserError(
      'option-invalid',
      'no address to listen on',
      'Give --netflow PORT, --ipfix PORT or --sflow PORT.',
    )

  return {
    listen,
    state: flags.state ?? (flags.db ? join(flags.db, 'exporters.json') : null),
    sampled: flags.sampled ?? ('refuse' as const),
    clock: flags.clock,
    rotateSeconds: flags.rotate,
    rotateRows: 500_000,
  }
}

async function run(flags: CollectFlags): Promise<void> {
  const options = collectOptions(flags)
  const line = createProgressLine(process.stderr)

  try {
    const status = await withDatabase(flags, {}, (store) =>
      withInterrupt((signal) =>
        collect(store, {
          ...options,
          signal,
          listening: ({ address, port, buffer }) => say(`gannet: ${listeningText(address, port, buffer)}`),
          progress: (status) => line.say(progressText(status)),
        }),
      ),
    )
    line.clear()
    print(flags.json ? plainJson(status, 2) : summary(status))
  } finally {
    line.clear()
  }
}

/** @throws UserError option-invalid. */
export function listenOn(text: string): Listen {
  const [, bracketed, plain, port] = /^(?:\[([0-9a-fA-F:.]+)\]:|([\w.-]*):)?(\d{1,5})$/.exec(text) ?? []
  const number = Number(port)
  if (port === undefined || number > 65_535)
    throw new UserError(
      'option-invalid',
      `${text} is not an address to listen on`,
      'Give PORT, :PORT, ADDRESS:PORT or [IPv6]:PORT.',
    )
  if (bracketed) return { address: bracketed, port: number }
  if (plain === undefined) return { address: '127.0.0.1', port: number }
  return { address: plain === '' ? '::' : plain === 'localhost' ? '127.0.0.1' : plain, port: number }
}

function listeningText(address: string, port: number, buffer: number): string {
  const where =
    address === '::'
      ? `all addresses, port ${port}`
      : address.includes(':')
        ? `[${address}]:${port}`
        : `${address}:${port}`
  const only = address === '127.0.0.1' || address === '::1' ? ' (this machine only)' : ''
  return `listening on ${where}${only}; the kernel queues ${Math.round(buffer / 1024)} KiB`
}

const progressText = (status: CollectorStatus): string =>
  [
    `${sayCount(status.datagrams)} datagrams`,
    `${sayCount(status.records)} records`,
    `${sayCount(status.flows)} flows`,
    `${sayCount(status.open)} open`,
    ...(status.rejects > 0 ? [`${sayCount(status.rejects)} rejected`] : []),
    ...lossText(status),
  ].join('  ')

function lossText({ lost }: CollectorStatus): string[] {
  const parts = [
    ...(lost.numbering > 0 ? [`${sayCount(lost.numbering)} missing in the numbering`] : []),
    ...(lost.kernel ? [`${sayCount(lost.kernel)} dropped by the kernel`] : []),
    ...(lost.queue > 0 ? [`${sayCount(lost.queue)} dropped while the engine was busy`] : []),
  ]
  return parts.length > 0 ? [`lost: ${parts.join(', ')}`] : []
}

function summary(status: CollectorStatus): string {
  const lines = [
    `${sayCount(status.datagrams)} datagrams, ${sayCount(status.records)} ` +
      `records in ${sayCount(status.flows)} flows, ${sayCount(status.rejects)} rejected`,
    ...(lossText(status).length > 0 ? lossText(status) : ['lost: nothing that was reported']),
  ]

  for (const each of status.exporters) {
    const notes = [
      `${sayCount(each.records)} records in ${sayCount(each.datagrams)} datagrams`,
      ...(each.lost > 0 ? [`${sayCount(each.lost)} missing`] : []),
      ...(each.rate > 1 ? [`1 packet in ${each.rate} is sampled`] : []),
      ...(each.early > 0 ? [`${sayCount(each.early)} records came before it announced sampling`] : []),
      ...(each.backwards > 0 ? [`${sayCount(each.backwards)} records ended before they began`] : []),
      ...(each.clockBehind !== 0
        ? [`its clock is ${Math.abs(each.clockBehind)} s ${each.clockBehind > 0 ? 'behind' : 'ahead'}`]
        : []),
    ]
    const who = each.port > 0 ? `${each.from} port ${each.port}` : each.from
    lines.push(`  ${who} ${each.protocol} ${each.domain}: ${notes.join(', ')}`)
  }

  return lines.join('\n')
}
