/** The page of one trace, and its flows as a file. */
import { isIP } from 'node:net'
import { UserError } from '../../errors.ts'
import type { Answer, BeaconFigure } from '../../model/answer.ts'
import type { Endpoint } from '../../model/endpoint.ts'
import type { Micros } from '../../model/units.ts'
import { csvRow } from '../../reports/csv.ts'
import { intervalsPicture, rasterPicture, spectrumPicture } from '../../reports/html/beacon-charts.ts'
import type { PrintedFinding } from '../../reports/json.ts'
import { callsFigure } from '../../traces/beacons/evidence.ts'
import { ritaOfDay } from '../../traces/beacons/rita.ts'
import { partOf } from '../hosts.ts'
import { printed, type Query } from '../page-parts.ts'
import { drawnAll, sizesPicture } from '../pictures.ts'
import { callersOf, flowsBetween } from '../records.ts'
import type { Session } from '../session.ts'
import { contactRows } from './rows.ts'
import type * as views from './views.ts'

export const beaconPictures = (beacon: BeaconFigure, finding: PrintedFinding | null) => {
  const rhythm = finding?.evidence.find((each) => each.kind === 'rhythm')
  const period: Micros | null = rhythm?.kind === 'rhythm' ? rhythm.period : null
  return drawnAll([rasterPicture(beacon), intervalsPicture(beacon, period), spectrumPicture(beacon)])
}

/** Flows that the pictures of a trace are drawn from. */
const drawnFlows = 5000

export async function tracePage(session: Session, query: Query): Promise<views.TraceView> {
  const { host, endpoint: asked } = traceOf(query)
  const { address, port, protocol } = asked
  const { answer, figures } = await session.shown()
  const same = (each: Endpoint) =>
    each.address === address && each.port === port && each.protocol === protocol
  const contact = contactRows(answer, figures).rows.find((each) => each.host === host && same(each))
  const about = printed(answer, (each) => each.hosts.includes(host) && each.cnc.some(same))
  const finding = about.find(({ kind }) => kind === 'beacon') ?? about[0] ?? null
  const endpoint = { address, port, protocol, name: contact?.name ?? finding?.cnc.find(same)?.name ?? null }
  const [first, callers] = await Promise.all([
    flowsBetween(session.store, { host, endpoint }, { offset: 0, limit: drawnFlows }),
    callersOf(session.store, endpoint),
  ])
  const part = partOf(query, 100)
  const kept = figures.beacons.find((each) => each.finding === finding?.id)
  const starts = first.rows.map(({ start }) => start as Micros)
  const beacon = kept ?? callsFigure(Float64Array.from(starts), null, '')

  return {
    host,
    endpoint,
    score: contact?.score ?? null,
    finding,
    flows: { ...first, offset: part.offset, rows: first.rows.slice(part.offset, part.offset + part.limit) },
    callers,
    baseline: baselineOf(first.rows, answer),
    pictures: [...beaconPictures(beacon, finding), ...drawnAll([sizesPicture(first.rows)])],
  }
}

/** RITA's score, over the last day of the records. */
function baselineOf(flows: readonly views.FlowRow[], { analysis: { from, to } }: Answer) {
  const last = to ?? flows.at(-1)?.start ?? 0
  return ritaOfDay(
    flows.map(({ start }) => start),
    flows.map(({ sent }) => sent ?? 0),
    { first: from ?? 0, last },
  )
}

/** Flows that one file of a trace holds. */
const savedFlows = 100_000

/** The flows of a trace as CSV, first ones first. */
export async function traceFile(session: Session, query: Query): Promise<string> {
  const { host, endpoint } = traceOf(query)
  const { rows } = await flowsBetween(session.store, { host, endpoint }, { offset: 0, limit: savedFlows })

  const columns = [
    'id',
    'start',
    'duration',
    'clientPort',
    'sent',
    'received',
    'packets',
    'outcome',
    'state',
    'uid',
    'input',
    'position',
  ] as const

  return [columns, ...rows.map((row) => columns.map((column) => String(row[column] ?? '')))]
    .map(csvRow)
    .join('')
}

/** @throws UserError option-invalid. */
function traceOf(query: Query) {
  const { host = '', address = '', protocol = 'tcp' } = query
  const port = Number(query['port'] ?? '')
  if (isIP(host) === 0 || isIP(address) === 0 || !(Number.isInteger(port) && port >= 0 && port <= 65_535))
    throw new UserError('option-invalid', 'that is no trace', 'Give host, address, port and protocol.')
  if (!/^[a-z0-9-]{1,20}$/.test(protocol))
    throw new UserError('option-invalid', 'that is no protocol', 'Give tcp or udp.')
  return { host, endpoint: { address, port, protocol } }
}
