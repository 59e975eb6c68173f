import {
  alertColumns,
  dnsColumns,
  fileColumns,
  httpColumns,
  leaseColumns,
  mailColumns,
  tlsColumns,
} from './application-records.ts'
import { flowColumns } from './flow.ts'
import type { Columns, RowOf } from './record.ts'

/**
 * Every table that a reader may write. A record's columns are written once, here or in the file beside it:
 * the type, the DDL, the encoders and the reference page come from it.
 */
export const records = {
  flow: { columns: flowColumns, doc: 'One conversation between two hosts.' },
  dns: { columns: dnsColumns, doc: 'One question to the DNS, with its answers.' },
  http: { columns: httpColumns, doc: 'One HTTP request with its response.' },
  tls: { columns: tlsColumns, doc: 'One TLS handshake.' },
  file: { columns: fileColumns, doc: 'One file that passed.' },
  mail: { columns: mailColumns, doc: 'One message handed to a mail server (SMTP).' },
  lease: { columns: leaseColumns, doc: 'One address that a DHCP server gave to a machine.' },
  alert: { columns: alertColumns, doc: 'One alert or notice of a signature engine.' },
} as const satisfies Readonly<Record<string, { columns: Columns; doc: string }>>

export type RecordName = keyof typeof records
/** A row as a reader gives it: without what the engine derives. */
export type RecordRow<N extends RecordName> = Omit<RowOf<(typeof records)[N]['columns']>, 'id'>
