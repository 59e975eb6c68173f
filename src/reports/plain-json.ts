/** JSON text of any value: big integers as decimal text, numbers that JSON cannot say as null. Never throws on them. */
export const plainJson = (value: unknown, indent?: number): string =>
  JSON.stringify(
    value,
    (_key, each: unknown) => (typeof each === 'bigint' ? each.toString() : each),
    indent,
  ) ?? 'null'
