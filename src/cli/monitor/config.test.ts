import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Command } from 'commander'
import { expect, it } from 'vitest'
import { createProgram } from '../program.ts'
import { keyOf, parseConfig, sections } from './config.ts'
import { keysText, shownOf } from './config-command.ts'

const parse = (text: string) => parseConfig(text, 'monitor.yaml')
const valid = 'database:\n  db: x\n'

it('gives what the command line would give', () => {
  const config = parse(`${valid}collect:
  netflow: [":2055", "9995"]
watch:
  folder: logs
  every: 5
analyze:
  every: 15m
  f1: false
  set:
    horizontal-scan.serversInHour: 5
  internal: [10.0.0.0/8, 192.0.2.0/24]
prune:
  keep: 30d
  max-disk: 2TB
serve:
`)
  expect(config).toMatchObject({
    database: { db: 'x' },
    monitor: { listen: '127.0.0.1:8481' },
    collect: { db: 'x', netflow: [':2055', '9995'], rotate: 60, clock: 'exporter' },
    watch: { folder: ['logs'], every: 5, settle: 30 },
    analyze: { every: 900e6, f1: false, f2: true, set: { 'horizontal-scan.serversInHour': 5 } },
    prune: { keep: 30 * 86_400e6, maxDisk: 2e12, every: 3600e6 },
    serve: { listen: '127.0.0.1:8480' },
  })
  expect(config.analyze.internal).toEqual(['10.0.0.0/8', '192.0.2.0/24'])
  expect(parse(valid).analyze).toMatchObject({ every: 3600e6, f1: true, db: 'x' })
})

it.each([
  ['an unknown section', `${valid}colect:\n  netflow: 1\n`, 3, 'no section colect'],
  ['an unknown key', `${valid}analyze:\n  every: 1h\n  intern: 10.0.0.0/8\n`, 5, 'analyze has no key intern'],
  ['a value out of range', `${valid}collect:\n  netflow: 1\n\n  rotate: 0\n`, 6, 'collect.rotate'],
  ['a text for a number', `${valid}watch:\n  folder: x\n  every: often\n`, 5, 'watch.every'],
  ['a choice that is none', `${valid}analyze:\n  sensitivity: all\n`, 4, 'analyze.sensitivity'],
  ['no boolean', `${valid}analyze:\n  f2: maybe\n`, 4, 'Give true or false'],
  [
    'an address that cannot be',
    `${valid}collect:\n  netflow:\n    - x:y\n`,
    4,
    'not an address to listen on',
  ],
  [
    'a setting of no rule',
    `${valid}analyze:\n  set:\n    scan.least: 5\n`,
    4,
    'no activity rule has scan.least',
  ],
  ['an alert that goes nowhere', `${valid}analyze:\n  alert: gopher://x\n`, 4, 'analyze.alert'],
  ['a time without unit', `${valid}prune:\n  keep: 30\n`, 4, 'a time such as 30d'],
  ['two values for one', `${valid}analyze:\n  html: [a, b]\n`, 4, 'one value'],
  ['broken YAML', `${valid}analyze: [\n`, 4, 'Flow sequence in block collection .* ]$'],
  ['keys beside a section', `${valid}serve: 8480\n`, 3, 'serve has no keys'],
  ['no database', 'serve:\n', 1, 'database needs db or url'],
  ['two databases', 'database:\n  db: x\n  url: http://x\n', 1, 'database has both db and url'],
  ['a capture of nothing', `${valid}capture:\n`, 1, 'capture needs interface or fifo'],
  ['two captures', `${valid}capture: {interface: a, fifo: b}\n`, 1, 'capture has both interface and fifo'],
  ['a watch of nothing', `${valid}watch:\n  every: 5\n`, 1, 'watch names no folder'],
  ['a collector without an address', `${valid}collect:\n  rotate: 5\n`, 1, 'collect names no address'],
  ['a limit that is none', `${valid}prune:\n  every: 1h\n`, 1, 'prune names no limit'],
  [
    'a network that is none',
    `${valid}analyze:\n  internal: [foo]\n`,
    4,
    'analyze.internal: not a network: foo',
  ],
  ['a host that is none', `${valid}analyze:\n  scanners: [300.1.1.1]\n`, 4, 'analyze.scanners'],
  [
    'two that listen on one port',
    `${valid}serve: {listen: 127.0.0.1:8481}\n`,
    1,
    'monitor.listen and serve.listen',
  ],
  [
    'one that listens on all addresses',
    `${valid}serve: {listen: '[::]:8481'}\n`,
    1,
    'are the same address and port',
  ],
  [
    'two protocols on one port',
    `${valid}collect: {netflow: 9995, sflow: 9995}\n`,
    1,
    'collect.netflow and collect.sflow',
  ],
  [
    'decisions that are not there',
    `${valid}analyze: {decisions: absent.yaml}\n`,
    1,
    'there is no file absent.yaml',
  ],
  ['nothing', '', 1, 'no section'],
])('names the line of %s', (_, text, line, what) => {
  expect(() => parse(text)).toThrow(expect.objectContaining({ code: 'config-invalid' }))
  expect(() => parse(text)).toThrow(new RegExp(`^monitor\\.yaml:${line}: .*${what}`))
})

