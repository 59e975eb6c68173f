/**
 * What a small file costs: a thousand hourly Zeek logs of 20 connections each, imported in one go, beside the engine's
 * plain `INSERT … SELECT … FROM file()` of each file into the same table, a statement a file. Overhead is what is left
 * of the time when that of the same rows in one file is taken off.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { importInputs } from '../../src/capture/import/import.ts'
import type { Row } from '../row.ts'
import { contests, plainInsert, randomOf } from './import.ts'
import { createTrial, best as least, type Took } from './trial.ts'

const files = Number(process.env['GANNET_BENCH_FILES'] ?? 1000)
const each = 20

export async function run(): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'gannet-bench-'))
  try {
    const { paths, whole } = write(folder)
    const timed = createTrial(folder, files * each)
    const [ours, plain, one] = [[], [], []] as [Took[], Took[], Took[]]
    for (let turn = 0; turn < 2; turn++) {
      plain.push(
        await timed(async (store) => {
          for (const path of paths) await plainInsert(store, contests[0]!, path)
        }),
      )
      ours.push(await timed(async (store) => void (await importInputs(store, [join(folder, 'logs')]))))
      one.push(await timed(async (store) => void (await importInputs(store, [whole]))))
    }
    const [best, peer, base] = [ours, plain, one].map((runs) => least(runs).clock) as [number, number, number]
    const asserted = `${files * each} rows in the table, the same sums`
    return [
      {
        name: `import ${files} Zeek logs of ${each} rows, a file`,
        figure: (best / files) * 1000,
        unit: 'ms',
        ratio: best / peer,
        peer: 'INSERT … FROM file(), a statement a file',
        asserted,
      },
      {
        name: 'of that, over the same rows in one file',
        figure: ((best - base) / files) * 1000,
        unit: 'ms',
        asserted,
      },
      { name: 'INSERT … FROM file(), a file', figure: (peer / files) * 1000, unit: 'ms', asserted },
    ]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function write(folder: string) {
  const { header, line } = contests[0]!
  const random = randomOf(7)
  mkdirSync(join(folder, 'logs'))
  let all = header
  const paths = Array.from({ length: files }, (_, i) => {
    const path = join(folder, 'logs', `conn.${String(i).padStart(5, '0')}.log`)
    let text = ''
    for (let k = 0; k < each; k++) text += line(random, i * 3600 + k)
    writeFileSync(path, header + text)
    all += text
    return path
  })
  const whole = join(folder, 'whole.log')
  writeFileSync(whole, all)
  return { paths, whole }
}

if (import.meta.main) console.table(await run())
