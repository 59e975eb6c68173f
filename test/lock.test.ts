import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { type Lock, missingFrom } from './complete-lock.ts'

const lock = (): Lock =>
  JSON.parse(readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8')) as Lock

it('the lock file has the packages of every platform: node test/complete-lock.ts', () => {
  expect([...missingFrom(lock()).keys()]).toEqual([])
})

it('a platform that is missing is told, with what it runs on', () => {
  const cut = lock()
  delete cut.packages['node_modules/@chdb/lib-darwin-arm64']
  delete cut.packages['node_modules/@chdb/lib-linux-arm64-gnu']
  const version = cut.packages['node_modules/@chdb/lib-linux-x64-gnu']?.version
  expect(missingFrom(cut)).toEqual(
    new Map([
      ['@chdb/lib-darwin-arm64', { version, optional: true, os: ['darwin'], cpu: ['arm64'] }],
      [
        '@chdb/lib-linux-arm64-gnu',
        { version, optional: true, os: ['linux'], cpu: ['arm64'], libc: ['glibc'] },
      ],
    ]),
  )
})

it('every engine package has one version', () => {
  const engines = Object.entries(lock().packages).filter(([path]) => path.includes('/@chdb/lib-'))
  expect(engines.length).toBeGreaterThanOrEqual(4)
  expect(new Set(engines.map(([, { version }]) => version)).size).toBe(1)
})
