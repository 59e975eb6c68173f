/**
 * Fits src/structures/topology.json on simulated botnets of the tuning seeds 1 to 3, and on nothing else.
 *
 *     node bench/fit/fit-topology.ts [--seeds 1-3] [--facts FILE [--no-more]] [--write]
 *
 * With --facts, what was measured is kept in (and taken from) a file of one case a line; --no-more runs none. The line
 * is the least confidence at which, of the cases left out in a fold, at most one decided case in twenty is wrong.
 */
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { decidedTopologies } from '../../src/model/evidence.ts'
import { type GraphFact, graphFacts } from '../../src/structures/graph.ts'
import { decide, type TopologyParameters } from '../../src/structures/topology.ts'
import { casesOf, runCases, type TopologyResult } from '../samples/topology-cases.ts'
import { seedsAsked } from '../seeds.ts'

const facts = Object.keys(graphFacts) as GraphFact[]
const seeds = seedsAsked([1, 2, 3])
const file = process.argv.includes('--facts') ? process.argv[process.argv.indexOf('--facts') + 1] : undefined
const measured = await measure()
/** A group of less than half of its bots is another botnet than the one it is called after. */
const usable = measured.filter(({ facts: each, members, visible }) => each !== null && 2 * members >= visible)
const { line, ridge } = lineOf()
const parameters = {
  provenance: {
    command: 'node bench/fit/fit-topology.ts --write',
    seeds: [...new Set(usable.map(({ seed }) => seed))].toSorted((a, b) => a - b),
    cases: usable.length,
    bots: [...new Set(usable.map(({ total }) => total))].toSorted((a, b) => a - b),
    ridge,
  },
  line,
  kinds: regress(usable, ridge),
}
console.log(JSON.stringify(parameters, null, 2))
if (process.argv.includes('--write'))
  writeFileSync(
    new URL('../../src/structures/topology.json', import.meta.url),
    `${JSON.stringify(parameters, null, 2)}\n`,
  )

async function measure(): Promise<TopologyResult[]> {
  const known: TopologyResult[] =
    file && existsSync(file)
      ? readFileSync(file, 'utf8')
          .split('\n')
          .filter(Boolean)
          .map((each) => JSON.parse(each) as TopologyResult)
      : []
  const key = ({
    topology,
    total,
    share,
    seed,
  }: Pick<TopologyResult, 'topology' | 'total' | 'share' | 'seed'>) => `${topology} ${total} ${share} ${seed}`
  const have = new Set(known.map(key))
  const all = process.argv.includes('--no-more') ? [] : seeds.flatMap(casesOf)
  const missing = all.filter((each) => !have.has(key(each)))
  const found = await runCases(missing, (result) => {
    console.error(
      `${key(result)} ${result.variant}: ${result.flows} flows, ${result.members} of ${result.visible}`,
    )
    if (file) appendFileSync(file, `${JSON.stringify(result)}\n`)
  })
  return [...known.filter(({ seed }) => seeds.includes(seed)), ...found]
}

/**
 * Multinomial logistic regression with a ridge, by gradient descent with momentum; kinds weigh the same in sum. Weights
 * lie kind by kind, each the bias and then the facts.
 */
function regress(samples: readonly TopologyResult[], ridge: number): TopologyParameters['kinds'] {
  const width = facts.length + 1
  const counts = decidedTopologies.map((kind) => samples.filter(({ topology }) => topology === kind).length)
  const truths = samples.map(({ topology }) => decidedTopologies.indexOf(topology))
  const values = Float64Array.from(
    samples.flatMap(({ facts: own }) => [1, ...facts.map((fact) => own![fact])]),
  )
  const weights = new Float64Array(counts.length * width)
  const speeds = new Float64Array(weights.length)
  const slopes = new Float64Array(weights.length)
  const odds = new Float64Array(counts.length)
  for (let round = 0; round < 6000; round++) {
    for (let i = 0; i < weights.length; i++) slopes[i] = i % width === 0 ? 0 : 2 * ridge * weights[i]!
    for (const [row, truth] of truths.entries()) {
      for (let kind = 0; kind < odds.length; kind++) {
        odds[kind] = 0
        for (let i = 0; i < width; i++) odds[kind]! += weights[kind * width + i]! * values[row * width + i]!
      }
      const most = Math.max(...odds)
      const total = odds.reduce((sum, each) => sum + Math.exp(each - most), 0)
      for (let kind = 0; kind < odds.length; kind++) {
        const wrong = Math.exp(odds[kind]! - most) / total - (kind === truth ? 1 : 0)
        const error = wrong / (counts.length * Math.max(1, counts[truth]!))
        for (let i = 0; i < width; i++) slopes[kind * width + i]! += error * values[row * width + i]!
      }
    }
    for (let i = 0; i < weights.length; i++) {
      speeds[i] = 0.9 * speeds[i]! - 0.5 * slopes[i]!
      weights[i]! += speeds[i]!
    }
  }
  const short = (value: number) => Math.round(value * 1e3) / 1e3
  return Object.fromEntries(
    decidedTopologies.map((kind, k) => [
      kind,
      {
        bias: short(weights[k * width]!),
        weights: Object.fromEntries(facts.map((fact, i) => [fact, short(weights[k * width + i + 1]!)])),
      },
    ]),
  ) as unknown as TopologyParameters['kinds']
}

/**
 * Cross-validated: each fifth of the cases is judged by what the others give. Of three ridges, the one that decides
 * most at the line where at most one in twenty is wrong.
 */
function lineOf(): { line: number; ridge: number } {
  const found = [0.0003, 0.001, 0.003].map((ridge) => ({ ridge, ...lineAt(ridge) }))
  for (const each of found) console.error(JSON.stringify(each))
  return found.reduce((best, each) => (each.decided > best.decided ? each : best))
}

function lineAt(ridge: number): { line: number; decided: number; wrong: number } {
  const judged = [0, 1, 2, 3, 4].flatMap((fold) => {
    const kinds = regress(
      usable.filter((_, i) => i % 5 !== fold),
      ridge,
    )
    return usable
      .filter((_, i) => i % 5 === fold)
      .map((each) => {
        const { likeliest, confidence } = decide(each.facts!, { line: 0, kinds })
        return { right: likeliest === each.topology, confidence: confidence as number }
      })
  })
  for (let at = 0.5; at < 0.99; at += 0.01) {
    const decided = judged.filter(({ confidence }) => confidence >= at)
    const wrong = decided.filter(({ right }) => !right).length
    if (wrong <= 0.05 * decided.length)
      return { line: Math.round(at * 100) / 100, decided: decided.length, wrong }
  }
  return { line: 0.99, decided: 0, wrong: 0 }
}
