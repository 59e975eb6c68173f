/** Evidence packs: a finding with its flows and packets, for somebody else. */
export type { CapturePlaces } from './captures.ts'
export { type Pack, packStream, writePack } from './pack.ts'
