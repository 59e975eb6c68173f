import { describe, expect, it } from 'vitest'
import { serviceOf } from './services.ts'

describe('the cloud of a device', () => {
  it('is known by the domain of its vendor, on whatever port', () => {
    const on = (name: string, port: number, proto: string) => serviceOf({ name, port, proto })?.id
    expect(on('www.myedimax.com', 9765, 'udp')).toBe('edimax')
    expect(on('www.myedimax.com', 443, 'tcp')).toBe('edimax')
  })

  it('is not known by a name like it, and other services keep to their ports', () => {
    expect(serviceOf({ name: 'myedimax.com.example.net', port: 9765, proto: 'udp' })).toBeNull()
    expect(serviceOf({ name: 'mtalk.google.com', port: 9999, proto: 'tcp' })?.basis).not.toBe('name')
  })
})
