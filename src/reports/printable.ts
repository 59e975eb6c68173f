/**
 * Text of the input made safe to look at.
 *
 * Names and paths come from the network, so a bot writes them: control characters move a terminal's cursor,
 * bidirectional overrides reorder a line, a NUL ends an HTML parser's patience. Each is written as its number.
 */
const unsafe = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/gu

const short: Readonly<Record<string, string>> = { '\t': '\\t', '\n': '\\n', '\r': '\\r', '\0': '\\0' }

const asNumber = (character: string): string =>
  short[character] ?? `\\u{${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}}`

/** One line of text with nothing in it that acts. */
export const printable = (text: string): string => text.replace(unsafe, asNumber)
