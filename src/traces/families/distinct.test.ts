import { describe, expect, it } from 'vitest'
import { traceOf } from '../../../test/fixtures/trace-of.ts'
import { withoutRepeats } from './distinct.ts'

describe('withoutRepeats', () => {
  const one = traceOf([], { servers: ['203.0.113.1'] })
  const two = traceOf([], { servers: ['203.0.113.2'] })
  const named = (servers: readonly string[]) => traceOf([], { by: 'name', name: 'cc.example', servers })

  it('takes a name in the place of the addresses that it stood for', () => {
    const both = named(['203.0.113.1', '203.0.113.2'])
    expect(withoutRepeats([one, two, both])).toEqual([both])
  })

  it('takes the address where the name stood for that one alone', () => {
    expect(withoutRepeats([one, named(['203.0.113.1'])])).toEqual([one])
  })

  it('keeps an address of another port, and one that the name did not stand for', () => {
    const other = traceOf([], { servers: ['203.0.113.1'], serverPort: 8443 })
    const third = traceOf([], { servers: ['203.0.113.3'] })
    const both = named(['203.0.113.1', '203.0.113.2'])
    expect(withoutRepeats([one, other, third, both])).toHaveLength(3)
  })
})
