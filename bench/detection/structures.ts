/**
 * Topology, relays, peers, life cycles and threat lists on the reporting side of docs/method/held-out.md. Writes the
 * measured parts of docs/method/structures.md.
 *
 * `npm run bench -- topology relays peers life-cycle threat-lists [--seeds 11-14] [--facts FILE]`.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decidedTopologies } from '../../src/model/evidence.ts'
import { prepare } from '../../src/store/ledger.ts'
import { parseNetworks } from '../../src/store/networks.ts'
import { sql } from '../../src/store/sql.ts'
import type { Store } from '../../src/store/store.ts'
import { featuresOf, fitted, peerFeatures } from '../../src/structures/peers.ts'
import { decide } from '../../src/structures/topology.ts'
import { weigh } from '../../src/structures/weights.ts'
import { isSharedName, matchThreats } from '../../src/threats/index.ts'
import { sharedData } from '../../test/shared-data.ts'
import { cyclesOf, simulatedCycles } from '../fit/fit-life-cycle.ts'
import { fitPeers, tuningPeers } from '../fit/fit-peers.ts'
import { fillPart, markdownTable, percent, type Row } from '../row.ts'
import { withStore } from '../samples/own-store.ts'
import { type PeerSample, realPeers, simulatedPeers } from '../samples/peer-samples.ts'
import { cleanCampusRelays, type RelaySample, realRelays, simulatedRelays } from '../samples/relay-samples.ts'
import { casesOf, runCases, type TopologyResult } from '../samples/topology-cases.ts'
import { reportingSeeds, seedsAsked } from '../seeds.ts'
import { few } from '../smallest.ts'

interface Part {
  readonly text: string
  readonly rows: readonly Row[]
}

const argument = (name: string): string | undefined => {
  const at = process.argv.indexOf(name)
  return at < 0 ? undefined : process.argv[at + 1]
}

const background = 'background/ctu13-s6-half.binetflow.gz'
const campus = ['147.32.0.0/16']
const odd = (host: string) => Number(host.split('.').at(-1)) % 2 === 1

async function topology(): Promise<Part> {
  const seeds = seedsAsked([11, 12])
  const file = argument('--facts')
  const known =
    file && existsSync(file)
      ? readFileSync(file, 'utf8')
          .split('\n')
          .filter(Boolean)
          .map((line) => JSON.parse(line) as TopologyResult)
          .filter(({ seed }) => seeds.includes(seed))
      : []
  const results = known.length > 0 ? known : await runCases(few(seeds.flatMap(casesOf)), () => {})
  return topologyPart(results)
}

const verdictOf = ({ facts }: TopologyResult): string => (facts ? decide(facts).topology : 'not found')

/** The table turned: a column per row. */
const lying = (heads: readonly string[], rows: readonly (readonly string[])[]): string =>
  markdownTable(
    [heads[0]!, ...rows.map(([name = '']) => name)],
    heads.slice(1).map((head, i) => [head, ...rows.map((row) => row[i + 1]!)]),
  )

