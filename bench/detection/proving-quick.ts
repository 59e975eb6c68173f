import type { Row } from '../row.ts'
import { prove } from './proving.ts'

export const run = (): Promise<Row[]> => prove('quick')
