/** Allowlists as files: one entry a line (name, address or network; # begins a comment), or a MISP warning list. */
import { readFile } from 'node:fs/promises'
import ipaddr from 'ipaddr.js'
import { UserError } from '../errors.ts'
import type { Allowlist } from '../model/allowlist.ts'
import { parseNetworks } from './networks.ts'

/** Reads and joins the files. @throws UserError list-invalid naming the file and line that cannot be read. */
export async function readAllowlist(paths: readonly string[]): Promise<Allowlist> {
  const entries = (await Promise.all(paths.map(entriesOf))).flat()
  return {
    names: entries.filter(({ text }) => !isNetwork(text)).map(nameOf),
    networks: parseNetworks(entries.filter(({ text }) => isNetwork(text)).map(({ text }) => text)),
  }
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
      `${path} is no JSON`,
      'Give a MISP warning list or one entry a line.',
      error,
    )
  }
  throw new UserError(
    'list-invalid',
    `${path} has no "list" of texts`,
    'Give a MISP warning list or one entry a line.',
  )
}

const isNetwork = (text: string): boolean =>
  ipaddr.isValid(text.split('/')[0]!) && (text.includes('.') ? /^\d+\.\d+\.\d+\.\d+/.test(text) : true)

function nameOf({ text, at }: Entry): string {
  const name = text.replace(/^\*?\./, '').replace(/\.$/, '')
  if (/^[\p{L}\p{N}_-]+(\.[\p{L}\p{N}_-]+)*$/u.test(name)) return name
  throw new UserError(
    'list-invalid',
    `${at} is no name, address or network: ${text.slice(0, 80)}`,
    'Give one entry a line, such as example.com or 192.0.2.0/24.',
  )
}
