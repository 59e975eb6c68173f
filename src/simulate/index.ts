/** Scenarios to records with their truth. Records only: nothing here sends a packet. */

export { type BotRecords, botRecordsIn } from './bot-records.ts'
export type { Exchange } from './exchange.ts'
export { byHour, type HourOfRecords } from './hourly.ts'
export { networkOf, type Overlaid, overlaidOn, type Place } from './overlaid.ts'
export { type Artefacts, type Ground, groundIn, type Overlay, overlay } from './overlay.ts'
export { type RecordOptions, recordsOf, scenarioList as scenarios } from './records.ts'
export type { Habit, Infection, Population, Scenario } from './scenario.ts'
export type { Records } from './simulated-records.ts'
export {
  formats,
  type Simulated,
  type SimulatedFormat,
  type Simulation,
  simulate,
  writeRecords,
} from './write.ts'
