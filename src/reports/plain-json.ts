/** Characters that reorder or hide text, or move the cursor of a terminal. */
const acting = /[\p{Cf}\p{Co}\p{Zl}\p{Zp}\u007f-\u009f]/gu

/**
 * JSON text of any value: big integers as decimal text, numbers that JSON cannot say as null. Never throws on them.
 * Characters that would act on a terminal are escapes: the same value to a program, and harmless where it is printed.
 */
export const plainJson = (value: unknown, indent?: number): string =>
  (
    JSON.stringify(
      value,
      (_key, each: unknown) => (typeof each === 'bigint' ? each.toString() : each),
      indent,
    ) ?? 'null'
  ).replace(acting, (character) =>
    Array.from({ length: character.length }, (_, i) => character.charCodeAt(i))
      .map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`)
      .join(''),
  )
