import type { Shown } from './endpoint.ts'

/** A statement with its values written in, so that any client of the engine runs it as it stands. */
export const inlined = ({ sql, params }: Shown): string =>
  sql.replace(/\{(\w+):([\w()]+)\}/g, (whole, key: string, type: string) =>
    key in params ? literal(type, params[key]) : whole,
  )

function literal(type: string, value: unknown): string {
  if (value === null || value === undefined) return 'NULL'
  if (Array.isArray(value)) return `CAST([${value.map((each) => quoted(String(each)))}], '${type}')`
  if (/^(U?Int|Float)\d+$/.test(type) && /^-?\d+(\.\d+)?(e[+-]?\d+)?$/.test(String(value)))
    return String(value)
  if (type === 'Bool') return String(Boolean(value))
  if (type === 'String') return quoted(String(value))
  return `CAST(${quoted(String(value))}, '${type}')`
}

/** ClickHouse reads backslash escapes in a string; line ends are written so that the text stays one line. */
const quoted = (text: string): string =>
  `'${text
    .replaceAll('\\', '\\\\')
    .replaceAll("'", "\\'")
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replaceAll('\0', '\\0')}'`
