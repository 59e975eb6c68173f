/** What each page shows, made from what the session holds and what the records say. */
import { isIP } from 'node:net'
import { UserError } from '../errors.ts'
import { indicatorsIn, ofBotnet, techniqueCounts } from '../exports/index.ts'
import { hostSummaryOf } from '../findings/index.ts'
import type { Answer } from '../model/answer.ts'
import type { Micros } from '../model/units.ts'
import { rasterPicture } from '../reports/html/beacon-charts.ts'
import { dendrogramPicture } from '../reports/html/dendrogram.ts'
import { distributionPicture } from '../reports/html/distributions.ts'
import { stagesPicture } from '../reports/html/stages.ts'
import { timelinePicture } from '../reports/html/timeline.ts'
import { accusedSentence, decidedSentences, readSentence } from '../reports/summary.ts'
import { analysesIn } from '../store/analyses.ts'
import type { Store } from '../store/store.ts'
import { withKnown } from './contacts/known.ts'
import { contactRows } from './contacts/rows.ts'
import { beaconPictures } from './contacts/trace.ts'
import type { ContactsView, HostView, RankedRow } from './contacts/views.ts'
import { partOf } from './hosts.ts'
import { botnetRow, counted, printed, type Query, unknown } from './page-parts.ts'
import { drawnAll, flowsPicture, rejectsPicture, topologyPicture } from './pictures.ts'
import { flowsInTime, namesAskedBy, questionsFor, rejectsInTime, servedBy } from './records.ts'
import type { Session } from './session.ts'
import type * as views from './views.ts'

export async function overview(session: Session, version: string): Promise<views.OverviewView> {
  const shown = await session.shown()
  const { answer, raw, rows, comparison } = shown
  const { from, to } = answer.analysis
  const span = { from: from ?? 0, to: to ?? 0 }
  const flows = await flowsOf(session, raw.answer, span)
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
    pictures: drawnAll([
      flowsPicture(flows.bins, { ...span, step: flows.step }),
      rejectsPicture(flows.rejects, { ...span, step: flows.step }),
    ]),
  }
}

/** Counts of flows and rejects that an answer was made of: they stay what they were. */
const counts = new WeakMap<Answer, ReturnType<typeof inTime>>()

async function inTime(store: Store, span: { readonly from: number; readonly to: number }) {
  const flows = await flowsInTime(store, span)
  return { ...flows, rejects: await rejectsInTime(store, { ...span, step: flows.step }) }
}

function flowsOf({ store }: Session, answer: Answer, span: { readonly from: number; readonly to: number }) {
  const known = counts.get(answer) ?? inTime(store, span)
  counts.set(answer, known)
  known.catch(() => counts.delete(answer))
  return known
}

export async function hostPage(session: Session, host: string, query: Query): Promise<HostView> {
  if (isIP(host) === 0) throw new UserError('option-invalid', 'this is not an address', 'Give an IP address.')
  const shown = await session.shown()
  const { answer, figures, raw } = shown
  const accused = answer.hosts.find((each) => each.host === host)
  const suspect = answer.suspects.find((each) => each.host === host)
  const before = raw.answer.hosts.find((each) => each.host === host)
  const lifeCycle = answer.lifeCycles.find((each) => each.host === host) ?? null
  const about = new Set(answer.findings.filter(({ hosts }) => hosts.includes(host)).map(({ id }) => id))
  const beacons = figures.beacons.filter(({ finding }) => about.has(finding)).slice(0, 3)
  const contacts = contactRows(answer, figures).rows.filter((each) => each.host === host)

  return {
    host,
    row: shown.rowOf.get(host) ?? null,
    verdict: accused ?? suspect ?? before ?? null,
    botnet: accused?.botnet ? botnetRow(shown, accused.botnet) : null,
    findings: printed(answer, ({ hosts }) => hosts.includes(host)),
    allowed: (answer.decided?.allowed ?? []).filter(({ hosts }) => hosts.includes(host)),
    decisions: shown.decisions.filter(({ subject }) => subject.kind === 'host' && subject.value === host),
    ...(await recordsOf(askedStore(session, query), host, contacts.slice(0, 50))),
    lifeCycle,
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

/** The records, unless the page wants first what the answer alone says: that is in memory. */
const askedStore = ({ store }: Session, { records }: Query): Store | null => (records === 'no' ? null : store)

/** At once: while an analysis runs, each question may wait for a statement of it. */
async function recordsOf(store: Store | null, host: string, ranked: readonly RankedRow[]) {
  if (store === null) return { contacts: await withKnown(null, ranked), names: [], served: [], summary: null }
  const [contacts, names, served, summary] = await Promise.all([
    withKnown(store, ranked),
    namesAskedBy(store, host),
    servedBy(store, host),
    hostSummaryOf(store, host, 20),
  ])
  return { contacts, names, served, summary }
}

export async function contactsPage(session: Session, query: Query): Promise<ContactsView> {
  const { answer, figures } = await session.shown()
  const { source, rows } = contactRows(answer, figures)
  const text = (query['text'] ?? '').slice(0, 200).toLowerCase()
  const { offset, limit } = partOf(query)
  const found = rows.filter(
    ({ host, address, name, port, reasons }) =>
      text === '' ||
      [host, address, name ?? '', `:${port}`, ...reasons].some((each) => each.toLowerCase().includes(text)),
  )
  const part = found.slice(offset, offset + limit)
  return { source, total: found.length, offset, rows: await withKnown(askedStore(session, query), part) }
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
    indicators: botnet!.indicators,
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

export async function decisionsPage(session: Session): Promise<views.DecisionsView> {
  const { answer } = await session.shown()
  return { file: session.file, decided: answer.decided! }
}
