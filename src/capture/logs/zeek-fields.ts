import { sql } from '../../store/sql.ts'
import { address, badPort, type Cells, portIn, type Reading, text, time } from './mapping.ts'

const isIcmp = (cells: Cells) => sql`lower(${cells.plain('proto')}) = 'icmp'`

export const clientPort: Reading = {
  fields: ['id.orig_p'],
  doc: '0 for ICMP',
  value: (cells) => sql`if(${isIcmp(cells)}, 0, ${portIn(cells, 'id.orig_p')})`,
  reject: badPort('id.orig_p'),
}

/** Zeek puts the ICMP type and code where ports are. */
export const serverPort: Reading = {
  fields: ['id.resp_p', 'id.orig_p'],
  doc: 'ICMP: type × 256 + code',
  value: (cells) => {
    const [type, code] = [portIn(cells, 'id.orig_p'), portIn(cells, 'id.resp_p')]
    return sql`if(${isIcmp(cells)}, bitAnd(${type}, 255) * 256 + bitAnd(${code}, 255), ${code})`
  },
  reject: badPort('id.resp_p'),
}

/** `label` and `detailedlabel` as tools add them; older sets put both inside the last cell, after spaces. */
export const label: Reading = {
  fields: ['label', 'detailedlabel', 'detailed-label'],
  doc: 'both, with a blank between',
  value: (cells) => {
    const given = (field: string) => sql`if(${cells.text(field)} = '-', '', ${cells.text(field)})`
    const detailed = cells.has('detailed-label') ? 'detailed-label' : 'detailedlabel'
    return sql`trimBoth(concat(${given('label')}, ' ', ${given(detailed)}))`
  },
}

export const id = { start: time('ts'), uid: text('uid') }
export const client = address('id.orig_h')
export const server = address('id.resp_h')
