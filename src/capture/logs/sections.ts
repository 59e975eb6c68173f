/** Files that are several logs one after the other: stretches of lines, each under the headers above it. */
import type { Query } from '../../model/query.ts'
import { join, sql } from '../../store/sql.ts'

/** Lines from `from` to the next section are under `layout`. */
export interface Section<Layout> {
  readonly from: number
  readonly layout: Layout
}

/** Sections by layout (those without a line between them and the next are passed over), each with the condition on `row` that selects its lines. */
export function grouped<Layout>(sections: readonly Section<Layout>[]): [Layout, Query][] {
  const keyed = sections.map(({ from, layout }) => ({ from, layout, key: JSON.stringify(layout) }))
  const used = keyed.filter(({ from }, i) => from !== keyed[i + 1]?.from)
  const changes = used.filter(({ key }, i) => key !== used[i - 1]?.key)
  const stretches = changes.map(({ from, layout, key }, i) => ({
    from,
    to: changes[i + 1]?.from,
    layout,
    key,
  }))
  const groups = Map.groupBy(stretches, ({ key }) => key)
  return [...groups.values()].map((group) => {
    const inside = group.map(({ from, to }) =>
      to === undefined ? sql`row >= ${from}` : sql`(row >= ${from} AND row < ${to})`,
    )
    return [(group[0] as (typeof group)[number]).layout, sql`(${join(inside, ' OR ')})`]
  })
}
