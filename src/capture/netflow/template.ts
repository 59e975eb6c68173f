/** Templates: how the records of one set are laid out (RFC 3954 section 5.2, RFC 7011 section 3.4). */
import { form, meaningOf, slot } from './fields.ts'
import { iana } from './information-elements.ts'

/** The length in a template of a field whose records say their own length (RFC 7011, section 7). */
export const variable = 0xffff

export interface TemplateField {
  readonly slot: number
  /** How it is read; -1 when it is stepped over. */
  readonly form: number
  /** Bytes; `variable` where each record says. */
  readonly length: number
  /** Place in a record of fixed length. */
  readonly offset: number
  /** Bytes of a whole number of 1, 2 or 4, which nearly all are and which are read at once; else 0. */
  readonly plain: number
}

export interface Template {
  /** Fields that say what the record is about, and not a flow (options). */
  readonly isOptions: boolean
  readonly fields: readonly TemplateField[]
  /** The fields that are read. */
  readonly used: readonly TemplateField[]
  /** Bytes of a record; the least where it varies. */
  readonly length: number
  readonly fixed: boolean
  /** Whether records tell times by the uptime of their exporter. */
  readonly hasUptime: boolean
  /** As it was said: `enterprise.number:length`, with commas. Kept across restarts, and compared. */
  readonly text: string
}

/** A field as a template names it. */
interface Specifier {
  readonly enterprise: number
  readonly number: number
  readonly length: number
}

/** Null when records of it would be empty, so that they could not be counted. */
export function templateOf(specifiers: readonly Specifier[], isOptions: boolean): Template | null {
  let offset = 0

  const fields = specifiers.map(({ enterprise, number, length }) => {
    const meaning = meaningOf(enterprise, number)
    const plain = meaning?.form === form.whole && [1, 2, 4].includes(length) ? length : 0
    const field = { slot: meaning?.slot ?? -1, form: meaning?.form ?? -1, length, offset, plain }
    offset += length === variable ? 1 : length
    return field
  })

  if (offset === 0) return null

  return {
    isOptions,
    fields,
    used: fields.filter((field) => field.form >= 0),
    length: offset,
    hasUptime: fields.some((field) => field.slot === slot.firstUp || field.slot === slot.lastUp),
    fixed: !specifiers.some(({ length }) => length === variable),
    text: specifiers.map(({ enterprise, number, length }) => `${enterprise}.${number}:${length}`).join(','),
  }
}

/** The template that `text` tells of; null when it tells of none. */
export function templateFrom(text: string, isOptions: boolean): Template | null {
  const specifiers = text.split(',').map((each) => /^(\d{1,10})\.(\d{1,5}):(\d{1,5})$/.exec(each))
  if (specifiers.some((each) => each === null)) return null
  return templateOf(
    specifiers.map((each) => ({
      enterprise: Number(each![1]),
      number: Number(each![2]),
      length: Number(each![3]),
    })),
    isOptions,
  )
}

/** The fields of the template record at `at`, and where it ends; null when it goes beyond the set. */
export function specifiersAt(
  { view, at, end }: { view: DataView; at: number; end: number },
  { isNine, isOptions }: { isNine: boolean; isOptions: boolean },
): { fields: Specifier[]; end: number } | null {
  const scopes = isNine && isOptions ? view.getUint16(at + 2) >>> 2 : 0
  const count = isNine && isOptions ? scopes + (view.getUint16(at + 4) >>> 2) : view.getUint16(at + 2)
  const fields: Specifier[] = []
  let next = at + (isOptions ? 6 : 4)

  for (let i = 0; i < count; i++) {
    if (next + 4 > end) return null
    const raw = view.getUint16(next)
    const length = view.getUint16(next + 2)
    const isForeign = !isNine && raw >= 0x8000
    if (isForeign && next + 8 > end) return null
    const number = isForeign ? raw & 0x7fff : raw
    const enterprise = isForeign ? view.getUint32(next + 4) : 0
    // The scopes of v9 have numbers of their own, of which 2 is the interface.
    if (i < scopes) fields.push({ enterprise: 0, number: number === 2 ? iana.ingressInterface : 0, length })
    else fields.push({ enterprise, number, length })
    next += isForeign ? 8 : 4
  }

  return { fields, end: next }
}
