/** The head of an HTTP/1 message, whole or as much of it as came. */

export interface Head {
  readonly lines: readonly string[]
  /** Whether the empty line that ends it is there. */
  readonly whole: boolean
  readonly bodyAt: number
  /** Content-Length; null where it is not said. */
  readonly length: number | null
  readonly isChunked: boolean
  /** Lower case, without parameters. */
  readonly contentType: string
}

export function readHead(bytes: Buffer): Head {
  const text = bytes.toString('latin1')
  const end = /\r?\n\r?\n/.exec(text)
  const lines = (end ? text.slice(0, end.index) : text).split(/\r?\n/)
  // The last line may be half a line.
  if (!end && lines.length > 1) lines.pop()
  const length = header(lines, 'content-length')
  return {
    lines,
    whole: end !== null,
    bodyAt: end ? end.index + end[0].length : bytes.length,
    length: /^\d{1,15}$/.test(length) ? Number(length) : null,
    isChunked: /chunked/i.test(header(lines, 'transfer-encoding')),
    contentType: (header(lines, 'content-type').split(';')[0] ?? '').trim().toLowerCase().slice(0, 128),
  }
}

/** Value of a header; empty where it is absent. */
function header(lines: readonly string[], name: string): string {
  for (let i = 1; i < lines.length; i++) {
    const line = lines[i] as string
    if (line.charCodeAt(name.length) !== 58) continue
    if (line.slice(0, name.length).toLowerCase() === name) return line.slice(name.length + 1).trim()
  }
  return ''
}

export interface RequestLine {
  readonly method: string
  readonly uri: string
  readonly host: string
  readonly userAgent: string
  /** Body bytes; 0 where no length is said. */
  readonly bytes: number | null
}

/** @returns null when the first line is no request. */
export function requestOf(head: Head): RequestLine | null {
  const found = /^([A-Z]{2,16}) (\S+)/.exec(head.lines[0] ?? '')
  if (!found) return null
  const [, method = '', uri = ''] = found
  return {
    method,
    uri,
    host: header(head.lines, 'host').toLowerCase().replace(/:\d*$/, ''),
    userAgent: header(head.lines, 'user-agent'),
    bytes: head.isChunked ? null : (head.length ?? (head.whole ? 0 : null)),
  }
}

/** Status of a response; 0 when the first line has none. */
export const statusOf = (head: Head): number =>
  Number(/^HTTP\/1\.\d (\d{3})/.exec(head.lines[0] ?? '')?.[1] ?? 0)
