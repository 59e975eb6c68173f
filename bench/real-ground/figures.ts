/** What the answers of all cases come to: right or wrong case by case, and the sums. */
import { areaUnderRoc } from '../../src/evaluate/curves.ts'
import { popularityOf, rentedOf, serviceOf } from '../../src/knowledge/index.ts'
import type { GroundAnswer } from './answer.ts'
import { type Contacted, type GroundCase, isCnc, type Sort } from './cases.ts'

export interface Judged {
  readonly case: GroundCase
  readonly answer: GroundAnswer
  /** Victims among the accused. */
  readonly caught: number
  /** Accused hosts that are no victims; of a real capture with malware their kind is not known. */
  readonly others: number
  /** A clean case: nobody accused. An infected one: a victim accused. */
  readonly right: boolean
  /** Whether a caught victim's first C&C is the true one; null where the truth names none or nobody was caught. */
  readonly cncFirst: boolean | null
  /**
   * Best rank of the true C&C within a victim's contacts; null where it is not among its first ten; undefined without a
   * list.
   */
  readonly rank: number | null | undefined
  /** The verdict on the victims, or, of a clean case, on the most suspect host. */
  readonly score: number
  /** The same of the best contact's score; null where the answer ranks none. */
  readonly contactScore: number | null
}

export const isInfected = (sort: Sort): boolean => sort === 'infected' || sort === 'cnc'

export function judged(of: GroundCase, answer: GroundAnswer): Judged {
  const isVictim = ({ host }: { readonly host: string }) => of.victims.includes(host)
  const caught = answer.accused.filter(isVictim)
  const infected = isInfected(of.sort)
  const looked = infected ? isVictim : () => true
  const scores = [...answer.accused, ...answer.suspects].filter(looked).map(({ confidence }) => confidence)
  const contacts = answer.contacts?.filter(looked)

  const ranks = contacts?.filter((each) => isCnc(each, of.cnc)).map(({ rank }) => rank) ?? []
  return {
    case: of,
    answer,
    caught: caught.length,
    others: answer.accused.length - caught.length,
    right: infected ? caught.length > 0 : answer.accused.length === 0 && answer.failed === null,
    cncFirst:
      of.cnc.length === 0 || caught.length === 0
        ? null
        : caught.some(({ cnc: [first] }) => first !== undefined && isCnc(first, of.cnc)),
    rank: !contacts || of.cnc.length === 0 ? undefined : ranks.length > 0 ? Math.min(...ranks) : null,
    score: Math.max(0, ...scores),
    contactScore: contacts ? Math.max(0, ...contacts.map(({ score }) => score)) : null,
  }
}

interface GroundFigure {
  readonly name: string
  readonly figure: number
  readonly of: number | null
  readonly better: 'more' | 'less'
}

