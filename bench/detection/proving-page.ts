/** What the evaluation suite found, as a page that begins with what fails. */
import { evasions as known } from '../../src/simulate/evasions.ts'
import { markdownTable, percent, type Row } from '../row.ts'

export interface EvasionResult {
  readonly evasion: string | null
  readonly strength: number
  readonly seed: number
  readonly days: number
  readonly bots: readonly {
    readonly family: string
    readonly joint: boolean
    readonly group: boolean
    readonly beacon: boolean
    /** RITA's best score of the host, 0 to 1. */
    readonly rita: number
  }[]
  readonly clean: { readonly hosts: number; readonly joint: number; readonly rita: readonly number[] }
}

export interface CleanResult {
  readonly name: string
  readonly hosts: number
  readonly hostDays: number
  readonly accused: readonly {
    readonly host: string
    readonly kinds: readonly string[]
    readonly claims: readonly string[]
  }[]
  /** Hosts that RITA scores 0.7 or more. */
  readonly rita: number
}

export interface NetworkResult {
  readonly scenario: string
  readonly side: 'tuning' | 'reporting'
  readonly hosts: number
  readonly seed: number
  readonly clean: CleanResult
  readonly infected: {
    readonly bots: number
    readonly caught: number
    readonly wrong: number
    readonly botnets: number
    readonly found: number
    readonly missed: readonly string[]
  }
  readonly processorSeconds: number
}

interface Found {
  readonly evasions: readonly EvasionResult[]
  readonly networks: readonly NetworkResult[]
  readonly real: readonly CleanResult[]
}

const ritaLine = 0.7
const sum = (values: readonly number[]) => values.reduce((all, each) => all + each, 0)

/** Shares of the bots that each detector accuses. */
export interface Detected {
  readonly group: number
  readonly beacon: number
  readonly joint: number
  readonly rita: number
  readonly ritaFair: number
}

const detectors = [
  ['group', 'BotMiner alone'],
  ['beacon', 'beacons alone'],
  ['joint', 'joint verdict'],
  ['rita', `RITA at ${ritaLine}`],
  ['ritaFair', 'RITA at our false alarms'],
] as const

/**
 * The lowest line at which RITA accuses no more clean hosts than the joint verdict does on the same records without
 * evasion.
 */
export function fairLine(results: readonly EvasionResult[]): number {
  const plain = results.filter(({ evasion }) => evasion === null)
  const allowed = sum(plain.map(({ clean }) => clean.joint))
  const scores = plain.flatMap(({ clean }) => clean.rita).toSorted((a, b) => b - a)
  return (scores[allowed] ?? 0) + 0.001
}

function detectedIn(results: readonly EvasionResult[], fair: number): Detected {
  const bots = results.flatMap((each) => each.bots)
  const share = (is: (bot: (typeof bots)[number]) => boolean) => bots.filter(is).length / bots.length
  return {
    group: share(({ group }) => group),
    beacon: share(({ beacon }) => beacon),
    joint: share(({ joint }) => joint),
    rita: share(({ rita }) => rita >= ritaLine),
    ritaFair: share(({ rita }) => rita >= fair),
  }
}

interface Curve {
  readonly evasion: string
  readonly points: readonly { readonly strength: number; readonly detected: Detected }[]
}

/** Detection against strength for each evasion; strength 0 is the run without any of as many days. */
export function curvesIn(results: readonly EvasionResult[]): Curve[] {
  const fair = fairLine(results)
  return known.flatMap(({ name }) => {
    const own = results.filter(({ evasion }) => evasion === name)
    if (own.length === 0) return []
    const days = own[0]?.days ?? 1
    const groups = Map.groupBy(own, ({ strength }) => strength)
    const plain = results.filter((each) => each.evasion === null && each.days === days)
    return [
      {
        evasion: name,
        points: [[0, plain] as const, ...groups]
          .filter(([, all]) => all.length > 0)
          .map(([strength, all]) => ({ strength, detected: detectedIn(all, fair) }))
          .sort((a, b) => a.strength - b.strength),
      },
    ]
  })
}

/**
 * The strength at which detection falls under a half, between measured points along a line; null where it never does, 0
 * where it never was over.
 */
export function strengthAtHalf({ points }: Curve, detector: keyof Detected): number | null {
  const at = points.findIndex(({ detected }) => detected[detector] < 0.5)
  if (at < 0) return null
  if (at === 0) return 0
  const [before, after] = [points[at - 1]!, points[at]!]
  const [high, low] = [before.detected[detector], after.detected[detector]]
  return before.strength + ((high - 0.5) / (high - low)) * (after.strength - before.strength)
}

export interface Check {
  readonly holds: boolean
  readonly text: string
}

