import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { freeAfterWork } from './free-after-work.ts'

/** Uses so many milliseconds of processor time. */
function work(milliseconds: number): void {
  const before = process.cpuUsage()
  while (process.cpuUsage(before).user < milliseconds * 1000);
}

/** Something that only a weak reference holds. */
const left = () => new WeakRef(new Uint8Array(1 << 20))

it('collects what work has left, and nothing while there is none', async () => {
  const stop = freeAfterWork({ every: 150, work: 300 })
  try {
    await sleep(200)
    const idle = left()
    await sleep(400)
    expect(idle.deref() === undefined).toBe(false)

    const worked = left()
    work(400)
    await sleep(400)
    expect(worked.deref() === undefined).toBe(true)
  } finally {
    stop()
  }
})
