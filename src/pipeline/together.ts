import type { Work } from './context.ts'

type Results<Works extends readonly (() => Promise<unknown>)[]> = {
  [At in keyof Works]: Awaited<ReturnType<Works[At]>>
}

/**
 * What all of the works give, none of which needs another: JavaScript of one runs while the engine answers another. A
 * server, which others use too, is asked for one after the other. All have ended when this ends, also when one failed,
 * so that no statement runs on in a store that is closed.
 * @throws what the first of the works that failed threw.
 */
export async function together<const Works extends readonly (() => Promise<unknown>)[]>(
  { store, context }: Pick<Work, 'store' | 'context'>,
  works: Works,
): Promise<Results<Works>> {
  if (store.kind === 'server' || context.inTurn) {
    const results: unknown[] = []
    for (const work of works) results.push(await work())
    return results as Results<Works>
  }

  const ended = await Promise.allSettled(works.map((work) => work()))
  const failed = ended.find((each) => each.status === 'rejected')
  if (failed) throw failed.reason
  return ended.map((each) => (each.status === 'fulfilled' ? each.value : undefined)) as Results<Works>
}
