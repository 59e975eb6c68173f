/** How a collector fares: what came, what was lost and where. */

import type { ExportStream } from '../netflow/exporter.ts'
import { isOff } from '../netflow/exporter-clock.ts'
import type { ExportIntake } from '../netflow/intake.ts'

interface ExporterStatus {
  readonly from: string
  /** The port that it sends from; 0 for sFlow, whose agents say who they are. */
  readonly port: number
  readonly protocol: string
  readonly domain: number
  readonly datagrams: number
  readonly records: number
  readonly templates: number
  /** By gaps in its numbering: records (v5, IPFIX) or datagrams (v9, sFlow). */
  readonly lost: number
  /** 1 in this many packets is looked at. */
  readonly rate: number
  /** Records that were taken for unsampled before the exporter said otherwise. */
  readonly early: number
  /** Records that end milliseconds before they begin; kept, with a duration of 0. */
  readonly backwards: number
  /** How many seconds its clock is behind ours, where that is more than a minute; else 0. */
  readonly clockBehind: number
}

export interface CollectorStatus {
  readonly datagrams: number
  readonly records: number
  /** Flows given to the store. */
  readonly flows: number
  /** Flows that are still open. */
  readonly open: number
  readonly rejects: number
  readonly lost: {
    readonly numbering: number
    /** Null where the system does not tell. */
    readonly kernel: number | null
    /** Dropped because too much waited for the engine. */
    readonly queue: number
  }
  readonly rotations: number
  readonly exporters: readonly ExporterStatus[]
}

export function statusOf(
  intake: ExportIntake,
  counts: {
    readonly datagrams: number
    readonly overrun: number
    readonly kernel: number | null
    readonly rejects: number
    readonly flows: number
    readonly rotations: number
  },
): CollectorStatus {
  const streams = intake.decoder.streams.all()

  return {
    datagrams: counts.datagrams,
    records: intake.records,
    flows: counts.flows,
    open: intake.pairing.live,
    rejects: counts.rejects,
    lost: {
      numbering: streams.reduce((sum, { sequence }) => sum + sequence.lost, 0),
      kernel: counts.kernel,
      queue: counts.overrun,
    },
    rotations: counts.rotations,
    exporters: streams.map(exporterStatus),
  }
}

const exporterStatus = (stream: ExportStream): ExporterStatus => ({
  from: stream.from,
  port: stream.port,
  protocol: stream.protocol,
  domain: stream.domain,
  datagrams: stream.datagrams,
  records: stream.records,
  templates: stream.templates.size,
  lost: stream.sequence.lost,
  rate: stream.rate,
  early: stream.early,
  backwards: stream.backwards,
  clockBehind: isOff(stream.skew) ? Math.round(stream.skew.off / 1e6) : 0,
})

/** Units lost. Gaps in the numbering tell of drops here as well, so the greater count holds. */
export const lossOf = ({ lost }: CollectorStatus): number =>
  Math.max(lost.numbering, (lost.kernel ?? 0) + lost.queue)
