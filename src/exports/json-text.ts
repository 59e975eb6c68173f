import { plainJson } from '../reports/plain-json.ts'

/**
 * JSON in which characters that reorder or hide text are written as escapes: the same value to a program, and
 * harmless on the terminal that it is printed on.
 */
export const jsonText = (value: unknown, indent?: number): string =>
  plainJson(value, indent).replace(/[\p{Cf}\p{Co}\p{Zl}\p{Zp}\u007f-\u009f]/gu, (character) =>
    Array.from({ length: character.length }, (_, i) => character.charCodeAt(i))
      .map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`)
      .join(''),
  )
