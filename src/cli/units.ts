/** Times and sizes as options take them, and as they are shown again. */
import { InvalidArgumentError, type Option } from 'commander'

const units = (what: string, of: Readonly<Record<string, number>>) => (text: string) => {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?)\s*([A-Za-z]+)$/.exec(text.trim()) ?? []
  const size = of[unit]
  if (number === undefined || size === undefined || Number(number) <= 0)
    throw new InvalidArgumentError(`Give ${what}.`)
  return Math.round(Number(number) * size)
}

/** Units from the smallest on. */
const timeUnits = { m: 60e6, h: 3600e6, d: 86_400e6 } as const
const sizeUnits = { MB: 1e6, GB: 1e9, TB: 1e12 } as const

/** Microseconds of `30d`, `12h` or `90m`. */
export const timeSpan = units('a time such as 30d, 12h or 90m', timeUnits)

/** Bytes of `500MB`, `20GB` or `2TB`. */
export const diskSize = units('a size such as 500MB, 20GB or 2TB', sizeUnits)

/** The value of an option as a user writes it: in the largest unit of which it is a whole number. */
export function asWritten({ parseArg }: Option, value: unknown): unknown {
  const of = parseArg === timeSpan ? timeUnits : parseArg === diskSize ? sizeUnits : null
  if (of === null || typeof value !== 'number') return value
  const ascending = Object.entries(of)
  const [unit, size] = ascending.findLast((each) => value % each[1] === 0) ?? ascending[0]!
  return `${value / size}${unit}`
}
