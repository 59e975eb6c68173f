/** A simulated home network whose every text has something in it that acts somewhere. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { simulate } from '../../src/simulate/index.ts'
import { hostile } from '../../test/fixtures/any-answer.ts'

/** What is put into texts: markup, SQL, terminals, spreadsheets, directions, depth. */
export const payloads: readonly string[] = [
  ...hostile.filter((each) => each.isWellFormed()),
  "'); DROP TABLE flow_rows; --",
  "' OR 1=1 UNION SELECT * FROM system.tables --",
  '@SUM(1+1)*cmd',
  '+1+1',
  '-2+3',
  '\u2066\u202dreversed\u2069',
  '\u009b31m\u009d0;owned\u009c',
  '\u001b]8;;http://203.0.113.66/\u0007link\u001b]8;;\u0007',
  '`id`$(id)',
  '__proto__',
  '{"a":'.repeat(200),
  '%0d%0aSet-Cookie: a=b',
]

const texts: Readonly<Record<string, readonly string[]>> = {
  conn: ['service', 'history', 'uid'],
  dns: ['query', 'answers', 'rcode_name', 'uid'],
  http: [
    'host',
    'uri',
    'referrer',
    'user_agent',
    'status_msg',
    'method',
    'resp_mime_types',
    'resp_filenames',
  ],
  ssl: ['server_name', 'subject', 'issuer', 'version', 'cipher', 'ja3', 'next_protocol'],
  files: ['mime_type', 'filename', 'source', 'md5', 'sha256'],
}

/** The same text has the same payload everywhere, so that what belongs together stays together. */
const payloadOf = (value: string, field: string): string => {
  let sum = field.length
  for (const character of value) sum = (sum * 31 + character.charCodeAt(0)) >>> 0
  return payloads[sum % payloads.length]!
}

/** As Zeek writes text in its logs. */
const escaped = (text: string): string =>
  [...Buffer.from(text)]
    .map((byte) =>
      byte < 32 || byte === 92 || byte === 44
        ? `\\x${byte.toString(16).padStart(2, '0')}`
        : String.fromCharCode(byte),
    )
    .join('')

function poisoned(text: string, name: string): string {
  let fields: string[] = []
  const poison = texts[name] ?? []
  const lines = text.split('\n').map((line) => {
    if (line.startsWith('#fields')) fields = line.split('\t').slice(1)
    if (line.startsWith('#') || line === '') return line
    return line
      .split('\t')
      .map((cell, i) =>
        cell !== '-' && cell !== '(empty)' && poison.includes(fields[i] ?? '') && !/^[\d.:]+$/.test(cell)
          ? `${cell}${escaped(payloadOf(cell, fields[i]!))}`
          : cell,
      )
      .join('\t')
  })
  return lines.join('\n')
}

interface HostileLogs {
  readonly folder: string
  /** A list of servers that the network calls, with texts of the same kind. */
  readonly threats: string
}

/** @param days Of the home network. */
export async function hostileLogs(folder: string, days: number): Promise<HostileLogs> {
  const [made, logs] = [join(folder, 'made'), join(folder, 'logs \u001b[31m<img src=x onerror=alert(1)>')]
  mkdirSync(logs, { recursive: true })
  await simulate({ scenario: 'home', seed: 1, days, out: made })
  const servers = new Set<string>()
  for (const file of readdirSync(made).filter((each) => each.endsWith('.log'))) {
    const text = readFileSync(join(made, file), 'utf8')
    const name = file.replace('.log', '')
    if (name === 'conn')
      for (const line of text.split('\n').slice(-400)) {
        const server = line.split('\t')[4]
        if (server && !/^(192\.168|10|127|224|239|255)\./.test(server)) servers.add(server)
      }
    writeFileSync(
      join(logs, `${name}.=cmd\u202e'";$(id)\n<script>alert(1)<.log`.replace('/', '')),
      Buffer.from(poisoned(text, name), 'latin1'),
    )
  }
  const threats = join(folder, 'threats \u001b]0;owned\u0007.csv')
  const rows = [...servers]
    .slice(0, 40)
    .map(
      (server, i) =>
        `${server},"${payloads[i % payloads.length]!.replaceAll('"', '""').replace(/[\r\n]/g, ' ')}"`,
    )
  writeFileSync(threats, `indicator,description\n${rows.join('\n')}\n`)
  return { folder: logs, threats }
}
