/** The transport of a Zeek connection. */
import { sql, texts } from '../../store/sql.ts'
import { protoNames } from '../protocols/proto-names.ts'
import type { Reading } from './mapping.ts'

/** Zeek 7.1 has the number of a protocol beside a name for all that it does not follow. */
export const zeekProto: Reading = {
  fields: ['proto', 'ip_proto'],
  doc: 'lower case; `ip_proto` by its IANA name or number if that is `unknown_transport` or absent',
  value: (cells) => {
    const [given, number] = [sql`lower(${cells.text('proto')})`, cells.plain('ip_proto')]
    const known = Object.entries(protoNames)
    const [numbers, names] = [0, 1].map((i) => texts(known.map((each) => each[i] as string)))
    const name = sql`transform(${number}, ${numbers!}, ${names!}, ${number})`
    return sql`if(${given} IN ('unknown_transport', '') AND ${number} NOT IN ('', '-1'), ${name}, ${given})`
  },
}
