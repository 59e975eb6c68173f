import type { Query } from '../model/query.ts'
import type { RecordName, RecordRow } from '../model/records.ts'
import type { TextFile } from '../store/store.ts'
import type { Reject, Rejects } from './rejects.ts'

/** One file of records. */
export interface Input {
  /** As the person named it, or found in a directory; findings and errors repeat it. */
  readonly name: string
  /** Absolute path. */
  readonly path: string
  /** Bytes on disk. */
  readonly size: number
  /**
   * How the content is packed. `text`: not packed, and yet not the bytes of the file, but what is left when an
   * encoding or an envelope is taken off. Only with `none` are the bytes of the file the content.
   */
  readonly compression: 'none' | 'gzip' | 'zstd' | 'text'
  /** Whether a file at `path` holds the content, packed as `compression` says; a stream is in none. */
  readonly onDisk?: boolean
  /** First 64 KiB of the content, uncompressed, one character a byte (latin1). */
  readonly head: string
  /** What the content is an archive of files of, if it is. */
  readonly archive?: 'tar' | 'zip' | null
  /** Encodings and envelopes that are taken off, the outermost first. */
  readonly forms?: readonly string[]
  /** Whether bytes that are appended to the file extend the content, and change nothing before. */
  readonly grows?: boolean
  /** Whether the file holds nothing but zeros. */
  readonly isBlank?: boolean
  /**
   * What was left out below the records, known once the content was read: bytes behind an archive, lines before a
   * header.
   */
  remarks?(): readonly Remark[]
  /**
   * The content, uncompressed. With `passing`, a chunk may be overwritten when the next one is asked for.
   * @throws UserError input-damaged when the compression breaks off.
   */
  bytes(passing?: boolean): AsyncIterable<Buffer>
  /** As `bytes`; `passed` is told how many bytes of what is on disk were read for it. */
  unpacked?(passed: (bytes: number) => void): AsyncIterable<Buffer>
  /** The content as UTF-8 lines, without line ends. Lines over 1 MiB are cut there. */
  lines(): AsyncIterable<string>
}

/** Something that was left out of an input before its records were looked at. */
export interface Remark extends Reject {
  readonly times: number
}

/** A row with its line or record number in the input, from 1. */
export type Placed<N extends RecordName> = RecordRow<N> & { readonly position: number }

/** Small files of one format that are read one after the other as if they were one, to spare statements. */
export interface Bundle {
  /** The first row of each file, from 1. */
  readonly starts: readonly number[]
  /** SQL over `row`: the first row of the file that the row is of. */
  readonly piece: Query
  /** Rejects of the file that begins at `piece`; positions are given in rows of the bundle. */
  rejectsOf(piece: number): Rejects
  /** SQL over `row`: whether the row is to be read; others are there to be compared with. */
  readonly own?: Query
  /** Headers and the number of records, where they were counted already. */
  readonly survey?: Survey
  /** Kept from one stretch of a file to the next. */
  readonly memory?: Map<string, unknown>
}

export interface Survey {
  /** Lines that are headers, in order. */
  readonly headers: readonly { readonly row: number; readonly line: string }[]
  readonly records: number
  /** The first line that is a record; 0 where there is none. */
  readonly first: number
  /** Whether no record has a backslash; absent where nobody looked. */
  readonly isUnescaped?: boolean
}

/** Where a reader puts what it reads. Nothing of it is seen by anyone until the whole input is read. */
export interface Sink {
  readonly rejects: Rejects
  /** Where the input is several files: what of it must not reach from one into the next. */
  readonly bundle?: Bundle
  /** Rows parsed in this process, in any order; waits while the engine is behind. */
  write<N extends RecordName>(record: N, rows: readonly Placed<N>[]): Promise<void>
  /**
   * Rows that are text of the store already, where the sink takes such: `make` gives `rows` of them, each begun
   * with `first`. The cells are `position` and the written columns, in order (`store/tsv.ts`).
   */
  writeText?(record: RecordName, rows: number, make: (first: string) => Uint8Array): Promise<void>
  /** Names and types of the columns of a file that says them itself: see `Store.describe`. */
  describe?(path: string, format: string): Promise<{ readonly name: string; readonly type: string }[]>
  /** Lets the engine parse the file: see `Store.parse`. */
  parse<T>(file: TextFile, use: (table: Query) => Promise<T>): Promise<T>
  /**
   * Rows that the engine selects. `values` gives SQL for every written column and for `position`; `from` is
   * what stands after FROM, WHERE and all. Gives the number of rows.
   */
  insertSelect(record: RecordName, values: Readonly<Record<string, Query>>, from: Query): Promise<number>
  /** Rows of a query over a parsed table, for rejects and for looking ahead. */
  rows<Row>(query: Query): Promise<Row[]>
  /** The one kind of record that is wanted, where not all are; of others only `passOver` is told how many there are. */
  readonly only?: RecordName
  passOver?(record: RecordName, rows: number): void
  /** Bytes of the input read so far, for the progress line. */
  progress(bytes: number): void
}

/** What the person chose of how records are read. */
export interface ReadingChoices {
  /** What becomes of records of sampled packets: left out and counted (the default), or scaled and marked. */
  readonly sampled?: 'refuse' | 'scale'
}

/** Turns one input format into records. `test/contracts/reader.ts` states what every reader owes. */
export interface Reader {
  readonly name: string
  readonly doc: string
  /**
   * For a reader of lines through `withLines`: which lines say how those after them are to be read. `hash`: lines
   * that begin with #, of each first word the last; `first`: the first line; `none`: each line says it itself.
   * Files of such a reader may be read as a bundle, and from any line on.
   */
  readonly lines?: 'hash' | 'first' | 'none'
  /** Whether a line that may be a header is one. */
  header?(line: string): boolean
  /**
   * For `first`: a text that is in each header, where headers come again, files having been put one after the
   * other.
   */
  readonly again?: string
  /** Whether records are compared with others of the file, which must then be at hand where it is read in stretches. */
  readonly compares?: true
  /** Whether it reads more of a file than its lines, such as when it was written, so that it is put with no other. */
  readonly alone?: true
  /** Which records it can give. */
  readonly gives: readonly RecordName[]
  /** Whether the head looks like this format. Never throws. */
  accepts(head: string): boolean
  /**
   * Gives every record of the input to the sink as a row or as a reject: records in = rows + rejects.
   * @throws UserError when the input as a whole cannot be read; then nothing of it is kept.
   */
  read(input: Input, sink: Sink, choices?: ReadingChoices): Promise<void>
}
