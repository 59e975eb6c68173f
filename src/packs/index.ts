/** Evidence packs: a finding with its flows and packets, for somebody else. */
export type { CapturePlaces } from './captures.ts'
export { packStream, writePack } from './pack.ts'
