/** Rows of the engine's tab-separated text as rows of CSV, from bytes to bytes: without a string or an object a row. */

const [tab, line, quote, comma, minus, dot, zero, backslash] = [9, 10, 34, 44, 45, 46, 48, 92]

/** How the cell of a column is read; `place` is that of its cell in a row of the spool. */
interface CsvColumn {
  readonly place: number
  readonly kind: 'time' | 'seconds' | 'text' | 'address' | 'number'
}

/** What is no plain row is made by `slowly`, of the bytes of the row without its line end. */
export interface CsvForm {
  readonly columns: readonly CsvColumn[]
  /** Cells of a row. */
  readonly cells: number
  readonly slowly: (row: Buffer) => Buffer
}

/** The rows of a buffer that ends with a line end. */
export function csvRows(rows: Buffer, { columns, cells, slowly }: CsvForm): Buffer {
  const writer = new CsvWriter(rows)
  const ends = new Int32Array(cells + 1)

  for (let from = 0; from < rows.length; ) {
    const end = cellsOf(rows, from, ends)
    const begun = writer.begin(end - from)
    const isPlain = writeRow(writer, columns, ends)
    if (!isPlain) writer.again(begun, slowly(rows.subarray(from, end)))
    from = end + 1
  }

  return writer.done()
}

/** Notes where each cell of the row at `from` begins, and where the row ends. @returns the place of the line end. */
function cellsOf(rows: Buffer, from: number, begins: Int32Array): number {
  let cell = 0
  let at = from
  begins[0] = from
  for (let byte = rows[at] as number; byte !== line; byte = rows[++at] as number)
    if (byte === tab) begins[++cell] = at + 1
  begins[cell + 1] = at + 1
  return at
}

/** @returns false where a cell needs more than to be copied. */
function writeRow(writer: CsvWriter, columns: readonly CsvColumn[], begins: Int32Array): boolean {
  for (let i = 0; i < columns.length; i++) {
    const { place, kind } = columns[i] as CsvColumn
    const from = begins[place] as number
    const to = (begins[place + 1] as number) - 1
    if (i > 0) writer.put(comma)
    if (kind === 'number') writer.number(from, to)
    else if (!(kind === 'seconds' ? writer.seconds(from, to) : writer.quoted(kind, from, to))) return false
  }
  writer.put(line)
  return true
}

const mapped = Buffer.from('::ffff:')
/** Digits of a whole number of microseconds that a double and all arithmetic here hold. */
const mostDigits = 15
const day = 86_400

class CsvWriter {
  private readonly rows: Buffer
  private out: Buffer
  private at = 0
  /** The day that was written last, and its date with the `T` behind it. */
  private today = Number.NaN
  private date = Buffer.alloc(0)

  constructor(rows: Buffer) {
    this.rows = rows
    this.out = Buffer.allocUnsafe(2 * rows.length + 1024)
  }

  done(): Buffer {
    return this.out.subarray(0, this.at)
  }

  /** Makes room for a row of `bytes`, with its quotes and a longer time. */
  begin(bytes: number): number {
    this.reserve(bytes + 256)
    return this.at
  }

  /** Puts other bytes in the place of the row that began at `begun`. */
  again(begun: number, bytes: Buffer): void {
    this.at = begun
    this.reserve(bytes.length)
    this.at += bytes.copy(this.out, this.at)
  }

  private reserve(bytes: number): void {
    if (this.at + bytes <= this.out.length) return
    const larger = Buffer.allocUnsafe(2 * (this.at + bytes))
    this.out.copy(larger, 0, 0, this.at)
    this.out = larger
  }

  put(byte: number): void {
    this.out[this.at++] = byte
  }

  /** Digits; nothing where the input does not say. */
  number(from: number, to: number): void {
    const { rows, out } = this
    if (rows[from] === backslash) return
    for (let i = from; i < to; i++) out[this.at++] = rows[i] as number
  }

  /** A millionth of a whole number, as JavaScript writes it: doubles tell numbers of at most 15 digits apart. */
  seconds(from: number, to: number): boolean {
    const { rows, out } = this
    if (to === from || to - from > mostDigits || rows[from] === minus) return false
    const whole = to - 6
    if (whole <= from) out[this.at++] = zero
    for (let i = from; i < whole; i++) out[this.at++] = rows[i] as number

    let last = to
    while (last > whole && last > from && rows[last - 1] === zero) last--
    if (last <= whole || last === from) return true
    out[this.at++] = dot
    for (let i = whole; i < last; i++) out[this.at++] = i < from ? zero : (rows[i] as number)

    return true
  }

  quoted(kind: CsvColumn['kind'], from: number, to: number): boolean {
    this.put(quote)
    const isPlain =
      kind === 'time'
        ? this.time(from, to)
        : kind === 'address'
          ? this.address(from, to)
          : this.plain(from, to)
    this.put(quote)
    return isPlain
  }

  private plain(from: number, to: number): boolean {
    const { rows, out } = this
    for (let i = from; i < to; i++) {
      const byte = rows[i] as number
      if (byte === quote || byte === backslash) return false
      out[this.at++] = byte
    }
    return true
  }

  /** An IPv4 address, which the store holds as IPv6. */
  private address(from: number, to: number): boolean {
    const { rows } = this
    for (let i = 0; i < mapped.length; i++) if (rows[from + i] !== mapped[i]) return false
    for (let i = from + mapped.length; i < to; i++)
      if (rows[i] === dot) return this.plain(from + mapped.length, to)
    return false
  }

  /** RFC 3339 of microseconds since 1970. */
  private time(from: number, to: number): boolean {
    const { rows } = this
    if (to - from < 7 || to - from > mostDigits + 1 || rows[from] === minus) return false
    let seconds = 0
    for (let i = from; i < to - 6; i++) seconds = seconds * 10 + (rows[i] as number) - zero
    const days = Math.floor(seconds / day)

    if (days !== this.today) {
      this.today = days
      this.date = Buffer.from(new Date(days * day * 1000).toISOString().slice(0, 11))
    }
    for (let i = 0; i < this.date.length; i++) this.put(this.date[i] as number)

    const inDay = seconds - days * day
    this.two((inDay / 3600) | 0, 58)
    this.two(((inDay / 60) | 0) % 60, 58)
    this.two(inDay % 60, dot)
    for (let i = to - 6; i < to; i++) this.put(rows[i] as number)
    this.put(90)

    return true
  }

  private two(value: number, after: number): void {
    const tens = (value / 10) | 0
    this.put(zero + tens)
    this.put(zero + value - tens * 10)
    this.put(after)
  }
}
