/** Files that are several logs one after the other: stretches of lines, each under the headers above it. */
import type { Query } from '../../model/query.ts'
import { ids, join, sql } from '../../store/sql.ts'

/** Lines from `from` to the next section are under `layout`. */
export interface Section<Layout> {
  readonly from: number
  readonly layout: Layout
}

/** A layout and which lines are under it. */
export interface Group<Layout> {
  readonly layout: Layout
  /** SQL over `row`: whether a line is under it. */
  readonly rows: Query
}

export interface Groups<Layout> {
  readonly groups: readonly Group<Layout>[]
  /** SQL over `row`: the number of a line's group, from 1; 0 for none. */
  readonly number: Query
}

/** So many stretches of lines are written out as a condition. The engine refuses a statement with thousands. */
const mostWritten = 8

/** Sections by layout; those without a line between them and the next are passed over. */
export function grouped<Layout>(sections: readonly Section<Layout>[]): Groups<Layout> {
  const keyed = sections.map(({ from, layout }) => ({ from, layout, key: JSON.stringify(layout) }))
  const used = keyed.filter(({ from }, i) => from !== keyed[i + 1]?.from)
  const changes = used.filter(({ key }, i) => key !== used[i - 1]?.key)
  const stretches = changes.map(({ from, layout, key }, i) => ({
    from,
    to: changes[i + 1]?.from,
    layout,
    key,
  }))
  const byKey = [...Map.groupBy(stretches, ({ key }) => key).values()]

  const numbers = new Map(byKey.map((group, i) => [group[0]!.key, i + 1]))
  // Lines before the first section are under none.
  const starts = ids(['0', ...changes.map(({ from }) => String(from))])
  const members = ids(['0', ...changes.map(({ key }) => String(numbers.get(key)))])
  const number = sql`transform(roundDown(toUInt64(row), ${starts}), ${starts}, ${members}, toUInt64(0))`

  const groups = byKey.map((group, i) => {
    const inside = group
      .slice(0, mostWritten)
      .map(({ from, to }) => (to === undefined ? sql`row >= ${from}` : sql`(row >= ${from} AND row < ${to})`))
    const rows = group.length > mostWritten ? sql`${number} = ${i + 1}` : sql`(${join(inside, ' OR ')})`
    return { layout: group[0]!.layout, rows }
  })
  return { groups, number }
}
