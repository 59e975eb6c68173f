/**
 * The order of C&C candidates (src/dns/dga-rendezvous.ts) on the tuning families: how often the name that answered is a
 * candidate at all, and how often the first, by what it is ordered by.
 *
 *     node bench/fit/fit-candidates.ts
 *
 * Nothing is written: it is where `lostShare` and the order come from. Made-up hosts of 19 families: one, two or five
 * bots ask for names of one generator one after the other, 0.1 to 60 s apart, until one answers, which four of five
 * bots reach; they and sixty others ask for names that people use, page by page. No record is written, so that it takes
 * seconds.
 */

import { bestOf, type Candidate, isLike, leastOfPattern, patternOf } from '../../src/dns/dga-rendezvous.ts'
import { nameOf } from '../../src/dns/domain-name.ts'
import { seeded } from '../../src/math/random.ts'
import { markdownTable } from '../row.ts'
import { type FamilyNames, familyNames, usedFor } from '../samples/name-lists.ts'

const hour = 3600
const soon = 120
const crowds = [1, 2, 5] as const
const worldsOfEach = 6
const bystanders = 60

interface Question {
  readonly host: number
  readonly name: string
  readonly time: number
  readonly answered: boolean
}

interface Named extends Candidate {
  readonly first: number
  readonly right: boolean
}

const used = [...usedFor('trees'), ...usedFor('letters')].map(({ registered }) => registered)
const families = familyNames(undefined, 5000).filter(
  ({ side, names }) => side === 'tuning' && names.length > 2 * leastOfPattern,
)

/** Candidates of one world. */
function worldOf({ family, names }: FamilyNames, bots: number, number: number): Named[] {
  const random = seeded(`candidates ${family} ${bots} ${number}`)
  const pool = random.shuffle(names.map(({ registered }) => registered)).slice(0, 1000)
  const cnc = pool[0]!
  const gap = 0.1 * 600 ** random.next()
  const tries = Math.min(pool.length - 1, 12 + random.integer(190))
  const shared = random.next() < 0.6 ? pool.slice(1, 1 + tries) : null
  const asked: Question[] = []
  const others = new Set<string>()
  for (let host = 0; host < bots; host++) {
    const reaches = host === 0 || random.next() < 0.8
    const list = shared ?? random.shuffle(pool.slice(1)).slice(0, tries)
    const until = reaches ? Math.max(leastOfPattern, random.integer(list.length + 1)) : list.length
    let time = random.next() * 5 * hour
    for (const name of list.slice(0, until)) {
      asked.push({ host, name, time, answered: false })
      time += gap * (0.5 + random.next())
    }
    for (let again = reaches ? 1 + random.integer(5) : 0; again > 0; again--) {
      asked.push({ host, name: cnc, time, answered: true })
      time += hour * random.next()
    }
  }
  for (let host = 0; host < bots + bystanders; host++)
    for (let page = 0; page < 40; page++) {
      const time = random.next() * 9 * hour
      for (let i = random.integer(6); i >= 0; i--) {
        const name =
          random.next() < 0.5 ? used[Math.floor(used.length * random.next() ** 4)]! : random.pick(used)
        if (host < bots) asked.push({ host, name, time: time + i / 5, answered: true })
        else others.add(name)
      }
    }
  return candidatesOf(asked, others, cnc)
}

function candidatesOf(asked: readonly Question[], others: ReadonlySet<string>, cnc: string): Named[] {
  const failed = asked.filter(({ answered }) => !answered)
  const pattern = patternOf([...new Set(failed.map(({ name }) => name))])!
  const begin = Math.min(...failed.map(({ time }) => time))
  const answered = Map.groupBy(
    asked.filter((each) => each.answered && !others.has(each.name)),
    ({ name }) => name,
  )
  return [...answered].flatMap(([name, rows]): Named[] => {
    if (rows.every(({ time }) => time < begin - 60) || !isLike(pattern, name)) return []
    const hosts = [...new Set(rows.map(({ host }) => host))]
    const firstOf = (host: number) =>
      Math.min(...rows.filter((row) => row.host === host).map(({ time }) => time))
    const after = hosts.filter((host) =>
      failed.some((each) => each.host === host && inTime(firstOf(host) - each.time)),
    )
    return [
      {
        right: name === cnc,
        hosts: hosts.length,
        after: after.length,
        fit: pattern.fitOf(nameOf(name).label),
        first: Math.min(...rows.map(({ time }) => time)),
      },
    ]
  })
}

const inTime = (lag: number) => lag >= 0 && lag <= soon

const orders: readonly (readonly [string, (candidates: readonly Named[]) => readonly Named[]])[] = [
  ['in force', bestOf],
  ['by time', (all) => all.toSorted((a, b) => a.first - b.first)],
  ['by hosts, time', (all) => all.toSorted((a, b) => b.hosts - a.hosts || a.first - b.first)],
  ['by fit', (all) => all.toSorted((a, b) => b.fit - a.fit)],
  ['by hosts, fit', (all) => all.toSorted((a, b) => b.hosts - a.hosts || b.fit - a.fit)],
]

const rows = crowds.flatMap((bots) => {
  const worlds = families.flatMap((family) =>
    Array.from({ length: worldsOfEach }, (_, number) => worldOf(family, bots, number)),
  )
  const found = worlds.filter((all) => all.some(({ right }) => right))
  return orders.map(([name, order]) => {
    const first = worlds.filter((all) => order(all)[0]?.right === true).length
    const kept = worlds.reduce((sum, all) => sum + Math.min(10, order(all).length), 0) / worlds.length
    return [String(bots), name, String(worlds.length), String(found.length), String(first), kept.toFixed(1)]
  })
})
console.log(
  markdownTable(
    ['bots', 'order', 'worlds', 'C&C name a candidate', 'C&C name first', 'candidates told'],
    rows,
  ),
)
