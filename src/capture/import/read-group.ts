import type { Load, Loads } from '../../store/load.ts'
import type { Store } from '../../store/store.ts'
import type { Sink } from '../reader.ts'
import { createRejects, type Rejects } from '../rejects.ts'
import { readBundle } from './bundle.ts'
import type { Publisher } from './publisher.ts'
import type { How, Waiting } from './taken.ts'

/** Reads parts of one format together; where that fails, each by itself, so that one does not spoil the others. */
export async function readGroup(
  store: Store,
  { loads }: Pick<Publisher, 'loads'>,
  group: Waiting[],
): Promise<void> {
  const reader = group[0]!.reader

  if (reader.alone && group.length > 1) {
    for (const each of group) await readGroup(store, { loads }, [each])
    return
  }

  // Files of one layout side by side make one stretch of lines.
  const ordered = group.toSorted((a, b) =>
    a.part.lines === 0 ? 1 : b.part.lines === 0 ? -1 : compare(layoutOf(a), layoutOf(b)),
  )

  try {
    await readBundle(
      { store, loads },
      reader,
      ordered.map(({ part }) => part),
    )
  } catch (error) {
    if (group.length === 1) group[0]!.error = error
    else for (const each of group) await again(store, loads, each)
  }
}

/** Reads a part by itself after it was read with others in vain: into a load of its own. */
async function again(store: Store, loads: Loads, each: Waiting): Promise<void> {
  const load = loads.begin()
  const rejects = createRejects()
  Object.assign(each, { load, rejects })
  try {
    await readBundle({ store, loads }, each.reader, [{ ...each.part, load, rejects }])
  } catch (error) {
    each.error = error
  }
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** The headers at the top of a file, without the time when it was opened. */
const layoutOf = ({ reader, input: { head } }: Waiting): string =>
  reader.lines === 'hash'
    ? (/^(?:#.*\n)*/.exec(head)?.[0] ?? '').replace(/^#open.*$/m, '')
    : reader.lines === 'first'
      ? head.slice(0, head.indexOf('\n') >>> 0)
      : ''

export function sinkOf(
  store: Store,
  { load, rejects, done }: { load: Load; rejects: Rejects; done: How['done'] },
): Sink {
  return {
    rejects,
    write: (record, rows) => load.write(record, rows),
    writeText: (record, rows, make) => load.writeText(record, rows, make),
    parse: (file, use) => store.parse(file, use),
    describe: (path, format) => store.describe(path, format),
    insertSelect: (record, values, from) => load.insertSelect(record, values, from),
    rows: (query) => store.rows(query),
    progress: done,
  }
}
