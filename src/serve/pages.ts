/** What each page shows, made from what the session holds and what the records say. */
import { isIP } from 'node:net'
import { UserError } from '../errors.ts'
import { indicatorsIn, ofBotnet, techniqueCounts } from '../exports/index.ts'
import { seenOf } from '../findings/index.ts'
import type { Answer, BeaconFigure } from '../model/answer.ts'
import { sayRally } from '../model/explain.ts'
import type { Endpoint } from '../model/finding.ts'
import { worstFirst } from '../model/rank.ts'
import type { Micros } from '../model/units.ts'
import { csvRow } from '../reports/csv.ts'
import { intervalsPicture, rasterPicture, spectrumPicture } from '../reports/html/beacon-charts.ts'
import { dendrogramPicture } from '../reports/html/dendrogram.ts'
import { distributionPicture } from '../reports/html/distributions.ts'
import { stagesPicture } from '../reports/html/stages.ts'
import { timelinePicture } from '../reports/html/timeline.ts'
import { type PrintedFinding, printedAnswer } from '../reports/json.ts'
import { accusedSentence, decidedSentences, readSentence } from '../reports/summary.ts'
import { analysesIn } from '../store/analyses.ts'
import { contactRows } from './contacts.ts'
import { partOf } from './hosts.ts'
import { drawnAll, flowsPicture, sizesPicture, topologyPicture } from './pictures.ts'
import { callersOf, flowsBetween, flowsInTime, questionsFor } from './records.ts'
import type { Session, Shown } from './session.ts'
import { intervalsOf } from './trace.ts'
import type * as views from './views.ts'

type Query = Readonly<Record<string, string>>

const unknown = (what: string) => new UserError('finding-unknown', `there is no ${what}`, 'Look at the list.')

const counted = (values: readonly string[]): views.Facet => {
  const counts = new Map<string, number>()
  for (const each of values) counts.set(each, (counts.get(each) ?? 0) + 1)
  return Object.fromEntries([...counts].toSorted(([, a], [, b]) => b - a))
}

const printed = (
  answer: Answer,
  keep: (finding: Answer['findings'][number]) => boolean,
): readonly PrintedFinding[] =>
  printedAnswer({ ...answer, findings: answer.findings.filter(keep).toSorted(worstFirst) }).findings

function botnetRow({ answer }: Shown, id: string): views.BotnetRow | null {
  const botnet = answer.botnets.find((each) => each.id === id)
  if (!botnet) return null
  const members = answer.hosts.filter((each) => each.botnet === id)
  const [worst] = members.toSorted(worstFirst)
  return {
    id,
    members: botnet.hosts.length,
    severity: worst?.severity ?? 'note',
    confidence: botnet.confidence,
    topology: botnet.topology,
    activities: botnet.activities,
    cnc: botnet.cnc,
    rally: botnet.rally ? sayRally(botnet.rally) : null,
  }
}

export async function overview(session: Session, version: string): Promise<views.OverviewView> {
  const shown = await session.shown()
  const { answer, rows, comparison } = shown
  const { from, to } = answer.analysis
  const span = { from: from ?? 0, to: to ?? 0 }
  const flows = await flowsInTime(session.store, span)
  const changed = comparison.findings.map(({ change }) => change)
  const states = counted(rows.map(({ state }) => state))
  return {
    version,
    database: session.store.where,
    read: readSentence(answer),
    accused: accusedSentence(answer),
    decided: decidedSentences(answer),
    hosts: {
      accused: states['accused'] ?? 0,
      suspect: states['suspect'] ?? 0,
      allowed: states['allowed'] ?? 0,
      all: answer.analysis.hosts,
    },
    kinds: counted(answer.hosts.flatMap(({ kinds }) => kinds)),
    severities: counted(answer.hosts.map(({ severity }) => severity)),
    techniques: techniqueCounts(answer.findings).map(({ technique: { id, name }, hosts }) => ({
      id,
      name,
      hosts: hosts.length,
    })),
    botnets: answer.botnets.flatMap(({ id }) => botnetRow(shown, id) ?? []),
    worst: rows.filter(({ state }) => state === 'accused').slice(0, 8),
    changes: {
      before: comparison.before,
      counts: counted(changed),
      hosts: comparison.hosts.slice(0, 50),
    },
    blindSpots: answer.analysis.blindSpots,
    rejects: answer.inputs.reduce<Record<string, number>>((sum, { rejects }) => {
      for (const [reason, count] of Object.entries(rejects)) sum[reason] = (sum[reason] ?? 0) + count
      return sum
    }, {}),
    pictures: drawnAll([flowsPicture(flows.bins, { ...span, step: flows.step })]),
  }
}

