/** What is left out of an input, what of it is said, and which inputs are left out as a whole. */
import { UserError } from '../../errors.ts'
import { placeOf, sayRejects, unitOf } from '../../model/words/rejects.ts'
import { sayCount } from '../../model/words/say.ts'
import type { Found, Unfound } from '../input.ts'
import type { Input } from '../reader.ts'
import { harmless, type Rejects, remarkReason } from '../rejects.ts'

/** What a file holds, as against whether it can be read. */
const aboutContent: ReadonlySet<string> = new Set([
  'input-empty',
  'input-unknown-format',
  'input-unsupported',
])

/** Whether a file is no record of anything that is read here, such as a note beside the logs. */
export const holdsNoRecords = (error: unknown): boolean =>
  error instanceof UserError && aboutContent.has(error.code)

/** The cause of `input-mostly-rejected` where no record at all can be used. */
const nothingUsable = 'no record can be used'

/**
 * Whether the others go on without a file: one that was found in a folder, or one that was named (by `*.log`, say) and
 * holds nothing of use. One that was named and is missing, damaged or not to be read ends the run.
 */
export const mayBeLeftOut = ({ explicit }: Found, error: unknown): boolean =>
  isAboutInput(error) &&
  (!explicit || aboutContent.has((error as UserError).code) || (error as UserError).cause === nothingUsable)

/** Why the one file that was named could not be used; null where there were others, or none. */
export const onlyReason = (files: readonly Found[], skipped: readonly Unfound[]): unknown =>
  files.length === 1 && files[0]?.explicit && skipped.length === 1 ? (skipped[0]?.error ?? null) : null

export const isAboutInput = (error: unknown): boolean =>
  error instanceof UserError && error.code.startsWith('input-')

/** What was left out of an input below its records is said with its rejects. */
export function addRemarks(input: Input, rejects: Rejects): void {
  const forms = input.forms ?? []
  if (forms.length > 0) rejects.remark?.(`its records were taken out of: ${forms.join(', ')}`)
  for (const { reason, position, sample, times } of input.remarks?.() ?? [])
    rejects.add(reason, position, sample, times)
}

/**
 * Compares records with records: of a reader that makes one row of many (packets, halves of a conversation) the records
 * that it used, else the rows. One bad record alone never costs the file, if it holds anything else.
 * @throws UserError input-mostly-rejected.
 */
export function refuseMostlyRejected(
  { name, format }: { readonly name: string; readonly format: string },
  rows: number,
  rejects: Rejects,
): void {
  const countOf = (isHarmless: boolean) =>
    [...rejects.counts]
      .filter(([reason]) => harmless.has(reason) === isHarmless)
      .reduce((sum, [, n]) => sum + n, 0)
  const bad = countOf(false)
  const taken = Math.max(rows, rejects.used?.() ?? 0)
  if (taken >= bad || (bad === 1 && countOf(true) > 0)) return
  const sample = rejects.samples.find(({ reason }) => reason !== remarkReason && !harmless.has(reason))
  const first = sample ? `; first at ${placeOf(format, sample.position)}: ${sample.sample.slice(0, 80)}` : ''

  throw new UserError(
    'input-mostly-rejected',
    `${name}: ${sayCount(bad)} of ${sayCount(bad + taken)} ${unitOf(format)}s cannot be used: ` +
      `${sayRejects([...rejects.counts])}${first}`,
    'Check that the file is what it seems, or keep the rest with --accept-rejects.',
    taken === 0 ? nothingUsable : undefined,
  )
}
