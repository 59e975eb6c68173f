import { execFileSync } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer as createHttp } from 'node:http'
import { type AddressInfo, createServer as createTcp, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer as createTls } from 'node:tls'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { hostile } from '../../test/fixtures/any-answer.ts'
import { cleanAnswer, sampleAnswer } from '../../test/fixtures/sample-answer.ts'
import { describeIf, hasProgram } from '../../test/outside.ts'
import { compare } from '../findings/index.ts'
import { alertsOf, limits, openOutbox, syslogMessage, type Target, targetOf } from './index.ts'

const alerts = alertsOf(compare(sampleAnswer, cleanAnswer))
let folder = ''
const closing: (() => void)[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gannet-alerts-'))
})
afterEach(() => {
  for (const close of closing.splice(0)) close()
  rmSync(folder, { recursive: true, force: true })
})

const listen = (server: Server): Promise<number> =>
  new Promise((done) => {
    closing.push(() => server.close())
    server.listen(0, '127.0.0.1', () => done((server.address() as AddressInfo).port))
  })

/** An outbox whose clock is set by hand. */
async function outboxAt(start = 1_000_000) {
  const time = { now: start }
  const path = join(folder, 'outbox.json')
  const open = () => openOutbox(path, { clock: () => time.now, chance: () => 0 })
  return { time, path, open, outbox: await open() }
}

/** A target that fails as often as it is told to. */
function shaky(failures: number): Target & { readonly got: string[]; tries: number } {
  const target = {
    id: 't',
    shown: 'test',
    got: [] as string[],
    tries: 0,
    async send(sent: readonly { id: string }[]) {
      target.tries++
      if (target.tries <= failures) throw new Error('refused')
      target.got.push(...sent.map(({ id }) => id))
    },
  }
  return target
}

describe('alerts', () => {
  it('are for what is new, back or raised, from a severity on', () => {
    expect(alerts).toHaveLength(sampleAnswer.findings.filter(({ severity }) => severity !== 'note').length)
    expect(
      alertsOf(compare(sampleAnswer, cleanAnswer), 'high').every(({ severity }) => severity === 'high'),
    ).toBe(true)
    expect(alertsOf(compare(cleanAnswer, sampleAnswer))).toEqual([])
    expect(alertsOf(compare(sampleAnswer, sampleAnswer))).toEqual([])
  })
})

describe('the outbox', () => {
  it('sends each alert once to each place', async () => {
    const { outbox } = await outboxAt()
    const target = shaky(0)
    expect(await outbox.put(alerts, [target])).toBe(alerts.length)
    expect(await outbox.put(alerts, [target])).toBe(0)
    expect(await outbox.deliver([target])).toEqual({ sent: alerts.length, waiting: 0, faults: [] })
    expect(await outbox.put(alerts, [target])).toBe(0)
    expect(target.got).toEqual(alerts.map(({ id }) => id))
  })

  it('waits twice as long after each failure, and loses nothing', async () => {
    const { outbox, time } = await outboxAt()
    const target = shaky(3)
    await outbox.put(alerts, [target])
    const waits: number[] = []
    for (let i = 0; i < 3; i++) {
      const outcome = await outbox.deliver([target])
      expect(outcome).toMatchObject({ sent: 0, waiting: alerts.length, faults: [{ why: 'refused' }] })
      const due = outbox.nextDue([target])!
      waits.push(due - time.now)
      time.now = due - 1
      await outbox.deliver([target])
      expect(target.tries).toBe(i + 1)
      time.now = due
    }
    expect(waits).toEqual([limits.firstWait, 2 * limits.firstWait, 4 * limits.firstWait])
    expect((await outbox.deliver([target])).sent).toBe(alerts.length)
  })

  it('keeps what waits across a restart, and what was sent', async () => {
    const { outbox, open, time } = await outboxAt()
    const target = shaky(1)
    await outbox.put(alerts, [target])
    await outbox.deliver([target])
    const again = await open()
    time.now += limits.firstWait
    expect((await again.deliver([target])).sent).toBe(alerts.length)
    const third = await open()
    expect(await third.put(alerts, [target])).toBe(0)
  })

  it('delivers no more than so often a minute, and the rest later', async () => {
    const { outbox, time } = await outboxAt()
    const target = shaky(0)
    for (let i = 0; i < limits.perMinute + 5; i++) {
      await outbox.put([{ ...alerts[0]!, id: `n${i}` }], [target])
      await outbox.deliver([target])
    }
    expect(target.got).toHaveLength(limits.perMinute)
    time.now += 60_001
    await outbox.deliver([target])
    expect(target.got).toHaveLength(limits.perMinute + 5)
  })

  it('one place that fails does not hold up another', async () => {
    const { outbox } = await outboxAt()
    const bad = { ...shaky(99), id: 'bad' }
    const good = shaky(0)
    await outbox.put(alerts, [bad, good])
    expect(await outbox.deliver([bad, good])).toMatchObject({ sent: alerts.length, waiting: alerts.length })
  })

  it('keeps no password of a place', async () => {
    const { outbox, path } = await outboxAt()
    const target = targetOf('http://user:secret@127.0.0.1:1/hook?token=alsosecret')
    await outbox.put(alerts, [target])
    const { faults } = await outbox.deliver([target])
    expect(readFileSync(path, 'utf8')).not.toMatch(/secret/)
    expect(JSON.stringify(faults)).not.toMatch(/secret/)
  })
})

