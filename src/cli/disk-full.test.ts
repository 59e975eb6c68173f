import { expect, it } from 'vitest'
import { diskFull } from './disk-full.ts'

it('makes of a full disk what a person can fix, and of nothing else', () => {
  const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })
  expect(diskFull(full)).toMatchObject({
    code: 'disk-full',
    message: expect.stringContaining('no space left'),
  })
  expect(diskFull(Object.assign(full, { code: 'EDQUOT', path: '/tmp/x' }))?.message).toBe(
    'no space left for /tmp/x',
  )
  expect(diskFull(new RangeError('ours'))).toBe(null)
  expect(diskFull(undefined)).toBe(null)
})
