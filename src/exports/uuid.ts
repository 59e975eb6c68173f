/** UUIDs of version 5 (RFC 9562): the same name gives the same id, so that an export made twice is one. */
import { createHash } from 'node:crypto'

/** The namespace that STIX 2.1 (section 2.9) sets for cyber-observable objects. */
export const stixNamespace = '00abedb4-aa42-466c-9c01-fed23315a9b7'

/** Made at random once; what Gannet names itself is named in it. */
export const gannetNamespace = '5b2b6b1e-7c53-4b0e-9a55-2f0f3f3f6c0d'

export function uuid5(namespace: string, name: string): string {
  const hash = createHash('sha1')
    .update(Buffer.from(namespace.replaceAll('-', ''), 'hex'))
    .update(name, 'utf8')
    .digest()
  hash[6] = (hash[6]! & 0x0f) | 0x50
  hash[8] = (hash[8]! & 0x3f) | 0x80
  const hex = hash.subarray(0, 16).toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}