const perThousand = (hosts: number, days: number) => (days === 0 ? 0 : (1000 * hosts) / days)

interface Kind {
  readonly scenario: string
  readonly side: string
  readonly runs: readonly NetworkResult[]
  readonly recall: number
  readonly precision: number
  readonly alarms: number
  readonly hostDays: number
}

function kindsOf(networks: readonly NetworkResult[]): Kind[] {
  return [...Map.groupBy(networks, ({ scenario }) => scenario)].map(([scenario, runs]) => {
    const caught = sum(runs.map(({ infected }) => infected.caught))
    const wrong = sum(runs.map(({ infected }) => infected.wrong))
    return {
      scenario,
      side: runs[0]!.side,
      runs,
      recall: caught / Math.max(1, sum(runs.map(({ infected }) => infected.bots))),
      precision: caught + wrong === 0 ? 1 : caught / (caught + wrong),
      alarms: sum(runs.map(({ clean }) => clean.accused.length)),
      hostDays: sum(runs.map(({ clean }) => clean.hostDays)),
    }
  })
}

/** What issue and papers ask, and whether it holds. */
export function checksOf({ evasions, networks, real }: Found): Check[] {
  const curves = curvesIn(evasions)
  const worse = curves.flatMap(({ evasion, points }) =>
    points.flatMap(({ strength, detected: { joint, group, beacon } }) =>
      joint < Math.max(group, beacon) ? [`${evasion} at ${strength}`] : [],
    ),
  )
  const early = curves.flatMap((curve) => {
    const [ours, theirs] = [strengthAtHalf(curve, 'joint'), strengthAtHalf(curve, 'ritaFair')]
    if (ours === null || theirs === null || theirs === 0) return []
    return ours < 2 * theirs ? [`${curve.evasion} (${ours.toFixed(2)} against ${theirs.toFixed(2)})`] : []
  })
  const under = curves.flatMap((curve) => {
    const ours = strengthAtHalf(curve, 'joint')
    return ours === null ? [] : [`${curve.evasion} from ${ours.toFixed(2)}`]
  })
  const kinds = kindsOf(networks)
  const tuned = kinds.filter(({ side }) => side === 'tuning')
  const base = tuned.length > 0 ? sum(tuned.map(({ recall }) => recall)) / tuned.length : Number.NaN
  const drops = kinds
    .filter(({ side, recall }) => side === 'reporting' && base - recall >= 0.05 - 1e-9)
    .map(({ scenario, recall }) => `${scenario} (${percent(recall)} against ${percent(base)})`)
  const loud = kinds
    .filter(({ alarms, hostDays }) => perThousand(alarms, hostDays) > 1)
    .map(({ scenario, alarms, hostDays }) => `${scenario} (${alarms} in ${hostDays.toFixed(0)} host-days)`)
  const alarmsOf = (some: readonly Kind[]) =>
    `${sum(some.map(({ alarms }) => alarms))} in ${sum(some.map(({ hostDays }) => hostDays)).toFixed(0)}`
  const foreign = kinds.filter(({ side }) => side === 'reporting')
  const all = `${alarmsOf(kinds)} on all kinds, ${alarmsOf(foreign)} on those held out from tuning`
  const verified = real.filter(({ name }) => name !== 'campus background' && name !== 'Normal 2013')
  const accusedVerified = verified.filter(({ accused }) => accused.length > 0).map(({ name }) => name)
  const check = (bad: readonly string[], good: string, fails: string): Check => ({
    holds: bad.length === 0,
    text: bad.length === 0 ? good : `${fails}: ${bad.join('; ')}.`,
  })
  return [
    check(
      worse,
      'The joint verdict is never below the best single detector.',
      'The joint verdict is below the best single detector',
    ),
    check(under, 'No evasion brings the joint verdict below 50 %.', 'The joint verdict falls below 50 %'),
    check(
      early,
      'Where both fall below 50 %, the joint verdict takes at least twice the strength that RITA does at our false alarms.',
      'It takes less than twice the strength that RITA takes, at our false alarms',
    ),
    check(
      loud,
      `At most one clean host per 1,000 host-days is accused on every kind of network (${all}).`,
      `More than one clean host per 1,000 host-days is accused (${all})`,
    ),
    check(accusedVerified, 'No verified benign host is accused.', 'A verified benign host is accused'),
    check(
      drops,
      'Recall on other kinds of network drops by less than 5 points.',
      'Recall drops by more than 5 points on other kinds of network',
    ),
  ]
}

export interface Progress {
  readonly size: 'full' | 'quick'
  readonly minutes: number
  /** Runs that were made, of those that the plan has. */
  readonly done: number
  readonly of: number
}