/** Options that print once and end, and those that `database` has. */
const without = /^(db|url|cluster|json|limit|verbose|fail-on|dry-run|analyze-every)$/

it.each(['collect', 'watch', 'analyze', 'prune', 'serve'])(
  'has a key for each option of %s',
  async (name) => {
    const program = await createProgram([name])
    const command = program.commands.find((each) => each.name() === name) as Command
    const keys = new Set([...sections[name]!, ...sections['analyze']!].map(keyOf))
    const missing = command.options.map(keyOf).filter((key) => !without.test(key) && !keys.has(key))
    expect(command.options.length).toBeGreaterThan(3)
    expect(missing).toEqual([])
  },
)

it.each(['packaging/monitor.yaml', 'packaging/demo.yaml', 'docs/reference/monitor.md'])(
  'takes the example of %s',
  (path) => {
    const text = readFileSync(fileURLToPath(new URL(`../../../${path}`, import.meta.url)), 'utf8')
    const blocks = path.endsWith('.md')
      ? [...text.matchAll(/^```yaml\n(.*?)^```/gms)].map(([, block]) => block!)
      : [text]
    expect(blocks.length).toBeGreaterThan(0)
    for (const block of blocks) expect(parse(block).database).toBeDefined()
  },
)

it('shows no secret of a file', () => {
  const text = `database: {url: 'http://u:se:cret@a:8123/g,http://u:secret@b:8123/g'}
analyze: {alert: ['mailto:a@example.com?smtp=smtp://u:secret@mail', 'https://u:secret@chat.example/']}
serve: {token: secret-secret-secret}
`
  const shown = JSON.stringify(shownOf(parseConfig(text, 'file')))
  expect(shown).toContain('a:8123/g,http://u:…@b:8123/g')
  expect(shown).toContain('chat.example')
  expect(shown).not.toMatch(/cret/)
})

it('shows times and sizes as a user writes them', () => {
  const text = `${valid}analyze: {every: 1m}
prune: {every: 90m, keep: 30d, max-disk: 1500GB, keep-findings: 0.5m}
`
  expect(shownOf(parse(text))).toMatchObject({
    analyze: { every: '1m' },
    prune: { every: '90m', keep: '30d', 'max-disk': '1500GB', 'keep-findings': '0.5m' },
  })
})

it('says of each key what it means, and of one that takes away which value does', () => {
  const lines = keysText().split('\n')
  expect(lines.filter((line) => /: *$/.test(line) && line.startsWith(' '))).toEqual([])
  expect(lines).toContain('  f1: false: keep flows that are not from inside to outside')
})

it.each(['prune: {keep: 30}', 'analyze: {every: soon}', 'analyze: {f1: maybe}'])(
  'points from %s to what lists its key',
  (section) => {
    expect(() => parse(`${valid}${section}\n`)).toThrow(
      expect.objectContaining({ hint: expect.stringContaining('gannet config keys') }),
    )
  },
)

it('takes decisions that the pages will write, and one port of two protocols', () => {
  const text = `${valid}monitor: {listen: 8481}
collect: {netflow: 8481}
serve: {listen: 127.0.0.2:8481, decisions: absent.yaml}
analyze: {decisions: absent.yaml}
`
  expect(parse(text).analyze.decisions).toBe('absent.yaml')
})
