/** A record of NetFlow 1, 5 or 7 as a record of flows. */
import { type ExportRecord, isIcmp } from '../biflow/record.ts'
import type { ExportStream } from './exporter.ts'
import type { Layout } from './fixed-layouts.ts'
import { meterOf } from './record-to-flow.ts'

/** Fills `record` with the one at `at`, all of whose bytes must be there. */
export function readFixed(
  record: ExportRecord,
  view: DataView,
  at: number,
  layout: Layout,
  stream: ExportStream,
): void {
  const { ends } = record
  record.clear()
  ends.s3 = view.getInt32(at)
  ends.d3 = view.getInt32(at + 4)
  ends.proto = view.getUint8(at + layout.proto)
  const target = view.getUint16(at + 34)
  if (isIcmp(ends.proto)) record.icmp(target >>> 8, target & 255)
  else {
    ends.sourcePort = view.getUint16(at + 32)
    ends.targetPort = target
  }

  record.packets = view.getUint32(at + 16)
  record.bytes = view.getUint32(at + 20)
  record.flags = view.getUint8(at + layout.flags)

  const { shift } = stream.skew
  record.start = stream.boot.at(view.getUint32(at + 24)) + shift
  record.end = stream.boot.at(view.getUint32(at + 28)) + shift
  record.exported = stream.boot.now + shift
  record.meter = meterOf(stream)
}
