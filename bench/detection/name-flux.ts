/**
 * The simulated `names-day`, reporting seeds: who is found by names, who is wrongly accused, and how well the flux
 * score alone, and with its guards, tells the fluxing name from all others with five addresses.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { importInputs } from '../../src/capture/import/import.ts'
import { defaults } from '../../src/config.ts'
import { noPlaces } from '../../src/dns/asn.ts'
import { type FluxFacts, fluxFactsIn, fluxOf, spreadOf } from '../../src/dns/fast-flux.ts'
import { analyse } from '../../src/pipeline/index.ts'
import { simulate } from '../../src/simulate/index.ts'
import { openEmbedded } from '../../src/store/embedded.ts'
import { parseNetworks } from '../../src/store/networks.ts'
import { markdownTable, percent, type Row } from '../row.ts'
import { reportingSeeds, seedsAsked } from '../seeds.ts'
import { isSmallest } from '../smallest.ts'

const seeds = seedsAsked(reportingSeeds.slice(0, 2))

interface Day {
  readonly seed: number
  readonly found: Readonly<Record<string, number>>
  readonly bots: Readonly<Record<string, number>>
  readonly falsely: readonly string[]
  readonly rallies: readonly string[]
  readonly facts: readonly FluxFacts[]
  readonly fluxing: readonly string[]
  /** Those whose name servers flux too. */
  readonly doubly: readonly string[]
  /** Domains told as wildcards. */
  readonly wildcards: readonly string[]
}

export async function fluxTable(): Promise<{ text: string; rows: Row[] }> {
  const days: Day[] = []
  for (const seed of seeds) days.push(await dayOf(seed))
  const facts = days.flatMap((day) =>
    day.facts.map((each) => ({
      each,
      flux: day.fluxing.includes(each.query),
      double: day.doubly.includes(each.query),
    })),
  )
  const scored = facts.map(({ each, flux, double }) => ({
    score: spreadOf(each.addresses, noPlaces).score,
    servers: spreadOf(each.serverAddresses, noPlaces).score,
    answered: each.serverAddresses.length > 0,
    flux,
    double,
    found: fluxOf(each, noPlaces)?.kind ?? null,
  }))
  const yes = scored.filter(({ flux }) => flux)
  const no = scored.filter(({ flux }) => !flux)
  const area = areaOf(
    yes.map(({ score }) => score),
    no.map(({ score }) => score),
  )
  const over = (line: number) => [
    `score above ${line}`,
    percent(yes.filter(({ score }) => score > line).length / yes.length),
    percent(no.filter(({ score }) => score > line).length / no.length),
  ]
  const curve = [
    ...[142.38, 300, 600, 1000, 2000].map(over),
    [
      'above 142.38, with all conditions',
      percent(yes.filter(({ found }) => found !== null).length / yes.length),
      percent(no.filter(({ found }) => found !== null).length / no.length),
    ],
  ]
  const double = scored.filter((each) => each.double)
  const others = scored.filter((each) => !each.double && each.answered)
  const doubleArea = areaOf(
    double.map(({ servers }) => servers),
    others.map(({ servers }) => servers),
  )
  const doubleCurve = [
    ...[142.38, 200, 300, 600].map((line) => [
      `name servers’ score above ${line}`,
      percent(double.filter(({ servers }) => servers > line).length / double.length),
      percent(others.filter(({ servers }) => servers > line).length / others.length),
    ]),
    [
      'reported as double flux',
      percent(double.filter(({ found }) => found === 'double').length / double.length),
      percent(others.filter(({ found }) => found === 'double').length / others.length),
    ],
  ]
  const families = Object.keys(days[0]!.bots)
  const sum = (of: (day: Day) => number) => days.reduce((total, day) => total + of(day), 0)
  const text = `### Simulated half-days

\`names-day\`, seeds ${seeds.join(', ')}, as Zeek records, without a database of autonomous systems. Bots of each botnet that any
detector accuses, and accused hosts that are no bots.

${markdownTable(
  ['seed', ...families, 'others accused', 'reported rally'],
  days.map((day) => [
    String(day.seed),
    ...families.map((family) => `${day.found[family] ?? 0} of ${day.bots[family]}`),
    day.falsely.length === 0 ? '0' : `${day.falsely.length}: ${day.falsely.slice(0, 3).join('; ')}`,
    day.rallies.join(', '),
  ]),
)}

Names with at least five addresses: ${yes.length} that flux, ${no.length} of content networks and pools. Area under the curve of the passive score alone
(per owner): ${area.toFixed(3)}.

${markdownTable(['threshold', 'fluxing names', 'other names'], curve)}

Double flux: ${double.length} names whose name servers flux too, ${others.length} whose name servers do not (single flux, content networks, pools).
Area under the curve of the name servers’ score: ${doubleArea.toFixed(3)}.

${markdownTable(['threshold', 'double-flux names', 'other names'], doubleCurve)}

Wildcards: each day sends one letter with a label for each reader, beside devices that report under their own names, reputation
look-ups and content networks. Reported as wildcards: ${days.map((day) => `${day.wildcards.join(', ') || 'none'} (seed ${day.seed})`).join('; ')}.`
  return {
    text,
    rows: [
      {
        name: 'bots of simulated half-days accused',
        figure: sum((day) => Object.values(day.found).reduce((a, b) => a + b, 0)),
        unit: `of ${sum((day) => Object.values(day.bots).reduce((a, b) => a + b, 0))}`,
        asserted: `seeds ${seeds.join(', ')}`,
      },
      {
        name: 'clean hosts of simulated half-days accused',
        figure: sum((day) => day.falsely.length),
        unit: 'hosts',
        better: 'less',
        asserted: `seeds ${seeds.join(', ')}`,
      },
      {
        name: 'area under the curve of the passive flux score, simulated',
        figure: area,
        unit: 'of 1',
        asserted: `${yes.length} names against ${no.length}`,
      },
      {
        name: 'double-flux names reported',
        figure: double.filter(({ found }) => found === 'double').length,
        unit: `of ${double.length}`,
        asserted: `seeds ${seeds.join(', ')}`,
      },
      {
        name: 'other names reported as flux, with all conditions',
        figure: no.filter(({ found }) => found !== null).length,
        unit: `of ${no.length}`,
        better: 'less',
        asserted: `seeds ${seeds.join(', ')}`,
      },
    ],
  }
}