function topologyPart(results: readonly TopologyResult[]): Part {
  const columns = [...decidedTopologies, 'undecided', 'not found'] as const
  const confusion = (title: string, own: readonly TopologyResult[]) =>
    decidedTopologies.map((truth) => {
      const cases = own.filter((each) => each.topology === truth)
      return [
        `${title}${truth}`,
        ...columns.map((result) => String(cases.filter((each) => verdictOf(each) === result).length)),
      ]
    })
  const by = <T>(values: readonly T[], of: (each: TopologyResult) => T) =>
    values.map((value) => {
      const own = results.filter((each) => of(each) === value)
      const found = own.filter(({ facts }) => facts)
      const decided = found.filter((each) => verdictOf(each) !== 'undecided')
      const right = decided.filter((each) => verdictOf(each) === each.topology)
      return [
        String(value),
        `${found.length} of ${own.length}`,
        String(decided.length),
        `${right.length} (${percent(decided.length > 0 ? right.length / decided.length : null)})`,
      ]
    })
  const shares = [...new Set(results.map(({ share }) => share))].toSorted((a, b) => a - b)
  const sizes = [...new Set(results.map(({ total }) => total))].toSorted((a, b) => a - b)
  const variants = [
    ...new Set(results.map(({ topology: kind, variant }) => `${kind}, ${variant}`)),
  ].toSorted()
  const heads = ['group found', 'decided', 'right']
  const found = results.filter(({ facts }) => facts)
  const decided = found.filter((each) => verdictOf(each) !== 'undecided')
  const right = decided.filter((each) => verdictOf(each) === each.topology)
  return {
    text: [
      `${results.length} botnets of ${Math.min(...results.map(({ total }) => total))} to ${Math.max(...results.map(({ total }) => total))} bots, seeds ${[...new Set(results.map(({ seed }) => seed))].join(', ')}; rows are the truth, columns the report:`,
      markdownTable(['truth', ...columns], confusion('', results)),
      'By size of the whole botnet, by the share of it inside, and by variant:',
      lying(
        ['bots', ...heads],
        by(sizes, ({ total }) => total),
      ),
      lying(
        ['share inside', ...heads],
        by(shares, ({ share }) => share),
      ),
      markdownTable(
        ['variant', ...heads],
        by(variants, ({ topology: kind, variant }) => `${kind}, ${variant}`),
      ),
      `Hierarchies: ${[true, false]
        .map((inside) => {
          const own = found.filter((each) => each.topology === 'hierarchical' && each.relayInside === inside)
          return `${inside ? 'with a relay inside' : 'without one'} ${own.filter((each) => verdictOf(each) === 'hierarchical').length} of ${own.length} found groups are reported as hierarchical`
        })
        .join('; ')}.`,
    ].join('\n\n'),
    rows: [
      {
        name: 'topology: right of decided',
        figure: right.length / Math.max(1, decided.length),
        unit: 'share',
        asserted: `${decided.length} decided of ${found.length} found of ${results.length}`,
      },
      {
        name: 'topology: decided of found',
        figure: decided.length / Math.max(1, found.length),
        unit: 'share',
        asserted: `${found.length} found`,
      },
    ],
  }
}

async function peers(): Promise<Part> {
  const samples: PeerSample[] = []
  const bots = new Map<string, number>()
  let innocents = 0
  for (const seed of seedsAsked([11, 12, 13, 14])) {
    const made = await simulatedPeers(seed)
    samples.push(...made.samples)
    for (const [name, count] of Object.entries(made.bots)) bots.set(name, (bots.get(name) ?? 0) + count)
    innocents += made.innocents
  }
  const tuning = await tuningPeers()
  const accuses = (each: PeerSample, head = fitted as Parameters<typeof weigh>[0]) =>
    weigh(head, peerFeatures, featuresOf(each.facts)).score >= fitted.threshold
  const hostsOf = (own: readonly PeerSample[]) =>
    new Set(own.map(({ what, seed, facts: { host } }) => `${what} ${seed} ${host}`)).size
  const overlays = [...bots].map(([name, count]) => {
    const own = samples.filter(({ what }) => what === name)
    const without = fitPeers(tuning.filter(({ what }) => what !== name))
    return [
      name,
      String(count),
      String(hostsOf(own)),
      String(hostsOf(own.filter((each) => accuses(each)))),
      String(hostsOf(own.filter((each) => accuses(each, without)))),
    ]
  })
  const programs = [...new Set(samples.filter(({ bot }) => !bot).map(({ what }) => what))].map((name) => {
    const own = samples.filter(({ what }) => what === name)
    return [name, String(hostsOf(own)), String(hostsOf(own.filter((each) => accuses(each))))]
  })
  const real: string[][] = []
  let wrong = 0
  for (const [name, path, internal, keep] of few([
    ['background, odd hosts', background, campus, odd],
    ['desktop 010', 'captures/stratosphere-010/data', campus, () => true],
    ['Sality (slips test)', 'captures/slips-more/test-sality.binetflow', [], () => true],
  ] as const)) {
    const facts = (await realPeers(sharedData(path), internal)).filter(({ host }) => keep(host))
    const accused = facts.filter((each) => accuses({ what: name, bot: false, seed: null, facts: each }))
    const best = Math.max(0, ...facts.map((each) => weigh(fitted, peerFeatures, featuresOf(each)).score))
    if (!name.startsWith('Sality')) wrong += new Set(accused.map(({ host }) => host)).size
    real.push([
      name,
      String(new Set(facts.map(({ host }) => host)).size),
      String(new Set(accused.map(({ host }) => host)).size),
      best.toFixed(2),
    ])
  }
  const caught = samples.filter((each) => each.bot && accuses(each))
  const total = [...bots.values()].reduce((sum, count) => sum + count, 0)
  return {
    text: [
      'Bots of seeds 11 to 14. The last column is of a fit without that overlay:',
      markdownTable(['overlay', 'bots', 'candidates', 'accused', 'accused, unseen'], overlays),
      'Benign programs of the same days:',
      markdownTable(['program', 'candidate hosts', 'accused'], programs),
      'Real records:',
      markdownTable(['records', 'candidate hosts', 'accused', 'highest score'], real),
    ].join('\n\n'),
    rows: [
      {
        name: 'peers: simulated bots accused',
        figure: hostsOf(caught) / total,
        unit: 'share',
        asserted: `${total} bots of four overlays, seeds 11 to 14`,
      },
      {
        name: 'peers: benign hosts accused',
        figure: hostsOf(samples.filter((each) => !each.bot && accuses(each))),
        unit: 'hosts',
        asserted: `${innocents} simulated programs`,
        better: 'less',
      },
      {
        name: 'peers: real benign hosts accused',
        figure: wrong,
        unit: 'hosts',
        asserted: 'background, odd hosts, and desktop 010',
        better: 'less',
      },
    ],
  }
}

