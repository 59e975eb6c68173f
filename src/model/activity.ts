import type { Columns, RowOf } from './record.ts'

/** Kinds of malicious activity that the A-plane knows. Gu et al., BotMiner 2008, section 3.4. */
export const activityTypes = ['scan', 'spam', 'download', 'exploit', 'dga'] as const
export type ActivityType = (typeof activityTypes)[number]

/**
 * Something that a host did in one epoch that bots are made to do.
 *
 * `traits` is what second-layer A-clustering compares: destination ports or subnet of a scan, mail servers of
 * spam, content hashes of downloads, signature ids of exploits, failed names of a DGA.
 */
export const activityColumns = {
  epoch: { kind: 'count', doc: 'Number of the epoch, from 0.' },
  type: { kind: 'word', doc: 'scan, spam, download, exploit or dga.' },
  detector: {
    kind: 'word',
    doc: 'The rule that reports it (horizontal-scan, vertical-scan, many-mail-servers …).',
  },
  host: { kind: 'address', doc: 'The host.' },
  first: { kind: 'time', doc: 'First time seen in the epoch.' },
  last: { kind: 'time', doc: 'Last time seen in the epoch.' },
  times: { kind: 'count', doc: 'How often: flows, messages, files, alerts or names, as the rule counts.' },
  targets: { kind: 'count', doc: 'Distinct targets.' },
  score: {
    kind: 'number',
    doc: 'The rule’s own measure, in units of its threshold: 1 is exactly the threshold.',
  },
  traits: { kind: 'texts', doc: 'What second-layer clustering compares, sorted; capped at 200.' },
  sample: { kind: 'texts', doc: 'Up to 10 targets as text, to be read by a person.' },
  flows: { kind: 'texts', doc: 'Up to 10 flow ids as evidence.' },
} as const satisfies Columns

export type Activity = Omit<RowOf<typeof activityColumns>, 'type'> & { readonly type: ActivityType }
