/**
 * Mail handed to a server (RFC 5321): who brings it, the envelope, the subject, and what the server said.
 *
 * One record a message, and one for a client that was turned away before it had any. Of the message itself only
 * the header is looked at, for its subject, and nothing is kept. After STARTTLS there is nothing to read.
 */
import type { Mail } from '../../model/application-records.ts'
import { micros } from '../../model/units.ts'
import type { Frame } from '../packets/frame.ts'
import type { Packet } from '../packets/packet.ts'
import type { AppLayerParser, Endpoints } from './parser.ts'
import { StreamHead } from './stream-head.ts'

const longestLine = 1024
const mostRecipients = 64
const longestText = 512

/** What the client sends: commands, the header of a message, or the rest of it. */
type Sending = 'commands' | 'asked' | 'header' | 'body'

interface Message {
  readonly time: number
  readonly position: number
  sender: string
  recipients: string[]
  subject: string
}

export class SmtpParser implements AppLayerParser {
  private readonly ends: Endpoints
  private readonly client = new Lines()
  private readonly server = new Lines()
  private readonly began: { readonly time: number; readonly position: number }
  private sending: Sending = 'commands'
  private helo = ''
  private reply = ''
  private message: Message | null = null
  private gave = false
  private isAskedForSecrecy = false
  private isSecret = false

  constructor(ends: Endpoints, { time, position }: Frame) {
    this.ends = ends
    this.began = { time, position }
  }

  onPacket(packet: Packet, frame: Frame, fromClient: boolean): boolean {
    if (fromClient === this.ends.sameDirection) {
      if (this.sending === 'body') this.client.skip(packet)
      else for (const line of this.client.add(packet, frame.bytes)) this.command(line, frame)
    } else for (const line of this.server.add(packet, frame.bytes)) this.answer(line)
    return !this.isSecret
  }

  private command(line: string, frame: Frame): void {
    if (this.sending === 'header') this.header(line)
    if (this.sending === 'header' || this.sending === 'body') return
    this.sending = 'commands'
    const [, verb = '', rest = ''] = /^([A-Za-z]{4,8})\b[ \t]*(.*)$/.exec(line) ?? []

    switch (verb.toUpperCase()) {
      case 'HELO':
      case 'EHLO':
      case 'LHLO':
        this.helo = rest.trim().slice(0, longestText)
        break
      case 'MAIL':
        this.give()
        this.message = { ...placeOf(frame), sender: addressIn(rest), recipients: [], subject: '' }
        break
      case 'RCPT':
        this.message ??= { ...placeOf(frame), sender: '', recipients: [], subject: '' }
        if (this.message.recipients.length < mostRecipients) this.message.recipients.push(addressIn(rest))
        break
      case 'DATA':
        this.sending = 'asked'
        break
      case 'BDAT':
        this.sending = 'body'
        break
      case 'RSET':
      case 'QUIT':
        this.give()
        break
      case 'STARTTLS':
        this.sending = 'asked'
        this.isAskedForSecrecy = true
        break
    }
  }

  private header(line: string): void {
    if (line === '') this.sending = 'body'
    const subject = /^subject:[ \t]*(.*)$/i.exec(line)?.[1]
    if (subject !== undefined && this.message && this.message.subject === '')
      this.message.subject = subject.slice(0, longestText)
  }

  private answer(line: string): void {
    // A reply of many lines ends with the one whose code has no dash behind it.
    const [, code = '', more = ''] = /^(\d{3})([ -]?)/.exec(line) ?? []
    if (code === '') return
    this.reply = line.slice(0, longestText)
    if (more === '-') return
    if (code === '220' && this.isAskedForSecrecy) this.isSecret = true
    if (code === '354' && this.sending === 'asked') this.sending = 'header'
    else if (this.sending === 'header' || this.sending === 'body') {
      this.sending = 'commands'
      this.give()
    }
  }

  private give(): void {
    const { message } = this
    this.message = null
    if (message) this.record(message)
  }

  private record({ time, position, sender, recipients, subject }: Message): void {
    const { client, server, serverPort, uid, sink } = this.ends
    const { helo, reply } = this
    this.gave = true

    const row: Mail = {
      start: micros(time),
      client,
      server,
      serverPort,
      uid,
      helo,
      sender,
      recipients,
      subject,
      reply,
    }

    sink.record('mail', { ...row, position })
  }

  end(): void {
    this.give()
    const wasHeard = this.helo !== '' || this.reply !== ''
    if (!this.gave && wasHeard) this.record({ ...this.began, sender: '', recipients: [], subject: '' })
  }
}

const placeOf = ({ time, position }: Frame) => ({ time, position })

/** The address of `FROM:<a@b.test> SIZE=1`, lower case; empty for none (`<>`). */
function addressIn(text: string): string {
  const found = /^(?:from|to)[ \t]*:[ \t]*(?:<([^>]*)>|(\S+))/i.exec(text)
  return (found?.[1] ?? found?.[2] ?? '').trim().toLowerCase().slice(0, longestText)
}

/** Lines of one direction. After lost bytes the next whole line is the first. */
class Lines {
  private readonly head = new StreamHead()
  private rest = ''
  private isLost = false

  /** Passes over a segment whose bytes are not wanted. */
  skip(packet: Packet): void {
    this.head.place(packet)
    this.rest = ''
  }

  add(packet: Packet, bytes: Uint8Array): string[] {
    const place = this.head.place(packet)
    if (place === 'old') return []
    if (place === 'gap') this.lose()
    const { payloadAt, payloadBytes, capturedEnd } = packet
    const captured = Math.max(0, Math.min(payloadBytes, capturedEnd - payloadAt))
    const part = bytes.subarray(payloadAt, payloadAt + captured)
    const lines = this.split(Buffer.from(part.buffer, part.byteOffset, part.length).toString('latin1'))
    if (captured < payloadBytes) this.lose()
    return lines
  }

  private lose(): void {
    this.rest = ''
    this.isLost = true
  }

  private split(text: string): string[] {
    const lines = (this.rest + text).split('\n')
    this.rest = (lines.pop() ?? '').slice(0, longestLine)
    if (this.isLost && lines.length > 0) {
      lines.shift()
      this.isLost = false
    }
    return lines.map((line) => line.replace(/\r$/, '').slice(0, longestLine))
  }
}
