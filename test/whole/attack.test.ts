/** The smallest form of each attack: what did not hold is printed, with what makes it happen again. */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { createTrials, filled, hold, notTried } from '../../bench/attack/attempt.ts'
import { parts } from '../../bench/attack/index.ts'
import { type Run, runsOn, withRun } from '../../bench/attack/runs.ts'
import { difference } from '../../bench/attack/snapshot.ts'

const main = fileURLToPath(new URL('../../bench/main.ts', import.meta.url))

describe('the attack', () => {
  it.each(parts.map(({ name }) => name))('%s: everything holds', { timeout: 600_000 }, async (name) => {
    const ran = promisify(execFile)(process.execPath, [main, 'attack', name, '--smallest'], {
      maxBuffer: 1 << 26,
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
    const expected = { a: '3 flow 17', b: '1 dns 5' }
    expect(difference({ a: '3 flow 17' }, expected, false)).toBe(null)
    expect(difference({ a: '3 flow 17' }, expected, true)).toBe('b absent')
    expect(difference({ a: '2 flow 17' }, expected, false)).toMatch(/^a shows 2 flow 17/)
    expect(difference({ c: '2 flow 17' }, expected, false)).toMatch(/not nothing/)
  })

  it('adds what was counted on the same code, and nothing else', () => {
    const run = (at: string, code: string | null) => ({ at, code }) as Run
    const attempt = {
      ...{ attack: 'a', tried: 3, of: 'kills', held: 'all', bound: '{done} done, {slowest} s', failed: [] },
      ...{ figures: { done: 1, slowest: 5 }, most: ['slowest'] },
    }
    const first = withRun(attempt, run('1', 'x'), [])
    const more = { ...attempt, figures: { done: 2, slowest: 4 }, failed: ['b'] }

    const both = withRun(more, run('2', 'x'), [first])
    expect(both).toMatchObject({ tried: 6, figures: { done: 3, slowest: 5 }, failed: ['b'] })
    expect(filled(both.bound, both.figures)).toBe('3 done, 5 s')
    expect([runsOn('x', [both, first]), runsOn('y', [both]), runsOn(null, [both])]).toEqual([2, 0, 0])

    const alone = { tried: 3, runs: [run('2', 'y')] }
    expect(withRun(more, run('2', 'y'), [first])).toMatchObject(alone)
    expect(withRun(more, run('2', null), [withRun(attempt, run('1', null), [])]).tried).toBe(3)
    const { figures: _, ...uncounted } = attempt
    expect(withRun(uncounted, run('2', 'x'), [first]).tried).toBe(3)
    expect(withRun(notTried('a', 'kills'), run('2', 'y'), [first])).toBe(first)
  })
})
