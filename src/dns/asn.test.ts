import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { mmdb } from '../../test/fixtures/mmdb.ts'
import { networkOf, openPlaces } from './asn.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gannet-mmdb-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

const written = (name: string, bytes: Buffer): string => {
  writeFileSync(join(folder, name), bytes)
  return join(folder, name)
}

it('reads systems and countries from databases of both', async () => {
  const systems = written(
    'asn.mmdb',
    mmdb('GeoLite2-ASN', { '203.0.0.0/16': { autonomous_system_number: 64_500 } }),
  )
  const countries = written(
    'country.mmdb',
    mmdb('GeoLite2-Country', { '203.0.0.0/8': { country: { iso_code: 'NZ' } } }),
  )
  const places = await openPlaces([systems, countries])
  expect(places.knowsAs).toBe(true)
  expect(places.placeOf('203.0.113.9')).toEqual({ as: 64_500, country: 'NZ' })
  expect(places.placeOf('203.1.113.9')).toEqual({ as: null, country: 'NZ' })
  expect(places.placeOf('198.51.100.1')).toEqual({ as: null, country: null })
  expect(places.placeOf('2001:db8::1')).toEqual({ as: null, country: null })
  expect((await openPlaces([countries])).knowsAs).toBe(false)
  expect(places.ownerOf('203.0.113.9')).toBe('AS64500')
  // What the database does not know is asked of the packaged table.
  expect(places.ownerOf('8.8.8.8')).toBe('Google Public DNS')
  expect(places.ownerOf('198.51.100.1')).toBeNull()
})

it('knows nothing without one, and says which file is none', async () => {
  expect((await openPlaces([])).placeOf('203.0.113.9')).toEqual({ as: null, country: null })
  const bad = written('bad.mmdb', Buffer.from('no database'))
  await expect(openPlaces([bad])).rejects.toMatchObject({ code: 'mmdb-unreadable' })
  await expect(openPlaces([join(folder, 'absent')])).rejects.toMatchObject({ code: 'mmdb-unreadable' })
})

it('takes the /16 and the /32 for the network', () => {
  expect(networkOf('203.0.113.9')).toBe('203.0')
  expect(networkOf('2001:db8:1::9')).toBe('2001:db8')
})
