import { describe, expect, it } from 'vitest'
import { oddnessOf, toolPorts } from './ports.ts'

const stream = (serverPort: number, via: 'outside' | 'inside' = 'outside') =>
  oddnessOf({ proto: 'tcp', serverPort, via })

describe('a port of no common service', () => {
  it.each([443, 5222, 10051, 9997, 6514, 8140, 9102, 55415])(
    'is not %i, which services or agents use',
    (port) => {
      expect(stream(port)).toBe(0)
    },
  )

  it.each([4444, 6667, 7010, 2202, 9104, 16464, 10052])('is %i', (port) => expect(stream(port)).toBe(1))

  it('counts less if a second web server uses it, and not at all inside for a database', () => {
    expect(stream(8443)).toBe(0.7)
    expect([stream(5432), stream(5432, 'inside')]).toEqual([1, 0])
  })

  it('is each port of a remote-control tool', () => {
    for (const port of toolPorts) expect(stream(port)).toBe(1)
  })
})
