/**
 * Bots of one generator among hosts that mistype: are they grouped, and is the name that answered found? Rows are
 * written straight into the engine, as a sensor would have them; families are the reporting ones.
 */
import { clusterActivities, findActivities } from '../../src/activities/index.ts'
import { answeredLike, fillQueried } from '../../src/dns/index.ts'
import { seeded } from '../../src/math/random.ts'
import { parseNetworks } from '../../src/store/networks.ts'
import { type Given, monday, openBench } from '../../test/fixtures/records.ts'
import { markdownTable, type Row } from '../row.ts'
import { familyNames, usedFor } from '../samples/name-lists.ts'
import { few } from '../smallest.ts'

const bots = 5
const benign = 100
const hour = 3600e6

/** Each bot tries the same names; or 500 of 50,000, as Conficker C does. */
const plans = [
  { family: 'tinba', each: 100, of: 400 },
  { family: 'ranbyus', each: 40, of: 80 },
  { family: 'zloader', each: 32, of: 32 },
  { family: 'necurs', each: 200, of: 2000 },
  { family: 'pykspa', each: 200, of: 5000 },
  { family: 'qadars', each: 100, of: 200 },
  { family: 'conficker', each: 500, of: 50_000 },
] as const

export async function groupsTable(): Promise<{ text: string; rows: Row[] }> {
  const cells: string[][] = []
  let [whole, named, falsely] = [0, 0, 0]
  for (const plan of few(plans)) {
    const seen = await groupOf(plan)
    cells.push([
      plan.family,
      `${plan.each} of ${plan.of.toLocaleString('en-US')}`,
      String(seen.found),
      String(seen.grouped),
      String(seen.innocents),
      seen.rank === null ? 'no' : String(seen.rank),
      String(seen.candidates),
    ])
    if (seen.grouped === bots) whole++
    if (seen.rank === 1) named++
    falsely += seen.innocents
  }
  const text = `### Groups

${bots} bots query names of one generator among ${benign} hosts that mistype 0 to 8 used names each; one name of the generator
resolves. Columns: hosts with an activity of type dga, bots in the largest A-cluster, rank of the resolved name.

${markdownTable(
  [
    'generator',
    'names a bot tries',
    'bots with an activity',
    'bots in one group',
    'benign hosts with an activity',
    'rank of the C&C name',
    'candidates',
  ],
  cells,
)}

The classifier and the order were fitted on zloader and pykspa. No list of Conficker's names is available: they are 5 to 11 random
letters below 8 suffixes in place of 110.`
  return {
    text,
    rows: [
      {
        name: 'generators whose bots are one A-cluster',
        figure: whole,
        unit: `of ${plans.length}`,
        asserted: `${bots} bots among ${benign} hosts each`,
      },
      {
        name: 'generators whose C&C name is the first candidate',
        figure: named,
        unit: `of ${plans.length}`,
        asserted: 'one name answers',
      },
      {
        name: 'benign hosts with an activity of type dga',
        figure: falsely,
        unit: `of ${plans.length * benign}`,
        better: 'less',
        asserted: '0 to 8 mistyped names each',
      },
    ],
  }
}

function poolOf({ family, of }: (typeof plans)[number]): string[] {
  const own = seeded(`pool ${family}`)
  if (family !== 'conficker') {
    const found = familyNames([family])[0]
    if (!found) throw new RangeError(`no family ${family}`)
    return own.shuffle(found.names.map(({ registered }) => registered)).slice(0, of)
  }
  const suffixes = ['com', 'net', 'org', 'info', 'biz', 'cn', 'ws', 'cc']
  return Array.from({ length: of }, () => {
    const length = 5 + own.integer(7)
    return `${Array.from({ length }, () => 'abcdefghijklmnopqrstuvwxyz'[own.integer(26)]).join('')}.${own.pick(suffixes)}`
  })
}

async function groupOf(plan: (typeof plans)[number]) {
  const own = seeded(`groups ${plan.family}`)
  const pool = poolOf(plan)
  const [cnc] = pool.splice(0, 1)
  const used = usedFor('reporting').map(({ registered }) => registered)
  const hostOf = (i: number) => `10.0.${i >> 8}.${1 + (i & 255)}`
  const answer = { responseCode: 'NOERROR', answers: ['203.0.113.66'], ttls: [300] }
  const dns: Given[] = []
  const asked = (client: string, query: string, more: Given = {}) =>
    dns.push({
      client,
      query,
      responseCode: 'NXDOMAIN',
      start: monday + Math.round(own.next() * 8 * hour),
      ...more,
    })
  for (let i = 0; i < bots; i++) {
    const tried = own.shuffle([...pool]).slice(0, Math.min(plan.each, pool.length))
    for (const name of tried) asked(hostOf(i), name)
    asked(hostOf(i), cnc!, { ...answer, start: monday + Math.round((7 + own.next()) * hour) })
  }
  for (let i = 0; i < bots + benign; i++) {
    for (let n = 0; n < 60; n++)
      asked(hostOf(i), own.pick(used), {
        responseCode: 'NOERROR',
        answers: [`198.51.100.${own.integer(250)}`],
        ttls: [300],
      })
    const typos = own.integer(9)
    for (let n = 0; n < typos; n++) asked(hostOf(i), mistyped(own.pick(used), own.integer(1000)))
  }
  const bench = await openBench()
  try {
    await bench.hold({ dns })
    await fillQueried(bench.store)
    const scope = { epoch: 0, from: monday, to: monday + 24 * hour, internal: parseNetworks(['10.0.0.0/8']) }
    const { activities } = await findActivities(bench.store, scope)
    const isBot = (host: string) => Array.from({ length: bots }, (_, i) => hostOf(i)).includes(host)
    const seen = new Set(activities.filter(({ type }) => type === 'dga').map(({ host }) => host))
    const { clusters, singles } = clusterActivities(activities)
    const largest =
      [...clusters, ...singles]
        .filter(({ type }) => type === 'dga')
        .map(({ hosts }) => hosts)
        .sort((a, b) => b.length - a.length)[0] ?? []
    const candidates = await answeredLike(bench.store, scope, largest.filter(isBot))
    const rank = candidates.findIndex(({ registered }) => registered === cnc)
    return {
      found: [...seen].filter(isBot).length,
      grouped: largest.filter(isBot).length,
      innocents: [...seen].filter((host) => !isBot(host)).length,
      rank: rank < 0 ? null : rank + 1,
      candidates: candidates.length,
    }
  } finally {
    await bench.close()
  }
}

/** Two neighbouring letters change places, or one is left out. */
function mistyped(name: string, draw: number): string {
  const at = 1 + (draw % Math.max(1, name.indexOf('.') - 1))
  return draw % 2 === 0
    ? name.slice(0, at) + name.slice(at + 1)
    : name.slice(0, at - 1) + name[at] + name[at - 1] + name.slice(at + 1)
}