/** The rows of the summary, over the cases given. */
export function figuresOf(all: readonly Judged[]): GroundFigure[] {
  const ofSort = (sort: Sort) => all.filter((each) => each.case.sort === sort)
  const count = (
    name: string,
    {
      among,
      that,
      better,
    }: {
      readonly among: readonly Judged[]
      readonly that: (each: Judged) => boolean
      readonly better: 'more' | 'less'
    },
  ): GroundFigure => ({ name, figure: among.filter(that).length, of: among.length, better })

  const infected = ofSort('infected')
  const fair = infected.filter(({ case: { quality } }) => quality !== 'C')
  const office = [...ofSort('honest'), ...ofSort('cnc')]
  const known = (cases: readonly Judged[]) => cases.filter(({ case: { cnc } }) => cnc.length > 0)
  const caught = (each: Judged) => each.right
  const first = (each: Judged) => each.cncFirst === true
  const ranked = (most: number) => (each: Judged) => each.rank != null && each.rank <= most
  const withList = all.some(({ answer: { contacts } }) => contacts !== null)

  return [
    count('clean captures with a host accused', {
      among: ofSort('clean'),
      that: ({ right }) => !right,
      better: 'less',
    }),
    count('infected captures, host accused', { among: infected, that: caught, better: 'more' }),
    count('… of quality A and B or not graded', { among: fair, that: caught, better: 'more' }),
    count('… C&C first of the accused host', { among: known(infected), that: first, better: 'more' }),
    ...(withList
      ? [
          count('… C&C first of the host’s ranked contacts', {
            among: known(infected),
            that: ranked(1),
            better: 'more',
          }),
          count('… C&C among its first three', { among: known(infected), that: ranked(3), better: 'more' }),
        ]
      : []),
    count('C&C behaviours over the office, victim accused', {
      among: ofSort('cnc'),
      that: caught,
      better: 'more',
    }),
    count('… C&C first of the accused victim', { among: known(ofSort('cnc')), that: first, better: 'more' }),
    ...(withList
      ? [
          count('… C&C among the victim’s first three ranked contacts', {
            among: known(ofSort('cnc')),
            that: ranked(3),
            better: 'more' as const,
          }),
        ]
      : []),
    {
      name: 'clean hosts accused beside them',
      figure: ofSort('cnc').reduce((sum, { others }) => sum + others, 0),
      of: null,
      better: 'less',
    },
    {
      name: 'popular or catalogued services named as C&C of an accused host',
      figure: all.reduce((sum, each) => sum + wellKnownNamed(each), 0),
      of: null,
      better: 'less',
    },
    count('honest behaviours over the office, somebody accused', {
      among: ofSort('honest'),
      that: ({ right }) => !right,
      better: 'less',
    }),
    {
      name: 'calibration error of the verdict over real captures',
      figure: calibrationOf([...ofSort('clean'), ...infected]),
      of: null,
      better: 'less',
    },
    {
      name: 'area under the curve, C&C against honest, by verdict',
      figure: areaOf(office, ({ score }) => score),
      of: null,
      better: 'more',
    },
    ...(withList
      ? [
          {
            name: 'area under the curve, C&C against honest, by best contact',
            figure: areaOf(office, ({ contactScore }) => contactScore ?? 0),
            of: null,
            better: 'more' as const,
          },
        ]
      : []),
  ]
}

/**
 * Services that an accused host is said to have as C&C, though they are popular or known by name or address, and are
 * not it.
 */
function wellKnownNamed({ case: { cnc }, answer: { accused } }: Judged): number {
  const named = accused.flatMap((host) => host.cnc).filter((each) => !isCnc(each, cnc))
  return named.filter(isWellKnown).length
}

function isWellKnown({ address, port, name }: Contacted): boolean {
  if (name !== null && rentedOf(name) !== null) return false
  const service = serviceOf({ name, address, port })
  const byName = service !== null && service.basis !== 'port' && service.basis !== 'owner-and-port'
  return byName || (name !== null && popularityOf(name).rank !== null)
}

/**
 * Expected calibration error over ten bins of the verdict: how far it is from the share of such cases that are
 * infected.
 */
function calibrationOf(cases: readonly Judged[]): number {
  if (cases.length === 0) return Number.NaN
  const bins = Map.groupBy(cases, ({ score }) => Math.min(9, Math.floor(10 * score)))
  return [...bins.values()].reduce((sum, own) => {
    const said = own.reduce((total, { score }) => total + score, 0)
    const found = own.filter(({ case: { sort } }) => isInfected(sort)).length
    return sum + Math.abs(said - found) / cases.length
  }, 0)
}

/** Chance that a case with C&C scores over one without. NaN where either kind is missing. */
function areaOf(cases: readonly Judged[], scoreOf: (each: Judged) => number): number {
  const scored = cases.map((each) => ({
    host: each.case.name,
    bot: isInfected(each.case.sort),
    accused: each.answer.accused.length > 0,
    score: scoreOf(each),
  }))
  return areaUnderRoc(
    scored.filter(({ bot }) => bot),
    scored.filter(({ bot }) => !bot),
  )
}
