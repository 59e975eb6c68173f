/** What is published works where only it is installed. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, it } from 'vitest'
import { version } from '../../src/cli/version.ts'
import { scanningLog } from '../fixtures/scanning-log.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const scratch = mkdtempSync(join(tmpdir(), 'gannet-package-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

function run(command: string, args: readonly string[], cwd: string): string {
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, PATH: `${dirname(process.execPath)}:${process.env['PATH']}` },
  })
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: exit ${status}\n${stdout}\n${stderr}`)
  return stdout
}

it('is packed, installed and run', () => {
  run('npm', ['pack', '--silent', '--pack-destination', scratch], root)
  const tarball = readdirSync(scratch).find((name) => name.endsWith('.tgz'))
  expect(tarball).toBe(`gannet-${version}.tgz`)
  const contents = run('tar', ['-tzf', tarball!], scratch).trim().split('\n')
  expect(contents).toContain('package/dist/bundle/main.js')
  expect(contents).toContain('package/dist/bundle/page-thread.js')
  expect(contents).toContain('package/dist/serve/web/main.js')
  expect(contents).toContain('package/docs/reference/answer.schema.json')
  expect(contents).toContain('package/dist/bundle/lists/systems.packed')
  expect(contents).toContain('package/dist/bundle/lists/services.tsv')
  expect(contents.filter((path) => /\.ts$|\.test\.|\/node_modules\//.test(path))).toEqual([])

  const site = join(scratch, 'site')
  mkdirSync(site)
  writeFileSync(join(site, 'package.json'), '{ "private": true }')
  run(
    'npm',
    ['install', '--silent', '--prefer-offline', '--no-audit', '--no-fund', join('..', tarball!)],
    site,
  )
  const gannet = join(site, 'node_modules', '.bin', 'gannet')
  expect(run(gannet, ['--version'], site).trim()).toBe(version)
  writeFileSync(join(site, 'conn.log'), scanningLog('10.0.0.66', 400))
  expect(run(gannet, ['run', 'conn.log'], site)).toContain('10.0.0.66 scans')
})
