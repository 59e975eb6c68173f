/** C-flows to C-clusters. */
export { type Cclusters, makeCclusters, servicesOf } from './cluster.ts'