export async function hostPage(session: Session, host: string): Promise<views.HostView> {
  if (isIP(host) === 0) throw new UserError('option-invalid', 'this is not an address', 'Give an IP address.')
  const shown = await session.shown()
  const { answer, figures, raw } = shown
  const accused = answer.hosts.find((each) => each.host === host)
  const suspect = answer.suspects.find((each) => each.host === host)
  const before = raw.answer.hosts.find((each) => each.host === host)
  const lifeCycle = answer.lifeCycles.find((each) => each.host === host) ?? null
  const about = new Set(answer.findings.filter(({ hosts }) => hosts.includes(host)).map(({ id }) => id))
  const beacons = figures.beacons.filter(({ finding }) => about.has(finding)).slice(0, 3)
  return {
    host,
    row: shown.rowOf.get(host) ?? null,
    verdict: accused ?? suspect ?? before ?? null,
    botnet: accused?.botnet ? botnetRow(shown, accused.botnet) : null,
    findings: printed(answer, ({ hosts }) => hosts.includes(host)),
    allowed: (answer.decided?.allowed ?? []).filter(({ hosts }) => hosts.includes(host)),
    decisions: shown.decisions.filter(({ subject }) => subject.kind === 'host' && subject.value === host),
    contacts: contactRows(answer, figures)
      .rows.filter((each) => each.host === host)
      .slice(0, 50),
    lifeCycle,
    seen: await seenOf(session.store, host, 20),
    servesAs: answer.findings
      .filter(({ cnc }) => cnc.some(({ address }) => address === host))
      .map(({ id }) => id),
    pictures: drawnAll([
      lifeCycle ? stagesPicture([lifeCycle]) : null,
      ...figures.timelines.filter(({ subject }) => subject === host).map(timelinePicture),
      ...beacons.map(rasterPicture),
    ]),
    blindSpots: answer.analysis.blindSpots,
  }
}

export async function contactsPage(session: Session, query: Query): Promise<views.ContactsView> {
  const { answer, figures } = await session.shown()
  const { source, rows } = contactRows(answer, figures)
  const text = (query['text'] ?? '').slice(0, 200).toLowerCase()
  const { offset, limit } = partOf(query)
  const found = rows.filter(
    ({ host, address, name, port, reasons }) =>
      text === '' ||
      [host, address, name ?? '', `:${port}`, ...reasons].some((each) => each.toLowerCase().includes(text)),
  )
  return { source, total: found.length, offset, rows: found.slice(offset, offset + limit) }
}

export async function botnetPage(session: Session, id: string): Promise<views.BotnetView> {
  const shown = await session.shown()
  const { answer, figures } = shown
  const row = botnetRow(shown, id)
  const part = ofBotnet(answer, figures, id)
  if (!row || !part) throw unknown(`botnet ${id.slice(0, 40)}`)
  const [botnet] = part.answer.botnets
  const { indicators, leftOut } = indicatorsIn(part.answer)
  const trees = figures.dendrograms.filter(({ botnetOf }) => botnetOf.includes(id))
  return {
    botnet: row,
    members: shown.rows.filter((each) => each.botnet === id && each.state === 'accused'),
    findings: printed(
      answer,
      ({ kind, hosts }) => kind === 'botnet' && hosts.some((host) => botnet!.hosts.includes(host)),
    ),
    signs: botnet!.signs,
    block: indicators.map(({ type, value, services, confidence, hosts }) => ({
      type,
      value,
      ports: services.map(({ port, protocol }) => `${port}/${protocol}`),
      confidence,
      hosts: hosts.length,
    })),
    leftOut,
    pictures: drawnAll([
      ...part.figures.contacts.map(topologyPicture),
      ...trees.map((tree) => dendrogramPicture(tree, id)),
      ...part.figures.timelines.filter(({ subject }) => subject === id).map(timelinePicture),
      stagesPicture(part.answer.lifeCycles),
      ...part.figures.distributions.map(distributionPicture),
    ]),
  }
}

