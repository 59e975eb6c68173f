/** Every way to pass findings on to another program. To add one: write the format in a file here and list it. */
import type { OutputFormat } from '../reports/format.ts'
import { formats } from '../reports/index.ts'
import { cef, leef } from './cef.ts'
import { ecs } from './ecs.ts'
import { jsonl } from './jsonl.ts'
import { blocklist, domains, rpz, zeekIntel } from './lists.ts'
import { misp } from './misp.ts'
import { navigator } from './navigator.ts'
import { ocsf } from './ocsf.ts'
import { stix } from './stix.ts'
import { suricata } from './suricata.ts'

export { alertsIn } from './alerts.ts'
export { type Indicator, indicatorsIn, remark } from './indicators.ts'
export { ofBotnet } from './narrow.ts'
export { techniqueCounts } from './navigator.ts'

/** Those of other programs; text, JSON, CSV and HTML are reports. */
export const exchangeFormats = [
  jsonl,
  stix,
  misp,
  ecs,
  ocsf,
  cef,
  leef,
  suricata,
  zeekIntel,
  rpz,
  blocklist,
  domains,
  navigator,
] as const satisfies readonly OutputFormat[]

export const exportFormats: readonly OutputFormat[] = [...formats, ...exchangeFormats]

export const exportNamed = (name: string): OutputFormat | undefined =>
  exportFormats.find((format) => format.name === name)
