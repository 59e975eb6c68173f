/** docs/reference/records.md, from the records in `src/model`. */
import { activityColumns } from '../src/model/activity.ts'
import { cclusterColumns } from '../src/model/ccluster.ts'
import { cflowColumns } from '../src/model/cflow.ts'
import type { Column, Columns } from '../src/model/record.ts'
import { records } from '../src/model/records.ts'
import { columnType } from '../src/store/ddl.ts'

const opening = `# Records

Tables that the readers write and the stages make, column by column. Written from \`src/model\` by \`npm run docs\`.

Every statement sees the records through views of these names; \`gannet sql\` does too. Times are whole microseconds
since 1970-01-01 UTC, spans whole microseconds; addresses are IPv6, an IPv4 address lies in \`::ffff:0:0/96\`. A column
that an input need not know is \`Nullable\`: unknown is not 0. Each record also has \`load\` (the import that brought it,
see \`ledger\`) and \`position\` (its line or record number in the input, from 1).
`

function table(columns: Columns): string {
  const lines = Object.entries<Column>(columns).map(([name, column]) => {
    const derived = column.derived ? ` Derived: \`${column.derived}\`.` : ''
    return `| \`${name}\` | ${columnType(column)} | ${column.doc.replaceAll('|', '\\|')}${derived} |`
  })
  return ['| Column | Type | What it says |', '| --- | --- | --- |', ...lines].join('\n')
}

const made: Readonly<Record<string, { doc: string; columns: Columns }>> = {
  cflow: { doc: 'One C-flow of an analysis: a client and a service in one epoch.', columns: cflowColumns },
  ccluster: { doc: 'Which C-cluster a C-flow came to be in.', columns: cclusterColumns },
  activity: {
    doc: 'Something that a host did in one epoch that bots are made to do.',
    columns: activityColumns,
  },
}

export function recordsPage(): string {
  const sections = [
    '## What the inputs say',
    ...Object.entries(records).map(
      ([name, { doc, columns }]) => `### ${name}\n\n${doc}\n\n${table(columns)}`,
    ),
    '## What an analysis makes on its way',
    ...Object.entries(made).map(([name, { doc, columns }]) => `### ${name}\n\n${doc}\n\n${table(columns)}`),
  ]
  return `${[opening.trimEnd(), ...sections].join('\n\n')}\n`
}
