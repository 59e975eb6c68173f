import type { Columns } from './record.ts'

/**
 * Every name that was asked for, taken apart once: what the names stage makes and later stages join to `dns` by
 * `query`. Depends on the text alone, so it is kept from one analysis to the next.
 */
export const queriedColumns = {
  query: { kind: 'text', doc: 'As in `dns`.' },
  kind: { kind: 'word', doc: 'public, reverse, list, service, search, local, single, unlisted, …' },
  registered: { kind: 'text', doc: 'The domain that somebody registered, by the public suffix list.' },
  suffix: { kind: 'word', doc: 'Its public suffix.' },
  payload: { kind: 'count', doc: 'Characters before the registered domain, without dots.' },
  entropy: { kind: 'number', doc: 'Bits a character of these.' },
} as const satisfies Columns

/**
 * Registered domains that failed somebody, judged once: most domains never fail, and judging costs ten times taking
 * apart.
 */
export const judgedColumns = {
  registered: { kind: 'text', doc: 'As in `queried`.' },
  generated: {
    kind: 'number',
    doc: 'Log-likelihood ratio that a program generated the domain; 0 if unknown.',
  },
} as const satisfies Columns
