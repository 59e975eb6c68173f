/**
 * Allowlists as files: one entry a line (name, address, network, or one of these with `:port`; # begins a
 * comment), or a MISP warning list.
 */
import { readFile } from 'node:fs/promises'
import ipaddr from 'ipaddr.js'
import { UserError } from '../errors.ts'
import type { AllowedService, Allowlist } from '../model/allowlist.ts'
import { parseNetworks } from './networks.ts'

/** Reads and joins the files. @throws UserError list-invalid naming the file and line that cannot be read. */
export async function readAllowlist(paths: readonly string[]): Promise<Allowlist> {
  const entries = (await Promise.all(paths.map(entriesOf))).flat()
  const whole = entries.filter(({ text }) => portOf(text) === null)
  return {
    names: whole.filter(({ text }) => !isNetwork(text)).map(nameOf),
    networks: parseNetworks(whole.filter(({ text }) => isNetwork(text)).map(({ text }) => text)),
    services: entries.flatMap((entry) => serviceOf(entry) ?? []),
  }
}

/** `host:port`, where the host is a name, an IPv4 address or network, or an IPv6 one in brackets. */
const service = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/

function portOf(text: string): number | null {
  const port = Number(service.exec(text)?.[3] ?? Number.NaN)
  return port <= 65_535 ? port : null
}

function serviceOf({ text, at }: Entry): AllowedService | null {
  const port = portOf(text)
  if (port === null) return null

  const [, bracketed, plain] = service.exec(text) ?? []
  const host = bracketed ?? plain ?? ''
  return isNetwork(host)
    ? { name: null, networks: parseNetworks([host]), port }
    : { name: nameOf({ text: host, at }), networks: parseNetworks([]), port }
}

interface Entry {
  readonly text: string
  readonly at: string
}

async function entriesOf(path: string): Promise<Entry[]> {
  const content = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new UserError('list-invalid', `the list ${path} cannot be read`, 'Check the path.', error)
  })
  if (content.trimStart().startsWith('{')) return mispEntries(path, content)
  return content
    .split('\n')
    .map((line, i) => ({ text: line.replace(/#.*/, '').trim().toLowerCase(), at: `${path}:${i + 1}` }))
    .filter(({ text }) => text !== '')
}

function mispEntries(path: string, content: string): Entry[] {
  try {
    const { list } = JSON.parse(content) as { list: unknown }
    if (Array.isArray(list) && list.every((each) => typeof each === 'string')) {
      return list.map((each: string, i) => ({ text: each.trim().toLowerCase(), at: `${path}: list[${i}]` }))
    }
  } catch (error) {
    throw new UserError(
      'list-invalid',
      `${path} is not JSON`,
      'Give a MISP warning list, or one entry per line.',
      error,
    )
  }

  throw new UserError(
    'list-invalid',
    `${path} has no "list" of texts`,
    'Give a MISP warning list, or one entry per line.',
  )
}

const isNetwork = (text: string): boolean =>
  ipaddr.isValid(text.split('/')[0]!) && (text.includes('.') ? /^\d+\.\d+\.\d+\.\d+/.test(text) : true)

function nameOf({ text, at }: Entry): string {
  const name = text.replace(/^\*?\./, '').replace(/\.$/, '')
  if (/^[\p{L}\p{N}_-]+(\.[\p{L}\p{N}_-]+)*$/u.test(name)) return name
  throw new UserError(
    'list-invalid',
    `${at} is not a name, address, network or service: ${text.slice(0, 80)}`,
    'Give one entry per line, such as example.com, 192.0.2.0/24 or 192.0.2.7:9100.',
  )
}
