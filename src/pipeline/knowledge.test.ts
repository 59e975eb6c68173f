import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, expect, it } from 'vitest'
import { mmdb } from '../../test/fixtures/mmdb.ts'
import { defaults } from '../config.ts'
import { ownerOf, popularityOf } from '../knowledge/index.ts'
import { openKnowledge } from './knowledge.ts'

const folder = mkdtempSync(join(tmpdir(), 'gannet-knowledge-'))
afterAll(() => rmSync(folder, { recursive: true }))
afterEach(() => openKnowledge(defaults))

it("puts the user's database and popular domains before the package, for one analysis", async () => {
  const systems = join(folder, 'asn.mmdb')
  writeFileSync(systems, mmdb('GeoLite2-ASN', { '84.1.0.0/16': { autonomous_system_number: 24_940 } }))
  const popular = join(folder, 'popular.csv')
  writeFileSync(popular, '1,example.org\n')

  const places = await openKnowledge({ ...defaults, mmdb: [systems], popularity: popular })
  expect(places.knowsAs).toBe(true)
  expect(places.ownerOf('84.1.2.3')).toBe('Hetzner')
  expect(ownerOf('84.1.2.3')).toEqual({ owner: 'Hetzner', kind: 'cloud' })
  expect(popularityOf('www.example.org').rank).toBe(1)
  expect(popularityOf('www.microsoft.com').rank).toBeNull()

  await openKnowledge(defaults)
  expect(ownerOf('84.1.2.3')).toEqual({ owner: 'AS5483', kind: 'other' })
  expect(popularityOf('www.microsoft.com').rank).toBe(1000)
})

it('says which file it cannot read', async () => {
  const absent = join(folder, 'absent')
  await expect(openKnowledge({ ...defaults, mmdb: [absent] })).rejects.toMatchObject({
    code: 'mmdb-unreadable',
  })
  await expect(openKnowledge({ ...defaults, popularity: absent })).rejects.toMatchObject({
    code: 'list-invalid',
  })
})