export function provingPage(found: Found, { size, minutes, done, of }: Progress): string {
  const { evasions, networks, real } = found
  const curves = curvesIn(evasions)
  const checks = checksOf(found)
  const bots = evasions.find(({ evasion }) => evasion === null)?.bots.length ?? 0
  const seeds = [...new Set(evasions.map(({ seed }) => seed))].sort((a, b) => a - b)
  const list = (holds: boolean) =>
    checks
      .filter((each) => each.holds === holds)
      .map(({ text }) => `- ${text}`)
      .join('\n') || '- Nothing.'
  return `# The evaluation suite

\`npm run bench -- ${size === 'full' ? 'proving' : 'proving-quick'}\` wrote this page in ${minutes.toFixed(0)} minutes; [benchmarks.md](../benchmarks.md) has machine and commit.
${size === 'quick' ? 'This is the small run: one seed, few strengths, small networks. ' : ''}Networks and evasions: [simulator.md](simulator.md). Seeds ${seeds.join(', ')} are reporting seeds of [held-out.md](held-out.md).
The simulator and the detectors share an author: expect different numbers on your network.

${missing(found, { done, of })}## What fails

${list(false)}

## What holds

${list(true)}

## Evasion

An office of 50 with three botnets (four bots each of \`http-fixed\`, \`irc\`, \`p2p\`) that all hide in the same way.

- *BotMiner alone*: hosts in a group of both planes. *Beacons alone*: hosts by their traces. *Joint verdict*: every accused host.
- RITA has its own threshold of ${ritaLine}, and ${fairLine(evasions).toFixed(3)}, the lowest at which it accuses no more clean hosts than the joint
  verdict does without evasion. At ${ritaLine} it accuses ${cleanAt(evasions, ritaLine)}, the joint verdict ${cleanJoint(evasions)}.

Percent of the ${bots * seeds.length} bots that are accused, at the strengths ${strengthsOf(curves)}; one number if it is the same at all:

${markdownTable(
  ['evasion', ...detectors.map(([, name]) => name)],
  curves.map((curve) => [`\`${curve.evasion}\``, ...detectors.map(([key]) => curveCell(curve, key))]),
)}

The strength at which detection falls below 50 %, interpolated between measured points:

${markdownTable(
  ['evasion', ...detectors.map(([, name]) => name)],
  curves.map((curve) => [
    `\`${curve.evasion}\``,
    ...detectors.map(([key]) => {
      const at = strengthAtHalf(curve, key)
      return at === null ? 'never' : at === 0 ? 'at once' : at.toFixed(2)
    }),
  ]),
)}

Bots that the joint verdict accuses at strength 1, by family:

${byFamily(evasions)}

## Clean networks

Days without any bot. On simulated networks an accused host is a false alarm. Clean hosts of \`odd-campus\` do scan the outside and mail
hundreds of servers.

${markdownTable(
  ['network', 'side', 'hosts', 'host-days', 'accused', 'per 1,000 host-days', 'RITA at 0.7'],
  kindsOf(networks).map(({ scenario, side, runs, alarms, hostDays }) => [
    scenario,
    side,
    [...new Set(runs.map(({ clean }) => clean.hosts))].join(', '),
    hostDays.toFixed(0),
    String(alarms),
    perThousand(alarms, hostDays).toFixed(1),
    String(sum(runs.map(({ clean }) => clean.rita))),
  ]),
)}

${markdownTable(
  ['real records', 'hosts', 'host-days', 'accused', 'RITA at 0.7'],
  real.map(({ name, hosts, hostDays, accused, rita }) => [
    name,
    String(hosts),
    hostDays.toFixed(1),
    String(accused.length),
    String(rita),
  ]),
)}

What they were accused of, with the claims of the first host:

${accusations([...networks.map(({ clean }) => clean), ...real])}

## Other kinds of network

Thresholds were set on \`campus-day\`. The same analysis on other kinds of network, with botnets:

${markdownTable(
  [
    'network',
    'side',
    'bots',
    'accused',
    'recall',
    'clean hosts accused',
    'precision',
    'botnets found',
    'missed bots of',
  ],
  kindsOf(networks).map(({ scenario, side, runs, recall, precision }) => [
    scenario,
    side,
    String(sum(runs.map(({ infected }) => infected.bots))),
    String(sum(runs.map(({ infected }) => infected.caught))),
    percent(recall),
    String(sum(runs.map(({ infected }) => infected.wrong))),
    percent(precision),
    `${sum(runs.map(({ infected }) => infected.found))} of ${sum(runs.map(({ infected }) => infected.botnets))}`,
    runs.flatMap(({ infected }) => infected.missed).join('; '),
  ]),
)}
`
}

