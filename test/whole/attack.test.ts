/** The smallest form of each attack: what did not hold is printed, with what makes it happen again. */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, describe, expect, it } from 'vitest'
import { createTrials, hold, noTime } from '../../bench/attack/attempt.ts'
import { parts } from '../../bench/attack/index.ts'
import type { Attacked } from '../../bench/attack/page.ts'
import { withLast } from '../../bench/attack/run.ts'
import { difference } from '../../bench/attack/snapshot.ts'

const main = fileURLToPath(new URL('../../bench/main.ts', import.meta.url))

/** Of its own: other tests' commands would say that they removed the folders of what is killed here. */
const temporary = mkdtempSync(join(tmpdir(), 'gannet-attacked-'))
afterAll(() => rmSync(temporary, { recursive: true, force: true }))

describe('the attack', () => {
  it.each(parts.map(({ name }) => name))('%s: everything holds', { timeout: 600_000 }, async (name) => {
    const ran = promisify(execFile)(process.execPath, [main, 'attack', name, '--smallest'], {
      maxBuffer: 1 << 26,
      env: { ...process.env, TMPDIR: temporary },
    })
    const { stdout } = await ran.catch((error: { stdout: string; stderr: string }) => {
      throw new Error(`${error.stdout}\n${error.stderr}`)
    })
    expect(stdout).toMatch(/\d+ [a-z]+, 0 failed/)
  })

  it('would say what does not hold', async () => {
    const trials = createTrials()
    await trials.try('good', () => hold(true, 'no'))
    await trials.try('bad', () => hold(false, 'it is not so'))
    expect([trials.tried(), trials.failed]).toEqual([2, ['bad: it is not so']])
    const attempt = { attack: 'a', tried: 3, of: 'kills', held: 'all', bound: '1 s', failed: [] }
    const last = { setting: { commit: 'abc' }, attempts: [attempt] } as unknown as Attacked
    expect(withLast([{ ...attempt, bound: '2 s' }], last)[0]?.bound).toBe('2 s')
    expect(withLast([{ ...attempt, tried: 0, bound: noTime }], last)).toEqual([
      { ...attempt, bound: '1 s; measured at abc' },
    ])

    const expected = { a: '3 flow 17', b: '1 dns 5' }
    expect(difference({ a: '3 flow 17' }, expected, false)).toBe(null)
    expect(difference({ a: '3 flow 17' }, expected, true)).toBe('b absent')
    expect(difference({ a: '2 flow 17' }, expected, false)).toMatch(/^a shows 2 flow 17/)
    expect(difference({ c: '2 flow 17' }, expected, false)).toMatch(/not nothing/)
  })
})
