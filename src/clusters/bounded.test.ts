/** Clustering past its bound: fitted on a sample, the other C-flows given to the nearest clusters. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Bench, openBench } from '../../test/fixtures/records.ts'
import { seeded } from '../math/random.ts'
import { binCount, type Variable, variables } from '../model/cflow.ts'
import type { CCluster } from '../model/correlation.ts'
import { makeCclusters } from './cluster.ts'
import { twoStep } from './two-step.ts'
import type { CflowColumns } from './vectors.ts'

/** C-flows of several shapes, each with its own level and its own bin, a little apart within a shape. */
function cflowsOf(shapes: readonly number[], seed: string): CflowColumns {
  const random = seeded(seed)
  const byVariable = <T>(of: (v: number) => T) =>
    Object.fromEntries(variables.map((each, v) => [each, of(v)])) as Record<Variable, T>
  const level = (shape: number, v: number) => 10 ** (1 + ((shape * (v + 2)) % 5)) * (1 + 0.02 * random.next())

  return {
    count: shapes.length,
    flows: Float64Array.from(shapes, () => 10 + Math.round(3 * random.next())),
    means: byVariable((v) => Float64Array.from(shapes, (shape) => level(shape, v))),
    variances: byVariable((v) => Float64Array.from(shapes, (shape) => level(shape, v) * 0.5)),
    bins: byVariable((v) =>
      shapes.map((shape) => {
        const bins = new Float64Array(binCount)
        bins[(shape * (v + 1)) % binCount] = 10
        return bins
      }),
    ),
  }
}

describe('two steps', () => {
  const repeated = (each: number) => Array.from({ length: 5 * each }, (_, i) => i % 5)

  it('give others to a cluster of their shape', () => {
    const shapes = repeated(60)
    const fitted = twoStep(cflowsOf(shapes, 'sample'), { mode: 'default', seed: 1 })
    const others = repeated(200)
    const labels = fitted.assign(cflowsOf(others, 'others'))
    const clusterOf = ({ coarse, fine }: { coarse: Int32Array; fine: Int32Array }, i: number) =>
      `${coarse[i]} ${fine[i]}`
    const shapeOf = new Map(shapes.map((shape, i) => [clusterOf(fitted, i), shape]))
    expect(shapeOf.size).toBeLessThan(shapes.length / 3)
    expect(shapes.map((_, i) => shapeOf.get(clusterOf(fitted, i)))).toEqual(shapes)
    expect(others.map((_, i) => shapeOf.get(clusterOf(labels, i)))).toEqual(others)
  })

  it('give the sample the clusters that it has', () => {
    for (const mode of ['default', 'paper'] as const) {
      const sample = cflowsOf(repeated(60), 'sample')
      const fitted = twoStep(sample, { mode, seed: 1 })
      expect(fitted.assign(sample)).toEqual({ coarse: fitted.coarse, fine: fitted.fine })
    }
  })
})

describe('C-clusters', () => {
  let bench: Bench
  const analysis = 'bounded'
  const botnets = 4
  const bots = 12
  const others = 1000

  /** Botnets of one shape each among as many different C-flows as a network has. */
  beforeAll(async () => {
    bench = await openBench()
    const random = (salt: string) => `(cityHash64(number, '${salt}') % 1000000 / 1e6)`
    const botnet = `intDiv(number, ${bots})`
    const isBot = `number < ${botnets * bots}`
    const columns = variables.flatMap((each, v) => {
      const level = `if(${isBot}, 300 * (1 + ${botnet}) * ${v + 1} * (1 + 0.01 * ${random(each)}), exp(10 * ${random(each)}))`
      const bin = `if(${isBot}, (3 * ${botnet} + ${v}) % 13, cityHash64(number, '${each} bin') % 13)`
      const other = `if(${isBot}, ${bin}, cityHash64(number, '${each} other') % 13)`
      return [
        `${level} AS ${each}Mean, 0.3 * ${each}Mean * if(${isBot}, 1, ${random(`${each} variance`)}) AS ${each}Variance`,
        `arrayMap(i -> toFloat64(6 * (i = ${bin}) + 4 * (i = ${other})), range(13)) AS ${each}Bins`,
      ]
    })
    await bench.store.run(`
      INSERT INTO cflow (analysis, epoch, client, server, serverPort, proto, flows, first, last,
        ${variables.flatMap((each) => [`${each}Mean`, `${each}Variance`, `${each}Bins`]).join(', ')})
      SELECT '${analysis}', 0, toIPv6(concat('::ffff:10.0.', toString(intDiv(number, 250)), '.', toString(number % 250))),
        toIPv6(concat('::ffff:198.51.', toString(intDiv(number, 250)), '.', toString(number % 250))), 443, 'tcp', 10, 0, 1,
        ${columns.join(', ')}
      FROM numbers(${botnets * bots + others})`)
  })
  afterAll(() => bench.close())

  const made = (exactUpTo?: number) =>
    makeCclusters(bench.store, {
      analysis,
      epoch: 0,
      mode: 'default',
      seed: 1,
      activityTraffic: [],
      ...(exactUpTo === undefined ? {} : { exactUpTo }),
    })
  const host = (number: number) => `10.0.${Math.floor(number / 250)}.${number % 250}`
  const membersOf = (botnet: number) => Array.from({ length: bots }, (_, i) => host(botnet * bots + i)).sort()
  const labelled = () =>
    bench.store.rows('SELECT toFloat64(count()) AS n, toFloat64(uniqExact(client)) AS hosts FROM ccluster')

  /** Of each planted botnet, the members in the cluster that has most of them. */
  const together = (shapes: readonly CCluster[]) =>
    Array.from({ length: botnets }, (_, botnet) => {
      const members = membersOf(botnet)
      return Math.max(...shapes.map(({ hosts }) => hosts.filter((each) => members.includes(each)).length))
    })

  it('hold the planted botnets whether all C-flows are fitted, a third or a tenth', async () => {
    for (const bound of [undefined, 350, 110]) {
      await bench.store.run('TRUNCATE TABLE ccluster')
      const { shapes, fine } = await made(bound)
      expect(together(shapes), String(bound)).toEqual([bots, bots, bots, bots])
      expect(fine).toBeGreaterThan(botnets)
      expect(await labelled()).toEqual([{ n: botnets * bots + others, hosts: botnets * bots + others }])
    }
  })

  it('are the same each time, and the same as without a bound up to it', async () => {
    expect(await made(110)).toEqual(await made(110))
    expect(await made(botnets * bots + others)).toEqual(await made())
  })
})