/** What a run that was cut short lacks. */
function missing({ evasions, networks, real }: Found, { done, of }: Pick<Progress, 'done' | 'of'>): string {
  if (done === of) return ''
  const tried = new Set(evasions.map(({ evasion }) => evasion))
  const lacking = known.map(({ name }) => name).filter((name) => !tried.has(name))
  return `**Cut short: ${done} of ${of} runs were made** (${evasions.length} of evasions, ${networks.length} of networks, ${real.length} of real records).${lacking.length > 0 ? ` Not tried: ${lacking.join(', ')}.` : ''}
The tables and the criteria below cover only what was run.

`
}

const plainOf = (results: readonly EvasionResult[]) => results.filter(({ evasion }) => evasion === null)

const cleanAt = (results: readonly EvasionResult[], line: number) =>
  `${sum(plainOf(results).map(({ clean }) => clean.rita.filter((score) => score >= line).length))} of ${sum(plainOf(results).map(({ clean }) => clean.hosts))} clean hosts`

const cleanJoint = (results: readonly EvasionResult[]) =>
  String(sum(plainOf(results).map(({ clean }) => clean.joint)))

const strengthsOf = (curves: readonly Curve[]): string =>
  [...new Set(curves.flatMap(({ points }) => points.map(({ strength }) => strength)))].join(', ')

/** Percent at each strength; one number where all are the same. */
function curveCell({ points }: Curve, detector: keyof Detected): string {
  const shares = points.map(({ detected }) => (100 * detected[detector]).toFixed(1))
  return new Set(shares).size === 1 ? shares[0]! : shares.join(', ')
}

function byFamily(results: readonly EvasionResult[]): string {
  const families = [...new Set(results.flatMap(({ bots }) => bots.map(({ family }) => family)))]
  const rows = known.flatMap(({ name }) => {
    const own = results.filter(({ evasion, strength }) => evasion === name && strength === 1)
    if (own.length === 0) return []
    return [
      [
        `\`${name}\``,
        ...families.map((family) => {
          const bots = own.flatMap((each) => each.bots.filter((bot) => bot.family === family))
          return bots.length === 0 ? '–' : `${bots.filter(({ joint }) => joint).length} of ${bots.length}`
        }),
      ],
    ]
  })
  return markdownTable(['evasion at 1', ...families], rows)
}

const mostClaims = 3

const listed = (claims: readonly string[]): string =>
  [
    ...claims.slice(0, mostClaims),
    ...(claims.length > mostClaims ? [`(and ${claims.length - mostClaims} more)`] : []),
  ].join(' ')

/** One line per network and kinds of finding. */
function accusations(clean: readonly CleanResult[]): string {
  const all = clean.flatMap(({ name, accused }) => accused.map((each) => ({ name, ...each })))
  const groups = [...Map.groupBy(all, ({ name, kinds }) => `${name}\t${kinds.join(', ')}`)]
  if (groups.length === 0) return 'None.'
  return markdownTable(
    ['network', 'kinds', 'hosts', 'first host'],
    groups.map(([key, hosts]) => [...key.split('\t'), String(hosts.length), listed(hosts[0]!.claims)]),
  )
}

export function provingRows(found: Found): Row[] {
  const curves = curvesIn(found.evasions)
  const over = `${found.evasions[0]?.bots.length ?? 0} bots a run`
  const kinds = kindsOf(found.networks)
  return [
    ...curves.flatMap(({ evasion, points }) => {
      const last = points.at(-1)
      if (!last) return []
      const { joint, group, beacon, ritaFair } = last.detected
      return [
        {
          name: `${evasion} at ${last.strength}: joint verdict`,
          figure: joint,
          unit: 'of the bots',
          peer: `RITA at our false alarms ${percent(ritaFair)}`,
          asserted: `${over}; BotMiner alone ${percent(group)}, beacons alone ${percent(beacon)}`,
        },
      ]
    }),
    ...kinds.flatMap(({ scenario, alarms, hostDays, recall, precision }): Row[] => [
      {
        name: `${scenario}: clean hosts accused`,
        figure: alarms,
        unit: 'hosts',
        better: 'less',
        asserted: `${hostDays.toFixed(0)} host-days without bots`,
      },
      { name: `${scenario}: host recall`, figure: recall, unit: '', asserted: 'days with botnets' },
      { name: `${scenario}: host precision`, figure: precision, unit: '', asserted: 'days with botnets' },
    ]),
    ...found.real.map(
      ({ name, accused, hostDays }): Row => ({
        name: `${name}: hosts accused`,
        figure: accused.length,
        unit: 'hosts',
        better: 'less',
        asserted: `${hostDays.toFixed(1)} host-days`,
      }),
    ),
    {
      name: 'criteria that hold',
      figure: checksOf(found).filter(({ holds }) => holds).length,
      unit: `of ${checksOf(found).length}`,
      asserted: 'the list at the top of the page',
    },
  ]
}
