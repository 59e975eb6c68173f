/** What the application layer says, where an input has it. Joined to flows by `uid`, or by hosts and time. */
import type { Columns, RowOf } from './record.ts'

export const dnsColumns = {
  start: { kind: 'time', doc: 'Time of the query.' },
  client: { kind: 'address', doc: 'The client.' },
  server: { kind: 'address', doc: 'The queried resolver.' },
  uid: { kind: 'text', doc: 'The sensor’s id of the connection.' },
  query: { kind: 'text', doc: 'The queried name, lower case, without the last dot.' },
  queryType: { kind: 'word', doc: 'A, AAAA, MX, TXT …; empty if unknown.' },
  responseCode: { kind: 'word', doc: 'NOERROR, NXDOMAIN, SERVFAIL …; empty if no answer was seen.' },
  answers: { kind: 'texts', doc: 'Answers in order: addresses, names, text.' },
  ttls: { kind: 'numbers', doc: 'Seconds each answer may be cached, in the order of `answers`.' },
  answerBytes: {
    kind: 'count',
    doc: 'Bytes of the answer after the question, on the wire.',
    optional: true,
  },
  nameServers: { kind: 'texts', doc: 'Names of name servers in the authority section.' },
  nameServerAddresses: { kind: 'texts', doc: 'Addresses of these in the additional section.' },
} as const satisfies Columns

export const httpColumns = {
  start: { kind: 'time', doc: 'When the request was sent.' },
  client: { kind: 'address', doc: 'The client.' },
  server: { kind: 'address', doc: 'The server.' },
  serverPort: { kind: 'port', doc: 'Port on the server.' },
  uid: { kind: 'text', doc: 'The sensor’s id of the connection.' },
  method: { kind: 'word', doc: 'GET, POST …' },
  host: { kind: 'text', doc: 'The Host header, lower case, without the port.' },
  uri: { kind: 'text', doc: 'Path and query.' },
  userAgent: { kind: 'text', doc: 'The User-Agent header.' },
  status: { kind: 'count', doc: 'Status code of the answer.', optional: true },
  mimeType: { kind: 'word', doc: 'Type of the answer’s body.' },
  requestBytes: { kind: 'count', doc: 'Body bytes of the request.', optional: true },
  responseBytes: { kind: 'count', doc: 'Body bytes of the answer.', optional: true },
} as const satisfies Columns

export const tlsColumns = {
  start: { kind: 'time', doc: 'When the handshake began.' },
  client: { kind: 'address', doc: 'TLS client.' },
  server: { kind: 'address', doc: 'TLS server.' },
  serverPort: { kind: 'port', doc: 'Port on the server.' },
  uid: { kind: 'text', doc: 'The sensor’s id of the connection.' },
  serverName: { kind: 'text', doc: 'Server name indication, lower case; empty if none was sent.' },
  version: { kind: 'word', doc: 'Negotiated version.' },
  fingerprint: { kind: 'word', doc: 'Client fingerprint (JA3 or JA4), if the input has one.' },
  subject: { kind: 'text', doc: 'Subject of the server’s certificate.' },
  issuer: { kind: 'text', doc: 'Issuer of the server’s certificate.' },
} as const satisfies Columns

export const fileColumns = {
  start: { kind: 'time', doc: 'When the transfer began.' },
  client: { kind: 'address', doc: 'The receiving host.' },
  server: { kind: 'address', doc: 'The sending host.' },
  uid: { kind: 'text', doc: 'The sensor’s id of the connection.' },
  name: { kind: 'text', doc: 'File name, if the protocol gave one.' },
  mimeType: { kind: 'word', doc: 'Type sniffed from the content.' },
  bytes: { kind: 'count', doc: 'Bytes seen.', optional: true },
  hash: {
    kind: 'text',
    doc: 'The strongest content hash that the input has, as algorithm:hex; empty without one.',
  },
  sketch: {
    kind: 'counts',
    doc:
      'Of a program: the 128 least hashes of the runs of four bytes in its ' +
      'first 4 KiB, by which like ones are found; empty where less was seen.',
  },
  protocol: { kind: 'word', doc: 'Protocol that carried it: http, ftp, smb …' },
} as const satisfies Columns

export const mailColumns = {
  start: { kind: 'time', doc: 'When the message was handed over.' },
  client: { kind: 'address', doc: 'The delivering host.' },
  server: { kind: 'address', doc: 'The receiving server.' },
  serverPort: { kind: 'port', doc: 'Port on the server: 25, 465, 587 …' },
  uid: { kind: 'text', doc: 'The sensor’s id of the connection.' },
  helo: { kind: 'text', doc: 'How the client introduced itself (HELO or EHLO).' },
  sender: { kind: 'text', doc: 'Address of the envelope’s MAIL FROM, lower case, without brackets.' },
  recipients: { kind: 'texts', doc: 'Addresses of RCPT TO, lower case, without brackets.' },
  subject: { kind: 'text', doc: 'Subject header, as written.' },
  reply: { kind: 'text', doc: 'The server’s last reply; its first digit is 2 if the message was accepted.' },
} as const satisfies Columns

export const leaseColumns = {
  start: { kind: 'time', doc: 'When the address was given or renewed.' },
  client: { kind: 'address', doc: 'The address.' },
  server: { kind: 'address', doc: 'The DHCP server; `::` if unknown.' },
  uid: { kind: 'text', doc: 'The sensor’s id of the connection.' },
  mac: { kind: 'text', doc: 'Hardware address of the machine, lower case, with colons.' },
  name: { kind: 'text', doc: 'Host name that the machine gave.' },
  seconds: { kind: 'count', doc: 'How long the address may be used.', optional: true },
} as const satisfies Columns

export const alertColumns = {
  start: { kind: 'time', doc: 'When the alert was raised.' },
  client: { kind: 'address', doc: 'Source of the packet or flow that raised it.' },
  server: { kind: 'address', doc: 'Its destination.' },
  serverPort: { kind: 'port', doc: 'Port on the destination.' },
  proto: { kind: 'word', doc: 'Transport.' },
  uid: { kind: 'text', doc: 'The sensor’s id of the connection.' },
  engine: {
    kind: 'word',
    doc: 'Who raised it: suricata, snort, zeek; zeek-weird for oddities of a protocol.',
  },
  signature: { kind: 'text', doc: 'Signature id, or the Zeek notice type.' },
  message: { kind: 'text', doc: 'The alert in words.' },
  category: { kind: 'text', doc: 'Class of the signature, as the engine names it.' },
  severity: { kind: 'count', doc: 'As the engine ranks it; Suricata’s 1 is the worst.', optional: true },
} as const satisfies Columns

export type Dns = RowOf<typeof dnsColumns>
export type Mail = RowOf<typeof mailColumns>
