import { expect, it } from 'vitest'
import { mapOf, profileOf } from './profile.ts'

it('says a profile as --map takes it, with fields in turn, units and what is set', () => {
  const map = 'ts=start:ms,time=start:ms,src=client,dst=server,dport=serverPort,"tcp"=proto'
  expect(mapOf(profileOf([map]))).toBe(map)
  expect(profileOf([mapOf(profileOf([map]))])).toEqual(profileOf([map]))
})
