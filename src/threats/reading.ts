import { basename } from 'node:path'
import { UserError } from '../errors.ts'
import type { InputReport } from '../model/answer.ts'
import {
  type Entry,
  type Indicator,
  indicatorOf,
  type Listed,
  type Refusal,
  refusalOf,
  refusals,
} from './indicator.ts'

export interface ListSettings {
  /** When the records begin, in microseconds: what was out of date by then is refused. */
  readonly from: number
  readonly isSharedName: (name: string) => boolean
  /** Whether a destination is trusted by the user's own list. */
  readonly isAllowed: (indicator: Indicator) => boolean
}

/** The largest JSON file that is read, in bytes: a JavaScript string holds no more. */
export const largestJson = 400e6
export const longestLine = 1 << 16
/** Entries that are given on together: so few that the objects of one batch are gone before the next. */
const largestBatch = 1000
/** Addresses change hands; one that was last seen longer ago than this is not matched. */
const staleAfter = 365 * 86_400e6

/** Why an entry is left out that is none: text of another kind. */
const namesNothing = 'it names nothing that can be matched'
export const tooLong = `longer than ${longestLine} characters`

const refusalText = (refusal: Refusal): string => `refused: ${refusals[refusal]}`

export function createReading(
  path: string,
  settings: ListSettings,
  take: (batch: readonly Listed[]) => Promise<void>,
) {
  const counts = new Map<string, number>()
  const samples: { reason: string; position: number; sample: string }[] = []
  let list = basename(path).replace(/\.gz$/, '')
  let format = 'plain'
  let taken = 0
  let batch: Listed[] = []

  const leaveOut = (reason: string, position: number, sample: string) => {
    counts.set(reason, (counts.get(reason) ?? 0) + 1)
    if (samples.filter((each) => each.reason === reason).length < 3)
      samples.push({
        reason,
        position,
        sample: sample
          .slice(0, 200)
          .replace(/\p{Cc}/gu, '\ufffd')
          .toWellFormed(),
      })
  }

  const flush = async () => {
    if (batch.length > 0) await take(batch)
    batch = []
  }

  return {
    leaveOut,
    flush,
    named: (name: string) => {
      if (name.trim() !== '') list = name.trim().slice(0, 120)
    },
    is: (name: string) => {
      format = name
    },
    /** Takes an entry; what it gives must be waited for. */
    entry(
      { value, description, listed, until, refused }: Entry,
      position: number,
    ): Promise<void> | undefined {
      const indicator = indicatorOf(value)

      if (!indicator) {
        leaveOut(namesNothing, position, value)
        return
      }

      const against =
        refused ??
        datedRefusal(indicator, { listed, until }, settings.from) ??
        refusalOf(indicator, settings.isSharedName) ??
        (settings.isAllowed(indicator) ? 'allowed' : null)

      if (against) {
        leaveOut(refusalText(against), position, value)
        return
      }

      taken++
      batch.push({ ...indicator, number: 0, list, description: description.slice(0, 200), listed })

      return batch.length >= largestBatch ? flush() : undefined
    },
    report(sha256: string): InputReport {
      if (taken === 0 && [...counts.keys()].every((reason) => reason === namesNothing || reason === tooLong))
        throw noList(path, samples)

      return {
        name: path,
        format: `threat list, ${format}`,
        sha256,
        records: { indicator: taken },
        duplicates: 0,
        rejects: Object.fromEntries(counts),
        rejectSamples: samples,
        known: false,
      }
    },
  }
}

const noList = (path: string, [first]: readonly { position: number; sample: string }[]): UserError =>
  new UserError(
    'list-invalid',
    first
      ? `the list ${path} names nothing that can be matched; entry ${first.position} is "${first.sample.slice(0, 60)}"`
      : `the list ${path} has no entries`,
    'Give one entry per line, CSV, MISP or STIX 2.1 JSON.',
  )

function datedRefusal(
  { type }: Indicator,
  { listed, until }: Pick<Entry, 'listed' | 'until'>,
  from: number,
): Refusal | null {
  if (until !== null && until < from) return 'expired'
  const moves = type === 'address' || type === 'network' || type === 'service'
  return moves && listed !== null && listed < from - staleAfter ? 'stale' : null
}

export type Reading = ReturnType<typeof createReading>