export async function findingPage(session: Session, id: string): Promise<views.FindingView> {
  const shown = await session.shown()
  const [finding] = printed(shown.answer, (each) => each.id === id)
  if (!finding) throw unknown(`finding ${id.slice(0, 40)}`)
  const beacon = shown.figures.beacons.find((each) => each.finding === id)
  return {
    finding,
    members: finding.hosts.flatMap((host) => shown.rowOf.get(host) ?? []).slice(0, 500),
    pictures: beacon ? beaconPictures(beacon, finding) : [],
  }
}

const beaconPictures = (beacon: BeaconFigure, finding: PrintedFinding | null) => {
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
  const [finding = null] = printed(
    answer,
    (each) => each.kind === 'beacon' && each.hosts.includes(host) && each.cnc.some(same),
  )
  const endpoint = { address, port, protocol, name: contact?.name ?? finding?.cnc.find(same)?.name ?? null }
  const first = await flowsBetween(session.store, { host, endpoint }, { offset: 0, limit: drawnFlows })
  const part = partOf(query, 100)
  const kept = figures.beacons.find((each) => each.finding === finding?.id)
  const starts = first.rows.map(({ start }) => start as Micros)
  const beacon = kept ?? { finding: '', starts, intervals: intervalsOf(starts), spectrum: [], threshold: 0 }
  return {
    host,
    endpoint,
    score: contact?.score ?? null,
    finding,
    flows: { ...first, offset: part.offset, rows: first.rows.slice(part.offset, part.offset + part.limit) },
    callers: await callersOf(session.store, endpoint),
    pictures: [...beaconPictures(beacon, finding), ...drawnAll([sizesPicture(first.rows)])],
  }
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

export async function namePage(session: Session, name: string): Promise<views.NameView> {
  const asked = name.toLowerCase().replace(/\.$/, '').slice(0, 253)
  const { answer } = await session.shown()
  const { starts, ...found } = await questionsFor(session.store, asked)
  const findings = printed(
    answer,
    ({ cnc, rally }) => cnc.some((each) => each.name === asked) || (rally?.names ?? []).includes(asked),
  )
  const raster = rasterPicture({
    finding: '',
    starts: starts as Micros[],
    intervals: [],
    spectrum: [],
    threshold: 0,
  })
  return {
    name: asked,
    ...found,
    findings,
    pictures: drawnAll([raster ? { ...raster, title: 'When it was asked for' } : null]),
  }
}

export async function changesPage(session: Session, query: Query): Promise<views.ChangesView> {
  const back = Number(query['back'] ?? '1')
  if (!(Number.isInteger(back) && back >= 1 && back <= 1000))
    throw new UserError(
      'option-invalid',
      'the parameter back is not a number',
      'Give a number from 1 to 1000.',
    )
  return { comparison: await session.comparison(back), analyses: await analysesIn(session.store, 100) }
}

export async function importsPage(session: Session): Promise<views.ImportsView> {
  const { answer } = await session.shown()
  const { inputs, analysis } = answer
  return {
    inputs,
    epochs: analysis.epochs,
    options: analysis.options,
    internal: analysis.internal,
    analysis: analysis.id,
  }
}

export async function decisionsPage(session: Session): Promise<views.DecisionsView> {
  const { answer } = await session.shown()
  return { file: session.file, decided: answer.decided! }
}
