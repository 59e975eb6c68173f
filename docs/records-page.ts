/** docs/reference/records.md, from the records in `src/model`. */
import { activityColumns } from '../src/model/activity.ts'
import { cclusterColumns } from '../src/model/ccluster.ts'
import { cflowColumns } from '../src/model/cflow.ts'
import type { Column, Columns } from '../src/model/record.ts'
import { records } from '../src/model/records.ts'
import { aggregates } from '../src/store/aggregates/tables.ts'
import { columnType } from '../src/store/ddl.ts'

const opening = `# Records

The tables and columns that \`gannet sql\` can query. \`npm run docs\` writes this page from \`src/model\`.

- Times are whole microseconds since 1970-01-01 UTC; durations are whole microseconds.
- Addresses are IPv6. An IPv4 address lies in \`::ffff:0:0/96\`.
- A value that an input may lack is \`Nullable\`: unknown is not 0.
- Each record also has \`load\` (its import, see \`ledger\`) and \`position\` (its line or record number in the input, from 1).
`

function table(columns: Columns): string {
  const lines = Object.entries<Column>(columns).map(([name, column]) => {
    const derived = column.derived ? ` Derived: \`${column.derived}\`.` : ''
    return `| \`${name}\` | ${columnType(column)} | ${column.doc.replaceAll('|', '\\|')}${derived} |`
  })
  return ['| Column | Type | Meaning |', '| --- | --- | --- |', ...lines].join('\n')
}

/** Columns that are given by their type in the engine. */
const plainTable = (columns: Readonly<Record<string, { type: string; doc: string }>>): string =>
  [
    '| Column | Type | Meaning |',
    '| --- | --- | --- |',
    ...Object.entries(columns).map(([name, { type, doc }]) => `| \`${name}\` | ${type} | ${doc} |`),
  ].join('\n')

const hourly = `Made by each import, and kept when its records go ([what is kept](store.md#what-is-kept)). Several rows may have one
key: group, and take \`sum\`, \`min\` or \`max\` as the type says. Each row also has \`load\`.`

const made: Readonly<Record<string, { doc: string; columns: Columns }>> = {
  cflow: { doc: 'One C-flow of an analysis: a client and a service in one epoch.', columns: cflowColumns },
  ccluster: { doc: 'The C-cluster of a C-flow.', columns: cclusterColumns },
  activity: {
    doc: 'Botnet-typical behaviour of a host in one epoch.',
    columns: activityColumns,
  },
}

export function recordsPage(): string {
  const sections = [
    '## Records of the inputs',
    ...Object.entries(records).map(
      ([name, { doc, columns }]) => `### ${name}\n\n${doc}\n\n${table(columns)}`,
    ),
    '## Hourly aggregates',
    hourly,
    ...Object.entries(aggregates).map(
      ([name, { doc, columns }]) => `### ${name}\n\n${doc}\n\n${plainTable(columns)}`,
    ),
    '## Results of an analysis',
    ...Object.entries(made).map(([name, { doc, columns }]) => `### ${name}\n\n${doc}\n\n${table(columns)}`),
  ]
  return `${[opening.trimEnd(), ...sections].join('\n\n')}\n`
}
