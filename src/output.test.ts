/** What a person names as output is written, whatever stands there, and nothing is replaced that is no file. */
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openPlace, outputPlace, putInPlace, writeOutput } from './output.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gannet-output-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const at = (name: string) => join(folder, name)
const text = (name: string) => readFileSync(at(name), 'utf8')

/** A device like /dev/null in the folder, where the system lets us make one. */
const device = (): string | null => {
  try {
    execFileSync('mknod', [at('null'), 'c', '1', '3'], { stdio: 'ignore' })
    writeFileSync(at('null'), 'x')
    return at('null')
  } catch {
    return null
  }
}

describe('an output', () => {
  it('is a new file, and nothing is left beside it', async () => {
    await writeOutput(at('new.txt'), 'content')
    expect(text('new.txt')).toBe('content')
    expect(readdirSync(folder)).toEqual(['new.txt'])
  })

  it('takes the place of a file, and keeps its permissions', async () => {
    writeFileSync(at('old.txt'), 'before')
    chmodSync(at('old.txt'), 0o640)
    await writeOutput(at('old.txt'), 'after')
    expect(text('old.txt')).toBe('after')
    expect(statSync(at('old.txt')).mode & 0o777).toBe(0o640)
  })

  it('goes where a link leads, and the link stays', async () => {
    mkdirSync(at('there'))
    writeFileSync(at('there/file'), 'before')
    symlinkSync('there/file', at('link'))
    symlinkSync('there/nothing-yet', at('dangling'))
    await writeOutput(at('link'), 'one')
    await writeOutput(at('dangling'), 'two')
    expect(lstatSync(at('link')).isSymbolicLink() && lstatSync(at('dangling')).isSymbolicLink()).toBe(true)
    expect([text('there/file'), text('there/nothing-yet')]).toEqual(['one', 'two'])
  })

  it('is seen under every name of a file', async () => {
    writeFileSync(at('one'), 'before, and longer than what comes after')
    linkSync(at('one'), at('other'))
    await writeOutput(at('one'), 'after')
    expect(text('other')).toBe('after')
  })

  it('goes into a pipe that somebody reads', async () => {
    execFileSync('mkfifo', [at('pipe')])
    const read = import('node:fs/promises').then(({ readFile }) => readFile(at('pipe'), 'utf8'))
    await writeOutput(at('pipe'), 'through the pipe')
    expect(await read).toBe('through the pipe')
    expect(lstatSync(at('pipe')).isFIFO()).toBe(true)
  })

  it('goes to a device, which stays one', async () => {
    const before = statSync('/dev/null')
    await writeOutput('/dev/null', 'nothing')
    expect([statSync('/dev/null').ino, statSync('/dev/null').isCharacterDevice()]).toEqual([before.ino, true])
    const own = device()
    if (own === null) return
    await writeOutput(own, 'nothing')
    expect(lstatSync(own).isCharacterDevice()).toBe(true)
    const place = await outputPlace(own)
    expect(place.kind).toBe('stream')
    await new Promise<void>((done) => openPlace(place).end('x', () => done()))
    expect(lstatSync(own).isCharacterDevice()).toBe(true)
  })

  it('is no folder', async () => {
    await expect(writeOutput(folder, 'x')).rejects.toMatchObject({ code: 'output-failed' })
    await expect(writeOutput(at('nowhere/file'), 'x')).rejects.toMatchObject({ code: 'output-failed' })
  })

  it('that was finished elsewhere is moved to its place', async () => {
    writeFileSync(at('finished'), 'whole')
    await putInPlace(at('finished'), await outputPlace(at('wanted')))
    expect(text('wanted')).toBe('whole')
  })
})