describe('a webhook', () => {
  it('that fails at first gets everything at last', async () => {
    const got: { alerts: { id: string }[] }[] = []
    let calls = 0
    const port = await listen(
      createHttp((request, response) => {
        calls++
        if (calls === 1) return void request.socket.destroy()
        if (calls === 2) return void response.writeHead(503).end('later')
        let body = ''
        request.on('data', (chunk) => {
          body += chunk
        })
        request.on('end', () => {
          expect(request.headers.authorization).toBe(`Basic ${btoa('u:p')}`)
          got.push(JSON.parse(body))
          response.end('ok')
        })
      }),
    )
    const { outbox, time } = await outboxAt()
    const target = targetOf(`http://u:p@127.0.0.1:${port}/hook`)
    await outbox.put(alerts, [target])
    expect((await outbox.deliver([target])).faults).toHaveLength(1)
    time.now = outbox.nextDue([target])!
    expect((await outbox.deliver([target])).faults[0]?.why).toBe('it answered 503')
    time.now = outbox.nextDue([target])!
    expect(await outbox.deliver([target])).toMatchObject({ sent: alerts.length, waiting: 0 })
    expect(got.flatMap((each) => each.alerts.map(({ id }) => id))).toEqual(alerts.map(({ id }) => id))
  })
})

describe('syslog', () => {
  const form =
    /^<(\d{1,3})>1 (\S+) (\S+) gannet (\d+) (\S+) \[gannet@32473((?: [a-z]+="(?:[^"\\\]]|\\["\\\]])*")+)\] \ufeff(.+)$/u

  it('has the form of RFC 5424, whatever the text', () => {
    for (const text of ['plain', '"]\\', ...hostile]) {
      const message = syslogMessage(
        { ...alerts[0]!, claim: text, hosts: [text], kind: text },
        new Date(0),
        'här host',
      )
      expect(message).toMatch(form)
      expect(message).not.toMatch(/(?!\ufeff)[\p{Cc}\p{Cf}]/u)
    }
    const [, priority, time] = form.exec(syslogMessage(alerts[0]!, new Date(0)))!
    expect(priority).toBe('129')
    expect(time).toBe('1970-01-01T00:00:00.000Z')
  })

  it('goes by UDP, a datagram an alert', async () => {
    const socket = createSocket('udp4')
    closing.push(() => socket.close())
    const got: string[] = []
    const all = new Promise<void>((done) =>
      socket.on('message', (message) => {
        if (got.push(String(message)) === alerts.length) done()
      }),
    )
    await new Promise<void>((done) => socket.bind(0, '127.0.0.1', done))
    await targetOf(`syslog://127.0.0.1:${socket.address().port}`).send(alerts, new Date())
    await all
    for (const message of got) expect(message).toMatch(form)
  })

  /** Messages of a stream by octet counting. */
  function unframed(bytes: Buffer): string[] {
    const messages: string[] = []
    for (let at = 0; at < bytes.length; ) {
      const blank = bytes.indexOf(0x20, at)
      const length = Number(bytes.subarray(at, blank))
      messages.push(String(bytes.subarray(blank + 1, blank + 1 + length)))
      at = blank + 1 + length
    }
    return messages
  }

  const gathering = (got: Buffer[]) => (socket: Socket) => {
    socket.on('data', (chunk: Buffer) => got.push(chunk))
    socket.on('error', () => {})
  }

  it('goes by TCP, counted by octets; a connection that breaks is a failure', async () => {
    const got: Buffer[] = []
    let first = true
    const port = await listen(
      createTcp((socket) => {
        if (first) socket.resetAndDestroy()
        else gathering(got)(socket)
        first = false
      }),
    )
    const target = targetOf(`syslog+tcp://127.0.0.1:${port}`)
    await expect(target.send(alerts, new Date())).rejects.toThrow()
    await target.send(alerts, new Date())
    const messages = unframed(Buffer.concat(got))
    expect(messages).toHaveLength(alerts.length)
    for (const message of messages) expect(message).toMatch(form)
  })

  it('to a port where nobody listens is a failure', async () => {
    const port = await listen(createTcp())
    closing.pop()?.()
    await expect(targetOf(`syslog+tcp://127.0.0.1:${port}`).send(alerts, new Date())).rejects.toThrow(
      /ECONNREFUSED/,
    )
  })

  describeIf(hasProgram('openssl'), 'over TLS', 'openssl is not installed', () => {
    it('goes to a server that is trusted, and to no other', async () => {
      const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
      execFileSync(
        'openssl',
        [
          'req',
          '-x509',
          '-newkey',
          'ec',
          '-pkeyopt',
          'ec_paramgen_curve:prime256v1',
          '-nodes',
          '-keyout',
          key,
          '-out',
          cert,
          '-days',
          '1',
          '-subj',
          '/CN=localhost',
          '-addext',
          'subjectAltName=DNS:localhost,IP:127.0.0.1',
        ],
        { stdio: 'ignore' },
      )
      const got: Buffer[] = []
      const port = await listen(
        createTls({ key: readFileSync(key), cert: readFileSync(cert) }, gathering(got)).on(
          'tlsClientError',
          () => {},
        ),
      )
      await expect(targetOf(`syslog+tls://127.0.0.1:${port}`).send(alerts, new Date())).rejects.toThrow(
        /self-signed/,
      )
      expect(got).toEqual([])
      await targetOf(`syslog+tls://127.0.0.1:${port}?ca=${encodeURIComponent(cert)}`).send(alerts, new Date())
      expect(unframed(Buffer.concat(got))).toHaveLength(alerts.length)
    })
  })
})

