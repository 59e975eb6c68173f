import type { Answer, Figures } from '../model/answer.ts'

export interface RenderOptions {
  /** Paint the text for a terminal. Off unless the caller knows that one is there. */
  readonly color?: boolean
  /** Columns of the text; 80 unless told. */
  readonly width?: number
  /** Findings printed before the rest is only counted; 10 unless told. */
  readonly limit?: number
  /** Print the filters and every input too. */
  readonly verbose?: boolean
  /** Where the answer holds only what is new: hosts that the whole analysis accuses. */
  readonly accusedInAll?: number
  /** The database of the answer is gone afterwards. */
  readonly isTemporary?: boolean
  /** What is said in place of how many hosts are accused. */
  readonly opening?: string
}

/** What a part of an answer is a part of. */
export type News = Pick<RenderOptions, 'accusedInAll' | 'opening'>

/** One way to write an answer down. Adding one is a file here and a line in index.ts. */
export interface OutputFormat {
  readonly name: string
  readonly doc: string
  /** Ending of a file in this format, without the dot. */
  readonly extension: string
  /** The whole document. Input text in it (names, paths, samples) is made harmless for the medium. */
  render(answer: Answer, figures: Figures, options?: RenderOptions): string
}

export const noFigures: Figures = {
  dendrograms: [],
  contacts: [],
  distributions: [],
  timelines: [],
  beacons: [],
}
