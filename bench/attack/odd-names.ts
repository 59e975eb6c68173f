/** Files and folders whose names are made to be taken for something else. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { connLog } from '../../test/fixtures/written-logs.ts'
import { type Attempt, createTrials, type Ground, hold } from './attempt.ts'
import { endedWell, gannet } from './gannet.ts'

/** What a terminal acts on: every control and format character but the end of a line. */
export const actsOnTerminal = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u

const names: readonly (string | Buffer)[] = [
  'new\nline.log',
  'carriage\rreturn.log',
  `quotes'"\`.log`,
  '*.log',
  '?[a-z].log',
  '{1..3}.log',
  '{a,b}.log',
  '-rf.log',
  '--db',
  'a::b.log',
  'a.zip::b.log',
  '$(touch owned).log',
  '; touch owned;.log',
  '| touch owned.log',
  "'); DROP TABLE flow_rows; --.log",
  '\u001b[2J\u001b]0;owned\u0007.log',
  'safe\u202egol.exe',
  '<img src=x onerror=alert(1)>.log',
  '=cmd|calc!A0.log',
  '%s%n%d.log',
  '\\x41\\n.log',
  '{"a":1}.log',
  ' leading and trailing ',
  `${'a'.repeat(251)}.log`,
  '\u0001.log',
  Buffer.from([0xff, 0xfe, 0x2e, 0x6c, 0x6f, 0x67]),
  Buffer.from([0x61, 0xc3, 0x28, 0x2e, 0x6c, 0x6f, 0x67]),
]

const isText = (name: string | Buffer): name is string => typeof name === 'string'

export const trapNames = `file names with ${names.length} kinds of trap, among them newlines, quotes, patterns, options, escapes and bytes that are no UTF-8`

export async function oddNames({ folder, count }: Ground): Promise<Attempt> {
  const trials = createTrials()
  const place = Buffer.from(`${join(folder, 'odd')}/`)
  mkdirSync(place)
  names.forEach((name, i) => {
    writeFileSync(Buffer.concat([place, Buffer.from(name as string)]), connLog(i * 10, 10))
  })

  await trials.try('a folder of all', async () => {
    const ended = await gannet(['import', join(folder, 'odd'), '--db', join(folder, 'odd-db')])
    hold(endedWell(ended) === null, String(endedWell(ended)))
    const taken = ended.out.split('\n').filter((line) => line.includes(': zeek, 10 flow')).length
    const texts = names.filter(isText).length
    hold(taken === texts, `${taken} of ${texts} were taken: ${ended.err}`)
    const named = ended.out.match(/has a name that is no UTF-8/g)?.length
    hold(named === names.length - texts, `${named} were named as no UTF-8`)
    const acts = actsOnTerminal.exec(ended.out + ended.err)
    hold(acts === null, `control characters in the output: ${JSON.stringify(acts?.[0])}`)
  })

  const some = names.filter(isText).filter((_, i) => count({ smallest: i % 12, usual: 0, full: 0 }) === 0)
  for (const name of some) {
    await trials.try(`named: ${JSON.stringify(name)}`, async () => {
      const work = join(folder, 'work')
      mkdirSync(work)
      writeFileSync(join(work, name), connLog(0, 10))
      // As a shell gives it: `--` ends the options, as with any command.
      const ended = await gannet(['flows', '--out', 'out.csv', '--', name], { cwd: work })
      hold(ended.code === 0, `ended with ${ended.code}: ${ended.err}`)
      const rows = readFileSync(join(work, 'out.csv'), 'utf8').trim().split('\n').length
      hold(rows === 11, `${rows} lines`)
      const db = await gannet(['import', '--db', 'db', '--', name], { cwd: work })
      hold(db.code === 0, `ended with ${db.code}: ${db.err}`)
      const refused = await gannet(['import', '--db', 'db', '--', `${name}-absent`], { cwd: work })
      hold(refused.code === 2, `an absent file: ${refused.code}`)
      const acts = actsOnTerminal.exec(db.out + db.err + ended.err + refused.err)
      hold(acts === null, `control characters in the output: ${JSON.stringify(acts?.[0])}`)
      rmSync(work, { recursive: true })
    })
    rmSync(join(folder, 'work'), { recursive: true, force: true })
  }

  return {
    attack: trapNames,
    tried: names.length + 3 * some.length,
    of: 'files',
    held: 'each is taken under its own name, or left out and named where that is no UTF-8; nothing of a name reaches a shell, a pattern, SQL or the terminal',
    bound: 'names of up to 255 bytes, as the file system has them',
    failed: trials.failed,
  }
}
