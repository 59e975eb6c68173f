/** Every form of flows, written and read back; whole or not at all. */
import { execFileSync } from 'node:child_process'
import {
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openReading, type Reading, type Row } from '../../../test/contracts/reading.ts'
import { connLog } from '../../../test/fixtures/written-logs.ts'
import { readerFor } from '../index.ts'
import { openInput } from '../input.ts'
import { type Conversion, formOf, writeFlows } from './convert.ts'
import { type FlowForm, flowForms } from './flow-formats.ts'
import { createFlowWriter } from './flow-writer.ts'
import { hasRowForm } from './row-forms.ts'

const goldenEve = fileURLToPath(new URL('../../../test/golden/suricata-eve/input.json', import.meta.url))

let reading: Reading
let folder: string
beforeAll(async () => {
  reading = await openReading()
  folder = mkdtempSync(join(tmpdir(), 'gannet-flows-'))
})
afterAll(async () => {
  await reading.close()
  rmSync(folder, { recursive: true, force: true })
})

const given = (name: string, text: string): string => {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

/** Flows of every kind that hurts: no counts, ICMP, IPv6, texts that mean something elsewhere, all outcomes. */
const odd = `start,duration,proto,client,clientPort,server,serverPort,clientPackets,clientBytes,serverPackets,serverBytes,outcome,state,service,uid,label
2024-03-12T00:01:22.211154Z,652.379099,tcp,10.20.1.89,50421,77.86.161.161,6667,17,941,15,2593,established,RSTO,irc,CNKixHrfwVvXl0vl,
1969-12-31T23:59:59Z,0,tcp,10.20.1.89,50421,77.86.161.161,6667,17,941,15,2593,established,RSTO,irc,before 1970,
1970-01-01T00:00:00.000001Z,0.000001,udp,::1,1,2001:db8::5,65535,0,0,999999999999999,999999999999999,reversed,SHR,,"a ""b"", c",-
2024-03-12T00:01:23Z,0,icmp,fe80::1,0,fe80::2,2048,1,60,,,unanswered,OTH,,(empty),"tab\\there"
2024-03-12T00:01:24Z,9007199.254741,sctp,10.0.0.1,0,10.0.0.2,0,,,,,unknown,OTH,ütf ☃,x\\x41\\\\,Botnet
2024-03-12T00:01:25Z,3,tcp,10.0.0.1,5,10.0.0.2,6,2,120,2,80,refused,REJ,,u,
`
const input = () => given('odd.csv', odd)

const without = ({ position: _, ...row }: Row) => row
const key = (row: object) => JSON.stringify(row)
const rowsIn = async (path: string) => {
  const reader = readerFor((await openInput(path)).head)
  const { rows, rejects } = await reading.readPath(reader!, path)
  return { rows: rows.map(without).toSorted((a, b) => (key(a) < key(b) ? -1 : 1)), rejects }
}
const convert = (paths: readonly string[], out: string) =>
  writeFlows(reading.store, paths, { form: formOf(undefined, out), out })

describe.each(flowForms.map((form) => [form.name, form] as const))('flows as %s', (name, form) => {
  it('are read back as they were', async () => {
    const out = join(folder, `odd-out${form.endings[0]}`)
    const done = await convert([input()], out)
    expect(done.inputs).toMatchObject([{ format: 'csv', flows: 5, rejects: { 'bad-time': 1 } }])
    expect((await rowsIn(out)).rejects).toEqual({})
    expect((await rowsIn(out)).rows).toEqual((await rowsIn(input())).rows)
    expect(readdirSync(folder).filter((each) => each.startsWith('.gannet'))).toEqual([])
  })

  it('of a Zeek log are read back as they were', async () => {
    const log = given('conn.log', connLog(0, 500))
    const out = join(folder, `zeek-out${form.endings[0]}`)
    await convert([log, given('more.log', connLog(600, 7))], out)
    const { rows } = await rowsIn(out)
    expect(rows).toHaveLength(507)
    expect(rows.filter((row) => key(row).includes('"_')).length).toBe(0)
    expect(rows).toEqual(expect.arrayContaining((await rowsIn(log)).rows.slice(0, 50)))
  })

  it('are an empty whole where there is none', async () => {
    const out = join(folder, `none${form.endings[0]}`)
    const none = given('none.csv', `${odd.split('\n')[0]}\n`)
    expect((await convert([none], out)).inputs).toMatchObject([{ flows: 0 }])
    expect(existsSync(out)).toBe(true)
    if (name !== 'jsonl') expect((await rowsIn(out)).rows).toEqual([])
  })
})

describe('rows that no engine parsed', () => {
  const row = (i: number, more: object = {}) => ({
    position: i,
    start: 1_700_000_000_123_456 + i,
    duration: i * 12_345_678,
    proto: 'tcp',
    client: '10.0.0.7',
    clientPort: 40_000,
    server: '2001:db8::9',
    serverPort: 443,
    packets: 3,
    bytes: 120,
    clientPackets: 2,
    clientBytes: 80,
    serverPackets: 1,
    serverBytes: 40,
    outcome: 'established',
    state: 'SF',
    service: 'ssl',
    uid: `P${i}`,
    label: '',
    tunnel: '',
    ...more,
  })
  const rows = [
    row(0),
    row(1, { duration: 1, start: 1 }),
    row(2, { duration: 9_007_199_254_740_991, packets: null, bytes: null, clientPackets: null }),
    row(3, { serverBytes: 999_999_999_999_999, client: '::', server: '::1' }),
    row(4, { client: '2001:db8:0:0:1:0:0:1', server: 'fe80::1', tunnel: 'vxlan 10.0.0.1>2001:db8::1' }),
    row(5, {
      uid: 'a "b", c/d',
      label: 'tab\there, line\nend, back\\slash \u0001\u001f',
      service: 'ütf ☃ \u2028',
    }),
    row(6, { client: '::ffff:1.2.3.4', server: '64:ff9b::1.2.3.4', label: '\\N', uid: '\r\0\b\f' }),
  ]

  it.each(flowForms.map((form) => [form.name, form] as const))(
    'are put into %s as the engine does it, byte for byte',
    async (name, form) => {
      const written = async (by: FlowForm, out: string) => {
        const writer = await createFlowWriter(reading.store, { form: by, out: join(folder, out) })
        await writer.rows(rows)
        await writer.keep()
        await writer.finish()
        await writer.close()
        return readFileSync(join(folder, out))
      }
      const here = await written(form, `here.${name}`)
      expect(here).toEqual(await written({ ...form, name: 'engine' as never }, `engine.${name}`))
      expect(hasRowForm(form)).toBe(name === 'csv' || name === 'jsonl')
    },
  )
})

describe('the output', () => {
  it('stays as it was where an input is no good, and nothing is left beside it', async () => {
    const out = given('kept.csv', 'what was there before')
    await expect(
      convert([input(), given('junk.log', `${connLog(0, 1)}${'junk\n'.repeat(9)}`)], out),
    ).rejects.toMatchObject({ code: 'input-mostly-rejected' })
    await expect(convert([join(folder, 'nowhere')], out)).rejects.toMatchObject({ code: 'input-missing' })
    expect(readFileSync(out, 'utf8')).toBe('what was there before')
    expect(readdirSync(folder).filter((each) => each.startsWith('.gannet'))).toEqual([])
  })

  it('goes through a pipe, to a device and where a link leads, none of which it replaces', async () => {
    const [pipe, link, target] = ['pipe.csv', 'link.csv', 'target.csv'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ]
    execFileSync('mkfifo', [pipe])
    const read = readFile(pipe, 'utf8')
    await convert([input()], pipe)
    const whole = await read
    expect(whole.split('\n').length).toBeGreaterThan(5)
    expect(lstatSync(pipe).isFIFO()).toBe(true)

    symlinkSync('target.csv', link)
    await convert([input()], link)
    expect(readFileSync(target, 'utf8')).toBe(whole)
    expect(lstatSync(link).isSymbolicLink()).toBe(true)

    const before = statSync('/dev/null')
    await writeFlows(reading.store, [input()], { form: formOf('csv', ''), out: '/dev/null' })
    expect([statSync('/dev/null').ino, statSync('/dev/null').isCharacterDevice()]).toEqual([before.ino, true])
  })

  it('has nothing of a file in a directory that turns out to be no good', async () => {
    const mixed = mkdtempSync(join(folder, 'mixed-'))
    writeFileSync(join(mixed, 'a.log'), connLog(0, 3))
    writeFileSync(join(mixed, 'b.log'), `${connLog(5, 2)}${'junk\n'.repeat(9)}`)
    writeFileSync(join(mixed, 'c.log'), connLog(9, 4))
    const out = join(folder, 'mixed.csv')
    const { inputs, skipped } = await convert([mixed], out)
    expect(inputs.map(({ flows }) => flows)).toEqual([3, 4])
    expect(skipped).toHaveLength(1)
    expect((await rowsIn(out)).rows).toHaveLength(7)
  })

  it('may be a stream, which it does not end', async () => {
    const chunks: Buffer[] = []
    const out = new Writable({
      write(chunk: Buffer, _, done) {
        chunks.push(chunk)
        done()
      },
    })
    await writeFlows(reading.store, [input()], { form: formOf('jsonl', '-'), out })
    expect(out.writableEnded).toBe(false)
    expect(
      Buffer.concat(chunks)
        .toString()
        .trimEnd()
        .split('\n')
        .map((each) => JSON.parse(each).proto),
    ).toEqual(expect.arrayContaining(['tcp', 'udp', 'icmp', 'sctp', 'tcp']))
  })

  it('must be a place that can be written, and of a form that is known', async () => {
    await expect(convert([input()], join(folder, 'nowhere', 'x.csv'))).rejects.toMatchObject({
      code: 'output-failed',
    })
    expect(() => formOf(undefined, 'flows.xlsx')).toThrowError(/does not show a format/)
  })
})

it.each([
  ['zeek', connLog(0, 400).replace(/\tssl\t/, '\tssl\t\t')],
  ['suricata', `${readFileSync(goldenEve, 'utf8').trimEnd()}\n`.repeat(60)],
])('gives the same flows of a long %s file in stretches, and tells the same of it', async (name, text) => {
  const path = given(`long-${name}.log`, text)
  const whole = await convert([path], join(folder, `whole-${name}.csv`))
  const out = join(folder, `stretches-${name}.csv`)
  const stretches = { own: 4000, beside: text.length }
  const cut = await writeFlows(reading.store, [path], { form: formOf(undefined, out), out, stretches })
  // Samples of rejects come in the order in which they were met.
  const summary = ({ inputs, skipped }: Conversion) => ({
    inputs: inputs.map((each) => ({
      ...each,
      rejectSamples: each.rejectSamples.toSorted((a, b) => a.position - b.position),
    })),
    skipped,
  })
  expect(summary(cut)).toEqual(summary(whole))
  expect(whole.inputs[0]!.flows).toBeGreaterThan(100)
  const sorted = (file: string) => readFileSync(join(folder, file), 'utf8').split('\n').toSorted()
  expect(sorted(`stretches-${name}.csv`)).toEqual(sorted(`whole-${name}.csv`))
})
