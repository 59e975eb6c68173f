import type { Columns } from './record.ts'

/**
 * All flows of one client to one service (server, port, transport) in one epoch. Gu et al., BotMiner 2008,
 * section 3.3. The four variables are sampled once a flow, but `fph` once an hour that has a flow.
 */
export const cflowColumns = {
  analysis: { kind: 'text', doc: 'The analysis it belongs to.' },
  epoch: { kind: 'count', doc: 'Number of the epoch, from 0.' },
  client: { kind: 'address', doc: 'Internal host.' },
  server: { kind: 'address', doc: 'External host.' },
  serverPort: { kind: 'port', doc: 'Port on the server.' },
  proto: { kind: 'word', doc: 'tcp or udp.' },
  flows: { kind: 'count', doc: 'Flows after filters and stitching.' },
  first: { kind: 'time', doc: 'Start of the first flow.' },
  last: { kind: 'time', doc: 'Start of the last flow.' },
  fphMean: { kind: 'number', doc: 'Mean flows in an hour that has one.' },
  fphVariance: { kind: 'number', doc: 'Its population variance.' },
  ppfMean: { kind: 'number', doc: 'Mean packets per flow, both ways.' },
  ppfVariance: { kind: 'number', doc: 'Its population variance.' },
  bppMean: { kind: 'number', doc: 'Mean bytes per packet.' },
  bppVariance: { kind: 'number', doc: 'Its population variance.' },
  bpsMean: { kind: 'number', doc: 'Mean bytes per second.' },
  bpsVariance: { kind: 'number', doc: 'Its population variance.' },
  fphBins: { kind: 'numbers', doc: 'Hours in each of the 13 pooled-quantile bins.' },
  ppfBins: { kind: 'numbers', doc: 'Flows in each of the 13 bins of packets per flow.' },
  bppBins: { kind: 'numbers', doc: 'Flows in each of the 13 bins of bytes per packet.' },
  bpsBins: { kind: 'numbers', doc: 'Flows in each of the 13 bins of bytes per second.' },
} as const satisfies Columns

/** The four variables of a C-flow, in the order of the vector. */
export const variables = ['fph', 'ppf', 'bpp', 'bps'] as const
export type Variable = (typeof variables)[number]

export const variableDocs: Readonly<Record<Variable, { readonly name: string; readonly unit: string }>> = {
  fph: { name: 'flows per hour', unit: 'flows/h' },
  ppf: { name: 'packets per flow', unit: 'packets' },
  bpp: { name: 'bytes per packet', unit: 'B' },
  bps: { name: 'bytes per second', unit: 'B/s' },
}

/** Pooled quantiles at which the bins are cut. BotMiner 2008, section 3.3. */
export const quantileLevels: readonly number[] = [
  0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9,
]
export const binCount = 13

/** The 12 cut points of each variable, fixed for an epoch. */
export type Cuts = Readonly<Record<Variable, readonly number[]>>
