/** What an import did, for a person. */
import type { Imported } from '../capture/import/import.ts'
import { sayRejects } from '../model/words/rejects.ts'
import { sayCount, sayRecords } from '../model/words/say.ts'
import { printable } from '../reports/printable.ts'

export function importSummary({ inputs, skipped }: Imported): string {
  const lines = inputs.map(({ name, format, records, rejects, duplicates, known }) => {
    if (known) return `${name}: imported before, nothing to do`
    const taken = Object.entries(records).map(([record, n]) => sayRecords(n, record))
    const left = [
      ...(duplicates > 0 ? [`${sayCount(duplicates)} known already`] : []),
      ...(Object.keys(rejects).length > 0 ? [sayRejects(Object.entries(rejects))] : []),
    ]
    return (
      `${name}: ${format}, ` +
      `${taken.join(', ') || 'nothing'}${left.length > 0 ? `; left out ${left.join(', ')}` : ''}`
    )
  })
  return [...lines, ...skipped.map(({ name, why }) => `${name}: skipped, ${why}`)].map(printable).join('\n')
}