async function relays(): Promise<Part> {
  const samples: RelaySample[] = []
  for (const seed of seedsAsked([11, 12, 13, 14])) samples.push(...(await simulatedRelays(seed)))
  const line = (what: string) => {
    const own = samples.filter((each) => each.what === what)
    const accused = own.filter(({ accused: result }) => result)
    const scores = own.map(({ score }) => score).toSorted((a, b) => a - b)
    return [
      what,
      String(own.length),
      String(accused.length),
      scores[0]!.toFixed(2),
      scores.at(-1)!.toFixed(2),
    ]
  }
  const real: string[][] = []
  let wrong = 0
  const grounds = [
    ['campus day 11, clean', () => cleanCampusRelays(11)],
    [
      'background, odd hosts',
      async () => (await realRelays(sharedData(background), campus)).filter(({ host }) => odd(host)),
    ],
    ['desktop 010', () => realRelays(sharedData('captures/stratosphere-010/data'), campus)],
  ] as const
  for (const [name, make] of few(grounds.toReversed())) {
    const found = await make()
    wrong += found.filter(({ accused }) => accused).length
    real.push([
      name,
      String(found.length),
      String(found.filter(({ accused }) => accused).length),
      Math.max(0, ...found.map(({ score }) => score)).toFixed(3),
    ])
  }
  const malicious = samples.filter(({ what }) => what !== 'benign')
  return {
    text: [
      'Simulated hosts of seeds 11 to 14; scores are the excess of pairs over chance, as a share of the calls:',
      markdownTable(
        ['host', 'hosts', 'accused', 'lowest score', 'highest score'],
        ['proxy', 'repeater', 'benign'].map(line),
      ),
      'Hosts and ports examined in benign records:',
      markdownTable(['records', 'examined', 'accused', 'highest score'], real),
    ].join('\n\n'),
    rows: [
      {
        name: 'relays: proxies and repeaters accused',
        figure: malicious.filter(({ accused }) => accused).length / malicious.length,
        unit: 'share',
        asserted: `${malicious.length} simulated, seeds 11 to 14`,
      },
      {
        name: 'relays: benign hosts accused',
        figure: wrong + samples.filter(({ what, accused }) => what === 'benign' && accused).length,
        unit: 'hosts',
        asserted: 'the simulated, a clean campus day, background odd hosts, desktop 010',
        better: 'less',
      },
    ],
  }
}

