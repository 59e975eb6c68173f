/// <reference lib="dom" />
import type { TemplateResult } from 'lit-html'
import type { Verb } from '../../model/review/decision.ts'

/** Where the reader is: the path, and what the address says beside. */
export interface Where {
  readonly path: string
  readonly query: URLSearchParams
}

/** What a page may ask of the frame around it. */
export interface Frame {
  /** Goes to an address; with `replace` without a step in the history. */
  go(address: string, options?: { readonly replace?: boolean }): void
  /** Draws again what is there. */
  redraw(): void
  /** Loads again what is shown, as after a decision. */
  reload(): Promise<void>
  /** Opens the dialog in which one decides. */
  decide(verb: Verb, about: About): void
}

/** What a decision may be about: the first is offered first. */
export interface About {
  readonly host: string | null
  readonly subjects: readonly { readonly subject: string; readonly doc: string }[]
}

export interface Page<Data> {
  /** The address of its data; the same with `.json`. */
  source(where: Where): string
  /** The address of what can be had at once, shown until all of it is there. */
  first?(where: Where): string
  title(data: Data): string
  view(data: Data, where: Where, frame: Frame): TemplateResult
  /** Keys of its own; true where one was taken. */
  key?(event: KeyboardEvent, frame: Frame): boolean
  /** Called after the page was drawn. */
  drawn?(root: HTMLElement, frame: Frame): void
}
