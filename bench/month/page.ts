/** What a month showed, as a page and as rows. */
import { quantile } from '../../src/math/stats.ts'
import { markdownTable, percent, type Row, shortNumber } from '../row.ts'
import type { Month } from './month.ts'
import type { Bot } from './tally.ts'

const sum = (values: readonly number[]) => values.reduce((all, each) => all + each, 0)

const hoursTo = ({ called, alerted }: Bot): number | null =>
  called === null || alerted === null ? null : Math.max(0, (alerted - called) / 3600e6)

const hoursOf = (bots: readonly Bot[]): number[] =>
  bots
    .map(hoursTo)
    .filter((each) => each !== null)
    .sort((a, b) => a - b)

const isSlow = ({ family }: Bot) => family.startsWith('slow-')

/** Bots that have called: others were never on after they were infected, or the month was over. */
const callers = ({ bots }: Month) => bots.filter(({ called }) => called !== null)

export function monthPage(month: Month): string {
  const { days, seed, hosts, every, analyses, held } = month
  const flows = sum(days.map((each) => each.flows))
  const clean = sum(days.map((each) => each.clean))
  const wrong = days.flatMap((each) => each.wrong)

  return [
    `${days.length} days of ${hosts} machines (seed ${seed}): ${flows.toLocaleString('en-US')} connections, ` +
      `${analyses} analyses of the last 24 hours, one each ${every} simulated hours. ` +
      `${clean.toLocaleString('en-US')} clean host-days, ${wrong.length} false alarms: ` +
      `${shortNumber(wrong.length / clean)} per host-day. ` +
      `In the end the database holds ${held.records.toFixed(0)} MB of records of the last three days, ` +
      `${held.aggregates.toFixed(0)} MB of hourly aggregates and ${held.others.toFixed(0)} MB of all else.`,
    '',
    '### By family',
    '',
    familyTable(month),
    '',
    '### By day',
    '',
    dayTable(month),
    '',
    '### False alarms',
    '',
    wrongTable(month),
  ].join('\n')
}

function familyTable(month: Month): string {
  const rows = [...Map.groupBy(callers(month), ({ family }) => family)].map(([family, own]) => {
    const hours = hoursOf(own)
    const kinds = [...new Set(own.flatMap(({ kinds }) => [...kinds]))].sort()
    return [
      family,
      String(own.length),
      `${hours.length} (${percent(hours.length / own.length)})`,
      String(own.filter(({ isNamed }) => isNamed).length),
      hours.length > 0 ? hours[0]!.toFixed(1) : '–',
      hours.length > 0 ? quantile(hours, 0.5).toFixed(1) : '–',
      hours.length > 0 ? hours.at(-1)!.toFixed(1) : '–',
      kinds.join(', ') || '–',
    ]
  })
  const heads = [
    'Family',
    'Bots',
    'Found',
    'C&C named',
    'Hours to the first alert: least',
    'Median',
    'Most',
    'Kinds of findings',
  ]
  return markdownTable(heads, rows)
}

const dayTable = ({ days }: Month): string =>
  markdownTable(
    [
      'Day',
      'Flows',
      'Hosts',
      'Bots',
      'Alerts on bots',
      'False alarms',
      'Accused hosts',
      'Memory at most',
      'Database',
      'Processor',
    ],
    days.map((each) => [
      // The day of the place, which is east of Greenwich.
      new Date(each.from / 1000 + 43_200_000).toUTCString().slice(0, 11),
      each.flows.toLocaleString('en-US'),
      String(each.hosts),
      String(each.infected),
      String(each.right),
      String(each.wrong.length),
      String(each.accused),
      `${each.megabytes.toFixed(0)} MB`,
      `${each.disk.toFixed(0)} MB`,
      `${each.processor.toFixed(1)} s`,
    ]),
  )

function wrongTable({ days }: Month): string {
  const all = days.flatMap((each, i) => each.wrong.map((one) => ({ ...one, day: i + 1 })))
  if (all.length === 0) return 'None.'
  const groups = [...Map.groupBy(all, ({ host, alert }) => `${host} ${alert.kind}`).values()]
  const sorted = groups.sort((a, b) => b.length - a.length)
  const rest = sum(sorted.slice(30).map((own) => own.length))

  return [
    markdownTable(
      ['Host', 'Kind', 'Alerts', 'First on day', 'Its first claim'],
      sorted
        .slice(0, 30)
        .map((own) => [
          own[0]!.host,
          own[0]!.alert.kind,
          String(own.length),
          String(own[0]!.day),
          own[0]!.alert.claim,
        ]),
    ),
    ...(rest > 0 ? ['', `And ${rest} more of other hosts and kinds.`] : []),
  ].join('\n')
}

export function rowsOf(month: Month): Row[] {
  const { days, hosts, every, seed, held } = month
  const bots = callers(month)
  const hours = hoursOf(bots)
  const named = bots.filter(({ isNamed }) => isNamed).length
  const wrong = sum(days.map((each) => each.wrong.length))
  const clean = sum(days.map((each) => each.clean))
  const asserted =
    `${days.length} days of ${hosts} machines, seed ${seed}, an analysis each ${every} hours; ` +
    `${sum(days.map((each) => each.flows))} flows, each imported once; ${bots.length} bots, ${clean} clean host-days`
  const least = (name: string, figure: number, unit: string): Row => ({
    name,
    figure,
    unit,
    better: 'less',
    asserted,
  })
  const recall = (name: string, of: readonly Bot[]): Row[] =>
    of.length === 0 ? [] : [{ name, figure: hoursOf(of).length / of.length, unit: 'share', asserted }]

  return [
    ...recall(
      'bots alerted on',
      bots.filter((each) => !isSlow(each)),
    ),
    ...recall('slow bots alerted on', bots.filter(isSlow)),
    ...(bots.length > 0
      ? [{ name: 'bots whose C&C an alert named', figure: named / bots.length, unit: 'share', asserted }]
      : []),
    least('false alarms per clean host-day', wrong / clean, 'alarms'),
    ...(hours.length > 0
      ? [least('from the first call to the first alert, median', quantile(hours, 0.5), 'h')]
      : []),
    least('memory at most', Math.max(...days.map((each) => each.megabytes)), 'MB'),
    least('hourly aggregates at the end', held.aggregates, 'MB'),
    least('records of three days at the end', held.records, 'MB'),
    least('processor per day', sum(days.map((each) => each.processor)) / days.length, 's'),
  ]
}