async function life(): Promise<Part> {
  const grounds: string[][] = []
  let [bots, declaredBots, wrong] = [0, 0, 0]
  const declared = (
    name: string,
    own: readonly { bot: boolean; cycle: { rule: unknown; declared: boolean } }[],
  ) => {
    const count = (bot: boolean, of: (each: (typeof own)[number]) => boolean) =>
      own.filter((each) => each.bot === bot && of(each)).length
    bots += count(true, () => true)
    declaredBots += count(true, ({ cycle }) => cycle.declared)
    wrong += count(false, ({ cycle }) => cycle.declared)
    grounds.push([
      name,
      ...[true, false].flatMap((bot) => [
        String(count(bot, () => true)),
        String(count(bot, ({ cycle }) => cycle.rule !== null)),
        String(count(bot, ({ cycle }) => cycle.declared)),
      ]),
    ])
  }
  const seeds = seedsAsked(reportingSeeds.slice(0, 4))
  for (const seed of seeds) declared(`office ${seed}`, await simulatedCycles(seed, true))
  const real = async (
    name: string,
    path: string,
    internal: readonly string[],
    keep: (host: string) => boolean,
  ) =>
    declared(
      name,
      (await cyclesOf([sharedData(path)], internal))
        .filter(({ host }) => keep(host))
        .map((cycle) => ({ bot: false, cycle })),
    )
  await real('desktop 010', 'captures/stratosphere-010/data', campus, () => true)
  return {
    text: [
      'Hosts with an outbound indicator, those that match a rule of BotHunter, and those declared:',
      markdownTable(['records', 'bots', 'rule', 'declared', 'benign hosts', 'rule', 'declared'], grounds),
    ].join('\n\n'),
    rows: [
      {
        name: 'life cycle: bots declared',
        figure: declaredBots / Math.max(1, bots),
        unit: 'share',
        asserted: `${bots} bots with an outbound indicator, offices of seeds ${seeds.join(', ')}`,
      },
      {
        name: 'life cycle: benign hosts declared',
        figure: wrong,
        unit: 'hosts',
        asserted: 'the offices, desktop 010',
        better: 'less',
      },
    ],
  }
}

const indicators = Number(process.env['GANNET_BENCH_INDICATORS'] ?? 1_000_000)
const listed = { indicators, flows: 2 * indicators } as const

