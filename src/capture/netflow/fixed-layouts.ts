/**
 * NetFlow 1, 5 and 7: records of one fixed layout (Cisco, "NetFlow Export Datagram Format"). What tells them from other
 * bytes needs this alone.
 */

export interface Layout {
  readonly header: number
  readonly record: number
  /** Places in a record. */
  readonly flags: number
  readonly proto: number
}

export const layouts: Readonly<Record<number, Layout>> = {
  1: { header: 16, record: 52, flags: 40, proto: 38 },
  5: { header: 24, record: 48, flags: 37, proto: 38 },
  7: { header: 24, record: 52, flags: 37, proto: 38 },
}

/** The header at `at`; at least `layout.header` bytes must be there. */
export function headerAt(view: DataView, at: number, version: number) {
  const isFirst = version === 1
  return {
    count: view.getUint16(at + 2),
    /** Milliseconds since the exporter began. */
    uptime: view.getUint32(at + 4),
    /** Microseconds. Residual nanoseconds of 0 mean that the exporter has whole seconds only. */
    time: view.getUint32(at + 8) * 1e6 + Math.floor(view.getUint32(at + 12) / 1e3),
    coarse: view.getUint32(at + 12) === 0,
    sequence: isFirst ? 0 : view.getUint32(at + 16),
    domain: version === 5 ? view.getUint16(at + 20) : 0,
    /** Two bits of mode, fourteen of interval; 0 and 1 are both unsampled. */
    rate: version === 5 ? Math.max(1, view.getUint16(at + 22) & 0x3fff) : 1,
  }
}
