/** Why a record was left out. A closed list, so that the report can count by reason. */
export const rejectReasons = {
  truncated: 'the record is cut short or has the wrong number of fields',
  'bad-field': 'a field holds something it cannot hold',
  'bad-time': 'the time is missing, negative or beyond the year 2242',
  'bad-address': 'an address is no IPv4 or IPv6 address',
  'no-template': 'the template that describes the record never came',
  unsupported: 'a kind of record that cannot be read',
  'not-used': 'a kind of record that is not used (statistics, other protocols)',
  sampled: 'the record counts only a sample of the packets, and was not to be scaled (--sampled scale)',
  lost: 'what an exporter sent and nobody received: by gaps in its numbering, or dropped before it was read',
  superseded:
    'counted by another record: an earlier state of it, or a later fragment of a packet in a tunnel',
  trailing: 'bytes behind the end of what a program wrote, which are no record and no archive',
  'not-ip': 'the record is about something below IP (ARP, LLC …)',
} as const

export type RejectReason = keyof typeof rejectReasons

/** Records that are rightly left out: they do not make an input suspect. */
export const harmless: ReadonlySet<RejectReason> = new Set<RejectReason>([
  'not-ip',
  'not-used',
  'superseded',
  'trailing',
])

/** The reason of a sample that is none: how an input was read, where it is not as it says. Nothing is counted of it. */
export const remarkReason = 'remark'

export interface Reject {
  readonly reason: RejectReason
  /** Line or record number, from 1. */
  readonly position: number
  /** The first 200 characters, control characters replaced. */
  readonly sample: string
}

/** A record that was left out, or a remark. */
export type Sample = Reject | (Omit<Reject, 'reason'> & { readonly reason: typeof remarkReason })

const plainText = (text: string): string =>
  text.replace(/\p{Cc}/gu, (each) => (each === '\t' ? each : '\ufffd')).toWellFormed()

/** Bad records are counted and sampled, never thrown and never dropped in silence. */
export function createRejects(samplesPerReason = 3): Rejects {
  const counts = new Map<RejectReason, number>()
  let used = 0
  const samples: Sample[] = []

  return {
    counts: counts as ReadonlyMap<RejectReason, number>,
    samples: samples as readonly Sample[],
    use(records) {
      used += records
    },
    used: () => used,
    remark(text) {
      samples.push({ reason: remarkReason, position: 0, sample: plainText(text.slice(0, 200)) })
    },
    add(reason, position, sample, times = 1) {
      const seen = samples.filter((each) => each.reason === reason).length
      if (seen < samplesPerReason) samples.push({ reason, position, sample: plainText(sample.slice(0, 200)) })
      counts.set(reason, (counts.get(reason) ?? 0) + times)
    },
  }
}

export interface Rejects {
  readonly counts: ReadonlyMap<RejectReason, number>
  readonly samples: readonly Sample[]
  /** `times` records at once; `sample` stands for them. */
  add(reason: RejectReason, position: number, sample: string, times?: number): void
  /** Says that this many records were used, by a reader whose rows are not one a record. */
  use?(records: number): void
  used?(): number
  /** Says how the input was read, where that is not as it says itself. */
  remark?(text: string): void
}