/** A million addresses and names against two million flows, beside grep over the same addresses as text. */
async function lists(): Promise<Part> {
  const folder = mkdtempSync(join(tmpdir(), 'gannet-lists-'))
  try {
    const addresses: string[] = []
    for (let i = 0; i < listed.indicators; i++) {
      const address = addressOf(i * 2897)
      addresses.push(i % 2 === 0 && isUsual(address) ? address : `host${i}.bad${i % 977}.net`)
    }
    const path = join(folder, 'list.txt')
    writeFileSync(path, `${addresses.join('\n')}\n`)
    return await withStore(async (store) => {
      await prepare(store)
      await store.run(`INSERT INTO flow_rows (load, position, start, duration, proto, client, clientPort, server, serverPort, outcome, state, service, uid, label)
        SELECT 1, number, 1700000000000000 + number * 1000, 0, 'tcp', IPv4ToIPv6(toIPv4(concat('10.0.', toString(number % 50), '.', toString(intDiv(number, 50) % 200)))), 40000,
               IPv4ToIPv6(toIPv4(toUInt32(16777216 + (number * 7919) % 3000000000))), 443, 'established', '', '', '', '' FROM numbers(${listed.flows})`)
      await store.run(
        `INSERT INTO ledger SELECT 1, 'made', '', 0, 'made', 0, 1700000000000000, 1800000000000000, map(), 0, map(), '[]', 1`,
      )
      const servers = await store.columns(
        "SELECT replaceOne(toString(server), '::ffff:', '') AS server FROM flow",
      )
      const text = join(folder, 'servers.txt')
      writeFileSync(text, `${Array.from(servers['server'] as string[]).join('\n')}\n`)
      const scope = {
        from: 1_700_000_000_000_000,
        to: 1_700_000_000_000_000 + listed.flows * 1000,
        internal: parseNetworks(['10.0.0.0/8']),
      }
      const [began, used] = [performance.now(), process.cpuUsage()]
      const { matches, reports } = await matchThreats(store, {
        key: 'bench',
        paths: [path],
        scope,
        isSharedName,
        isAllowed: () => false,
      })
      const ours = (performance.now() - began) / 1000
      const { user, system } = process.cpuUsage(used)
      const spent = performance.now()
      const counted = Number(
        execFileSync('sh', ['-c', `grep -c -F -x -f "$0" "$1" || true`, path, text], { encoding: 'utf8' }),
      )
      const theirs = (performance.now() - spent) / 1000
      const alone = await engineAlone(store, path)
      const times = matches.reduce((sum, each) => sum + each.times, 0)
      const taken = reports[0]!.records['indicator']!
      if (times !== counted && matches.length < 5000)
        throw new RangeError(`${times} flows matched, grep counts ${counted}`)
      if (alone.flows !== counted)
        throw new RangeError(`the engine alone finds ${alone.flows} flows, grep counts ${counted}`)
      return {
        text: `${taken.toLocaleString('en-US')} of ${listed.indicators.toLocaleString('en-US')} indicators were accepted (the rest refused) and matched against ${listed.flows.toLocaleString('en-US')} flows to as many addresses: reading and matching took ${(ours / theirs).toFixed(2)} times as long as GNU grep (\`-F -x -f\`) over the same addresses as text, in one run; both count ${counted} flows.`,
        rows: [
          {
            name: `threat lists: ${indicators / 1e6}M indicators, ${listed.flows / 1e6}M flows`,
            figure: ours,
            unit: 's',
            ratio: ours / theirs,
            peer: 'GNU grep -F -x -f',
            asserted: `${counted} flows match in both`,
            better: 'less' as const,
          },
          {
            name: `threat lists: ${indicators / 1e6}M indicators, ${listed.flows / 1e6}M flows, processor time`,
            figure: (user + system) / 1e6,
            unit: 's',
            asserted: `${counted} flows match in both`,
            better: 'less' as const,
          },
          {
            name: 'limit: the threat list in the engine alone, processor time',
            figure: alone.processor,
            unit: 's',
            asserted: `${alone.flows} flows; no line is checked, refused or counted, and no finding is made`,
            better: 'less' as const,
          },
        ],
      }
    })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The lines of a list that are addresses, in the servers of flows: nothing that reads both can take less. */
async function engineAlone(store: Store, path: string) {
  const used = process.cpuUsage()
  const [found] = await store.parse(
    { path, gzip: false, format: 'LineAsString', structure: 'text String' },
    (lines) =>
      store.rows<{ flows: number }>(sql`SELECT toFloat64(count()) AS flows FROM flow
        WHERE server IN (SELECT toIPv6OrNull(text) FROM ${lines} WHERE isIPv4String(text))`),
  )
  const { user, system } = process.cpuUsage(used)
  return { flows: found!.flows, processor: (user + system) / 1e6 }
}

/** First numbers that special networks have, whose addresses no list is believed: grep would count them. */
const specialFirst = [0, 10, 100, 127, 169, 172, 192, 198, 203]

const isUsual = (address: string): boolean => {
  const first = Number(address.split('.')[0])
  return first < 224 && !specialFirst.includes(first)
}

const addressOf = (n: number): string => {
  const value = 16_777_216 + (n % 3_000_000_000)
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.')
}

const parts = { topology, relays, peers, life, lists } as const

/** The benchmark of one part, which writes its table. */
export const partNamed = (name: keyof typeof parts): { readonly run: () => Promise<readonly Row[]> } => ({
  run: async () => {
    const { text, rows } = await parts[name]()
    fillPart('structures.md', name, text)
    return rows
  },
})
