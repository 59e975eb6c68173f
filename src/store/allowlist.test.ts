import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { readAllowlist } from './allowlist.ts'

const folder = mkdtempSync(join(tmpdir(), 'gannet-allowlist-'))
afterAll(() => rmSync(folder, { recursive: true }))

function read(text: string) {
  const path = join(folder, 'list.txt')
  writeFileSync(path, text)
  return readAllowlist([path])
}

it('takes names, addresses, networks and services', async () => {
  const list = await read(
    '# ours\nexample.com\n192.0.2.0/24\n2001:db8::1\n192.0.2.7:9100\n[2001:db8::2]:22\nPrinter.example.com:631 # here\n',
  )
  expect(list.names).toEqual(['example.com'])
  expect(list.networks.cidrs).toEqual(['192.0.2.0/24', '2001:db8::1'])
  expect(list.services?.map(({ name, networks, port }) => [name ?? networks.cidrs[0], port])).toEqual([
    ['192.0.2.7', 9100],
    ['2001:db8::2', 22],
    ['printer.example.com', 631],
  ])
})

it.each(['example.com:66000', 'a b', '192.0.2.7:x'])('refuses %s', async (entry) => {
  await expect(read(entry)).rejects.toMatchObject({ code: 'list-invalid' })
})
