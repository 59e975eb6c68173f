/** The C-plane: filters, stitching, C-flows. */
export { type Cplane, dropCplane, makeCplane } from './cplane.ts'