describe('e-mail', () => {
  /** A mail server that takes what comes, but refuses the first `refusing` messages. */
  function mailServer(refusing: number, mails: string[]): Server {
    let refused = 0
    return createTcp((socket) => {
      let body: string | null = null
      let rest = ''
      const say = (line: string) => socket.write(`${line}\r\n`)
      say('220 test')
      socket.on('error', () => {})
      socket.on('data', (chunk) => {
        rest += chunk
        for (let end = rest.indexOf('\r\n'); end >= 0; end = rest.indexOf('\r\n')) {
          const line = rest.slice(0, end)
          rest = rest.slice(end + 2)
          if (body !== null) {
            if (line === '.') {
              mails.push(body)
              body = null
              say('250 kept')
            } else body += `${line}\n`
          } else if (/^(EHLO|HELO|RCPT)/.test(line)) say('250 ok')
          else if (/^MAIL/.test(line)) say(refused++ < refusing ? '451 try later' : '250 ok')
          else if (/^DATA/.test(line)) {
            body = ''
            say('354 go on')
          } else if (/^QUIT/.test(line)) socket.end('221 bye\r\n')
          else say('250 ok')
        }
      })
    })
  }

  it('comes as one message, at the second try where the server is busy', async () => {
    const mails: string[] = []
    const port = await listen(mailServer(1, mails))
    const target = targetOf(
      `mailto:soc@example.com?smtp=${encodeURIComponent(`smtp://127.0.0.1:${port}?ignoreTLS=true`)}`,
    )
    const { outbox, time } = await outboxAt()
    await outbox.put(alerts, [target])
    expect((await outbox.deliver([target])).faults[0]?.why).toMatch(/451/)
    time.now = outbox.nextDue([target])!
    expect((await outbox.deliver([target])).sent).toBe(alerts.length)
    expect(mails).toHaveLength(1)
    expect(mails[0]).toMatch(/^To: soc@example\.com$/m)
    expect(mails[0]).toMatch(new RegExp(`Subject: Gannet: ${alerts.length} alerts`))
  })

  it('a claim with line breaks adds no header', async () => {
    const mails: string[] = []
    const port = await listen(mailServer(0, mails))
    const claim = 'x\r\nBcc: evil@example.com\r\n\r\nbody'
    await targetOf(
      `mailto:soc@example.com?smtp=${encodeURIComponent(`smtp://127.0.0.1:${port}?ignoreTLS=true`)}`,
    ).send([{ ...alerts[0]!, claim }], new Date())
    expect(mails[0]).not.toMatch(/^Bcc:/m)
  })
})

describe('a file', () => {
  it('gets a line of JSON an alert', async () => {
    const path = join(folder, 'alerts.jsonl')
    await targetOf(`file:${path}`).send(alerts, new Date())
    await targetOf(`file:${path}`).send(alerts.slice(0, 1), new Date())
    const lines = readFileSync(path, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(lines.map(({ id }) => id)).toEqual([...alerts, alerts[0]!].map(({ id }) => id))
    expect(existsSync(path)).toBe(true)
  })

  it('has nothing of a text that acts on a terminal, and the same text for a program', async () => {
    const path = join(folder, 'acting.jsonl')
    const claim = 'a \u2066\u202dreversed\u2069 name, \u009b31m'
    await targetOf(`file:${path}`).send([{ ...alerts[0]!, claim }], new Date())
    const text = readFileSync(path, 'utf8')
    expect(text).not.toMatch(/[\u2066\u202d\u2069\u009b]/)
    expect(JSON.parse(text)).toMatchObject({ claim })
  })
})

describe('a place', () => {
  it.each([
    '',
    'nowhere',
    'ftp://x',
    'syslog://',
    'mailto:',
    'mailto:a b@c?smtp=smtp://x',
    'mailto:a@b.c?smtp=http://x',
    'mailto:a@b.c,d@e.f',
  ])('%j is none', (text) => {
    expect(() => targetOf(text)).toThrow(/not a target for alerts/)
  })
})
