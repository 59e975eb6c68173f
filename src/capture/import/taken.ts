/** What the steps of an import hand on: options, progress, and the input at hand from opening to publishing. */
import type { Load } from '../../store/load.ts'
import type { Found } from '../input.ts'
import type { Input, Reader } from '../reader.ts'
import type { Rejects } from '../rejects.ts'
import type { Profile } from '../tables/profile.ts'
import type { Part } from './bundle.ts'
import type { StretchSizes } from './chunks.ts'
import type { Content } from './known-content.ts'
import type { Slot } from './publisher.ts'
import type { Remembered } from './remembered.ts'

export interface ImportOptions {
  /** Name of the reader, where the content does not tell. */
  readonly format?: string | undefined
  /** What becomes of records of sampled packets; see `ReadingChoices`. */
  readonly sampled?: 'refuse' | 'scale' | undefined
  /** What the columns of tables mean (CSV, JSON lines, Parquet); without it, built-in profiles are tried. */
  readonly profile?: Profile | undefined
  /** Keep an input even when most of its records are rejected. */
  readonly acceptRejects?: boolean
  /** Bytes of a long file of lines that are read at once; for tests, which have no long files. */
  readonly stretches?: StretchSizes | undefined
  /** Called often, with bytes read of all bytes, and the rows of the inputs that are read. */
  readonly progress?: (done: ImportProgress) => void
}

export interface ImportProgress {
  /** The input at hand. */
  readonly name: string
  readonly bytes: number
  readonly of: number
  readonly rows: number
}

/** An input whose rows are, or will be, in a load. */
export interface Taken {
  readonly file: Found
  readonly slot: Slot
  readonly input: Input
  readonly reader: Reader
  readonly content: Content
  readonly load: Load
  readonly rejects: Rejects
  readonly remember: Remembered | null
}

/** One that waits to be read with others; `error` says what resulted. */
export interface Waiting extends Taken {
  readonly part: Part
  readonly bytes: number
  error?: unknown
}

export interface Opened extends Pick<Taken, 'file' | 'slot' | 'input' | 'reader'> {
  /** What the file was when it was opened; null where it is known to grow. */
  readonly stamp: string | null
}

export interface How {
  /** Called with the bytes of the file that are read. */
  readonly done: (bytes: number) => void
  /** Only this many bytes of the file, which must end a line: it still grows. Only for formats of lines. */
  readonly upTo?: number | undefined
}
