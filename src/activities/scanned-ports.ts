/** The ports on which hosts look for servers. */
import type { Activity } from '../model/activity.ts'
import { isPort } from './traits.ts'

/** Rules that find a port tried at many servers; that of many ports of one server says nothing of others. */
const byPort: ReadonlySet<string> = new Set([
  'horizontal-scan',
  'subnet-sweep',
  'scan-rate',
  'failed-connections',
])

/** Ports that each host scans, such as `tcp/445`, by the host. */
export function scannedPortsOf(activities: readonly Activity[]): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>()

  for (const { host, detector, traits } of activities) {
    if (!byPort.has(detector)) continue
    const ports = found.get(host) ?? new Set<string>()
    for (const port of traits.filter(isPort)) ports.add(port)
    found.set(host, ports)
  }
  return found
}