/** Area under the ROC curve: the chance that one of `yes` is over one of `no`. */
const areaOf = (yes: readonly number[], no: readonly number[]): number =>
  yes.reduce((sum, a) => sum + no.filter((b) => a > b).length + 0.5 * no.filter((b) => a === b).length, 0) /
  Math.max(1, yes.length * no.length)

async function dayOf(seed: number): Promise<Day> {
  const folder = mkdtempSync(join(tmpdir(), 'gannet-names-'))
  const store = await openEmbedded(join(folder, 'db'))
  try {
    const { truth, files } = await simulate({
      scenario: 'names-day',
      ...(isSmallest && { days: 0.2 }),
      seed,
      bots: true,
      format: 'zeek',
      out: join(folder, 'records'),
    })
    await importInputs(
      store,
      files.filter((file) => !file.endsWith('truth.json')),
    )
    const { answer } = await analyse(store, defaults, {
      version: 'bench',
      inputs: [],
      progress: () => undefined,
    })
    const facts = await fluxFactsIn(store, {
      from: truth.from,
      to: truth.to,
      internal: parseNetworks(truth.internal),
    })
    const accused = new Set(answer.hosts.map(({ host }) => host))
    const bots = new Set(truth.botnets.flatMap(({ hosts }) => hosts))
    const agentsOf = (families: readonly string[]) =>
      new Set(
        truth.botnets
          .filter(({ family }) => families.includes(family))
          .flatMap(({ cnc: all }) => all.map((each) => each.split(':')[0]!)),
      )
    const onAgents = (families: readonly string[]) => {
      const agents = agentsOf(families)
      return facts
        .filter(({ addresses }) => addresses.every((each) => agents.has(each)))
        .map(({ query }) => query)
    }
    return {
      seed,
      bots: Object.fromEntries(truth.botnets.map(({ family, hosts }) => [family, hosts.length])),
      found: Object.fromEntries(
        truth.botnets.map(({ family, hosts }) => [family, hosts.filter((host) => accused.has(host)).length]),
      ),
      falsely: answer.findings
        .filter(({ hosts }) => hosts.some((host) => !bots.has(host)))
        .map(({ kind, hosts }) => `${kind} of ${hosts.join(', ')}`),
      rallies: [...new Set(answer.findings.flatMap(({ rally }) => (rally ? [rally.method] : [])))].sort(),
      facts,
      fluxing: onAgents(['fast-flux', 'double-flux']),
      doubly: onAgents(['double-flux']),
      wildcards: answer.findings
        .filter(({ kind }) => kind === 'wildcard')
        .flatMap(({ rally }) => rally?.names ?? []),
    }
  } finally {
    await store.close()
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}
