import { describe, expect, it } from 'vitest'
import { correcting, type Frame, timeWeighted } from './garcia.ts'

const row = (frame: number, host: string, bot: boolean, flagged: boolean): Frame => ({
  frame,
  host,
  bot,
  flagged,
})

describe('time-weighted measures (Garcia et al. 2014, section 6)', () => {
  it('weigh an early frame by e^(-0.01 n) + 1', () => {
    expect(correcting(1)).toBeCloseTo(1.99005, 5)
    expect(correcting(1000)).toBeCloseTo(1, 4)
  })

  it('are shares of the bots and of the normal addresses of each frame, by hand', () => {
    const result = timeWeighted([
      // Frame 1: one of two bots, one of four clean.
      row(1, 'a', true, true),
      row(1, 'b', true, false),
      row(1, 'n', false, true),
      row(1, 'o', false, false),
      row(1, 'p', false, false),
      row(1, 'q', false, false),
      // Frame 2: the bot, no clean host.
      row(2, 'a', true, true),
      // Frame 3: clean hosts alone.
      row(3, 'n', false, false),
    ])
    expect(result.tTP).toBeCloseTo(correcting(1) / 2 + correcting(2), 12)
    expect(result.tFN).toBeCloseTo(correcting(1) / 2, 12)
    expect(result.tFP).toBeCloseTo(1 / 4, 12)
    expect(result.tTN).toBeCloseTo(3 / 4 + 1, 12)
    const [p, r] = [result.precision!, result.TPR!]
    expect(result.FM1).toBeCloseTo((2 * p * r) / (p + r), 12)
    expect(result.FPR).toBeCloseTo(1 / 8, 12)
  })

  it('give a detector that accuses everybody all recall and no specificity', () => {
    const all = [row(1, 'a', true, true), row(1, 'n', false, true), row(2, 'n', false, true)]
    expect(timeWeighted(all)).toMatchObject({ TPR: 1, FPR: 1, tFN: 0, tTN: 0 })
  })

  it('are null where nothing was there', () => {
    expect(timeWeighted([])).toMatchObject({ TPR: null, FPR: null, FM1: null, frames: 0 })
  })
})
