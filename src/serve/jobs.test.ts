import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { folderView, importable } from './folders.ts'
import { createJobs, type Work } from './jobs.ts'

let root: string
let logs: string

beforeAll(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'gannet-folders-')))
  logs = join(root, 'logs')
  mkdirSync(join(logs, 'day'), { recursive: true })
  mkdirSync(join(root, 'logs-of-others'))
  mkdirSync(join(root, 'linked'))
  writeFileSync(join(logs, 'conn.log'), 'a')
  writeFileSync(join(logs, '.hidden'), 'a')
  writeFileSync(join(root, 'secret'), 'a')
  symlinkSync(join(logs, 'day'), join(logs, 'current'))
  symlinkSync(join(root, 'secret'), join(logs, 'out'))
  symlinkSync(join(root, 'secret'), join(root, 'linked', 'out'))
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

describe('folders that may be imported', () => {
  it('are listed without hidden files and without links to elsewhere', async () => {
    const { entries, above } = await folderView([logs], logs)
    expect(entries.map(({ name, kind }) => `${name} ${kind}`)).toEqual([
      'conn.log file',
      'current folder',
      'day folder',
    ])
    expect(above).toBeNull()
    expect((await folderView([logs], join(logs, 'day'))).above).toBe(logs)
  })

  it('give what lies in them, under its own name', async () => {
    expect(await importable([logs], [join(logs, 'conn.log'), join(logs, 'current')])).toEqual([
      join(logs, 'conn.log'),
      join(logs, 'day'),
    ])
  })

  it('give nothing else', async () => {
    const paths = [
      root,
      join(root, 'secret'),
      join(root, 'nowhere'),
      `${logs}/../secret`,
      `${logs}/..`,
      `${logs}-of-others`,
      join(logs, 'out'),
      'logs/conn.log',
      `${logs}/conn.log\0`,
      '',
      '/etc/passwd',
    ]
    for (const path of paths) {
      await expect(importable([logs], [path]), path).rejects.toMatchObject({ code: 'option-invalid' })
      await expect(folderView([logs], path), path).rejects.toMatchObject({ code: 'option-invalid' })
    }
    await expect(importable([logs], [join(logs, 'gone')])).rejects.toMatchObject({ code: 'input-missing' })
    await expect(importable([], [join(logs, 'conn.log')])).rejects.toMatchObject({ code: 'option-invalid' })
  })

  it('are refused where a link in them leads out', async () => {
    await expect(importable([join(root, 'linked')], [join(root, 'linked')])).rejects.toMatchObject({
      code: 'option-invalid',
    })
  })
})

/** Work that waits to be let on, step by step. */
function slowWork() {
  let next = () => {}
  const done: string[] = []
  const step =
    (what: string): Work['import'] =>
    async (_, tell, signal) => {
      tell(what, 0.5)
      await new Promise<void>((go) => {
        next = go
      })
      signal.throwIfAborted()
      tell(what, 1)
      done.push(what)
      return `${what} is done.`
    }
  const work: Work = {
    folders: [logs],
    import: step('import'),
    analyse: (tell, signal) => step('analyse')([], tell, signal),
  }
  return { work, done, go: () => next() }
}

const settled = () => new Promise((go) => setTimeout(go, 5))

describe('jobs', () => {
  const both = () => ({ paths: [join(logs, 'conn.log')], analyse: true })

  it('run one at a time, import before analysis', async () => {
    const { work, done, go } = slowWork()
    let changes = 0
    const jobs = createJobs(work, () => changes++)
    const [first, second] = await Promise.allSettled([jobs.start(both()), jobs.start(both())])
    expect(first).toMatchObject({ status: 'fulfilled', value: { number: 1, state: 'running' } })
    expect(second).toMatchObject({ status: 'rejected', reason: { code: 'database-busy' } })
    expect(jobs.current()).toMatchObject({ step: 'import', share: 0.25, imports: 1, analyses: true })
    go()
    await settled()
    expect(jobs.current()).toMatchObject({ state: 'running', step: 'analyse', share: 0.75 })
    await expect(jobs.start(both())).rejects.toMatchObject({ code: 'database-busy' })
    go()
    await settled()
    expect(jobs.current()).toMatchObject({
      state: 'done',
      output: 'import is done.\nanalyse is done.',
      fault: null,
    })
    expect(done).toEqual(['import', 'analyse'])
    expect(changes).toBe(1)
    expect(await jobs.start({ paths: [], analyse: true })).toMatchObject({ number: 2 })
    go()
  })

  it('stop at the next step, and another may begin', async () => {
    const { work, done, go } = slowWork()
    const jobs = createJobs(work, () => {})
    await jobs.start(both())
    const stopped = jobs.stop()
    go()
    expect(await stopped).toMatchObject({ state: 'stopped', fault: null })
    expect(done).toEqual([])
    await jobs.start(both())
    go()
    await settled()
    expect(done).toEqual(['import'])
    go()
  })

  it('say what went wrong', async () => {
    const { work } = slowWork()
    const jobs = createJobs({ ...work, import: () => importable([], ['/x']).then(String) }, () => {})
    await jobs.start({ paths: [join(logs, 'conn.log')], analyse: false })
    await settled()
    expect(jobs.current()).toMatchObject({ state: 'failed', fault: { code: 'option-invalid' } })
  })

  it('refuse what lies elsewhere before they begin, and nothing at all', async () => {
    const jobs = createJobs(slowWork().work, () => {})
    for (const paths of [['/etc/passwd'], [], Array(201).fill(logs)])
      await expect(jobs.start({ paths, analyse: paths.length > 0 })).rejects.toMatchObject({
        code: 'option-invalid',
      })
    expect(jobs.current()).toBeNull()
  })
})
