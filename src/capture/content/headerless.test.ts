/** Lines without their header are read under the one that they had. */
import { describe, expect, it } from 'vitest'
import { headerless } from './headerless.ts'

/** What the first envelope that knows the text makes of it; null where none does. */
async function opened(text: string): Promise<string | null> {
  const found = headerless.map((each) => each(text)).find((each) => each !== null)
  if (!found) return null
  async function* chunks() {
    yield Buffer.from(text)
  }
  const parts: Buffer[] = []
  for await (const part of found.through(chunks())) parts.push(Buffer.from(part))
  return Buffer.concat(parts).toString()
}

describe('CSV of nfdump, printed with -q', () => {
  const date = '2023-11-14 22:13:50'
  const old = `${date},${date},0.000,10.1.1.7,2001:db8::1,51000,53,UDP,........,0,0,1,61,0,0,7,8\n`
  const named = `${date}.020,00:00:00.700,TCP,10.1.1.7,50123,203.0.113.9,443,5,320,1\n`
  const icmp = `${date}.020,0.000,ICMP,10.1.1.7,0,203.0.113.9,8.0,5,320,1\n`

  it.each([
    ['of 1.7', old, 'ts,te,td,sa,da,sp,dp,pr,flg,fwd,stos,ipkt,ibyt,opkt,obyt,more_1,more_2'],
    ['of 1.7.5', named, 'firstSeen,duration,proto,srcAddr,srcPort,dstAddr,dstPort,packets,bytes,flows'],
    [
      'of 1.7.5 with ICMP',
      icmp,
      'firstSeen,duration,proto,srcAddr,srcPort,dstAddr,dstPort,packets,bytes,flows',
    ],
  ])('%s', async (_, text, header) => {
    expect(await opened(text)).toBe(`${header}\n${text}`)
  })

  it.each([
    ['a header', 'ts,te,td,sa,da,sp,dp,pr,flg\n'],
    ['an address that is none', named.replace('203.0.113.9', 'example.org')],
    ['a cell more', named.replace(',1\n', ',1,x\n')],
  ])('is not taken for it: %s', async (_, text) => {
    expect(await opened(text)).toBeNull()
  })
})
