/** Files that are several logs one after the other: stretches of lines, each under the headers above it. */
import type { Query } from '../model/query.ts'
import { join, sql } from '../store/sql.ts'

/** Lines from `from` to the next section are under `layout`. */
export interface Section<Layout> {
  readonly from: number
  readonly layout: Layout
}

/** Sections by layout, each with the condition on `row` that selects its lines. */
export function grouped<Layout>(sections: readonly Section<Layout>[]): [Layout, Query][] {
  const stretches = sections.map(({ from, layout }, i) => ({ from, to: sections[i + 1]?.from, layout }))
  const groups = Map.groupBy(stretches, ({ layout }) => JSON.stringify(layout))
  return [...groups.values()].map((group) => {
    const inside = group.map(({ from, to }) =>
      to === undefined ? sql`row >= ${from}` : sql`(row >= ${from} AND row < ${to})`,
    )
    return [(group[0] as (typeof group)[number]).layout, sql`(${join(inside, ' OR ')})`]
  })
}
