/** How the parts of `gannet monitor` fare: for its log, for /health and for /metrics. */
import type { CollectorStatus } from '../../capture/collector/status.ts'
import type { Answer } from '../../model/answer.ts'
import { severities } from '../../model/finding.ts'
import type { Store } from '../../store/store.ts'
import type { Captured } from '../commands/capture.ts'
import type { Log } from './log.ts'

export type ComponentState = 'starting' | 'running' | 'failing' | 'ended'

interface Component {
  state: ComponentState
  /** Milliseconds since 1970. */
  since: number
  error: string | null
  restarts: number
}

export interface MonitorState {
  readonly started: number
  readonly components: Map<string, Component>
  collector: CollectorStatus | null
  /** Of the capture since its stream began; null before the first packet. */
  capture: Captured | null
  /** Records that a watched folder gave since the start, by kind. */
  readonly imported: Map<string, number>
  /** Records that an input gave and that were rejected, by reason. */
  readonly rejected: Map<string, number>
  /** Files that could not be read. */
  skipped: number
  /** Of the newest flow in the ledger, in microseconds since 1970; 0 where there is none. */
  newest: number
  inputs: number
  removed: number
  analyses: number
  /** Aborted when an analysis is asked for; another takes its place then. */
  asked: AbortController
  /** Seconds of the last analysis, by stage. */
  stages: ReadonlyMap<string, number>
  /** Milliseconds since 1970 of the end of the last analysis; 0 before the first. */
  analysed: number
  answer: Answer | null
}

/** What components work with. */
export interface Monitored {
  readonly store: Store
  readonly state: MonitorState
  readonly log: Log
}

export const createState = (): MonitorState => ({
  started: Date.now(),
  components: new Map(),
  collector: null,
  capture: null,
  imported: new Map(),
  rejected: new Map(),
  skipped: 0,
  newest: 0,
  inputs: 0,
  removed: 0,
  analyses: 0,
  asked: new AbortController(),
  stages: new Map(),
  analysed: 0,
  answer: null,
})

/** Has the service analyse now, whether or not something is new. */
export function askForAnalysis(state: MonitorState): void {
  const { asked } = state
  state.asked = new AbortController()
  asked.abort()
}

export const count = (counts: Map<string, number>, key: string, more: number): unknown =>
  counts.set(key, (counts.get(key) ?? 0) + more)

/** The body of /health; `ok` where every component runs. */
export function healthOf({ components, newest, analysed, started }: MonitorState) {
  const ok = [...components.values()].every(({ state }) => state !== 'failing')
  const instant = (milliseconds: number) => (milliseconds > 0 ? new Date(milliseconds).toISOString() : null)

  return {
    status: ok ? ('ok' as const) : ('failing' as const),
    started: instant(started),
    newestRecord: instant(newest / 1000),
    lastAnalysis: instant(analysed),
    components: Object.fromEntries(
      [...components].map(([name, { state, since, error, restarts }]) => [
        name,
        { state, since: instant(since), error, restarts },
      ]),
    ),
  }
}

interface Metric {
  readonly name: string
  readonly type: 'counter' | 'gauge'
  readonly help: string
  /** Labels, as text in braces or empty, and the value. */
  readonly values: readonly (readonly [labels: string, value: number])[]
}

const labelled = (label: string, counts: Iterable<readonly [string, number]>) =>
  [...counts].map(([key, value]) => [`{${label}="${escaped(key)}"}`, value] as const)

const escaped = (text: string): string =>
  text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')

/** The body of /metrics, in the text format of Prometheus. */
export const metricsOf = (state: MonitorState): string =>
  [...ofProcess(state), ...ofCapture(state), ...ofInputs(state), ...ofAnalysis(state)]
    .filter(({ values }) => values.length > 0)
    .map(({ name, type, help, values }) =>
      [
        `# HELP gannet_${name} ${help}`,
        `# TYPE gannet_${name} ${type}`,
        ...values.map(([labels, value]) => `gannet_${name}${labels} ${value}`),
        '',
      ].join('\n'),
    )
    .join('')

const ofProcess = ({ components, started }: MonitorState): Metric[] => [
  {
    name: 'start_time_seconds',
    type: 'gauge',
    help: 'When the process started.',
    values: [['', started / 1000]],
  },
  {
    name: 'resident_memory_bytes',
    type: 'gauge',
    help: 'Resident memory of the process.',
    values: [['', process.memoryUsage.rss()]],
  },
  {
    name: 'component_up',
    type: 'gauge',
    help: '1 while the component runs.',
    values: labelled(
      'component',
      [...components].map(([name, { state }]) => [name, state === 'running' ? 1 : 0] as const),
    ),
  },
  {
    name: 'component_restarts_total',
    type: 'counter',
    help: 'Times that the component failed and was started again.',
    values: labelled(
      'component',
      [...components].map(([name, { restarts }]) => [name, restarts] as const),
    ),
  },
]

const ofCapture = ({ capture }: MonitorState): Metric[] => [
  {
    name: 'capture_packets_total',
    type: 'counter',
    help: 'Packets captured.',
    values: capture ? [['', capture.frames]] : [],
  },
  {
    name: 'capture_rejects_total',
    type: 'counter',
    help: 'Packets that were rejected, by reason.',
    values: labelled('reason', Object.entries(capture?.rejects ?? {})),
  },
  {
    name: 'capture_dropped_total',
    type: 'counter',
    help: 'Packets that the kernel or the tool dropped, known when a capture has ended.',
    values: capture?.dropped == null ? [] : [['', capture.dropped]],
  },
]

function ofInputs(state: MonitorState): Metric[] {
  const { collector, newest } = state
  const ofCollector = (value: (status: CollectorStatus) => number) =>
    collector ? [['', value(collector)] as const] : []
  const lost = collector?.lost

  return [
    {
      name: 'collector_datagrams_total',
      type: 'counter',
      help: 'Datagrams received.',
      values: ofCollector(({ datagrams }) => datagrams),
    },
    {
      name: 'collector_records_total',
      type: 'counter',
      help: 'Flow records received.',
      values: ofCollector(({ records }) => records),
    },
    {
      name: 'collector_rejects_total',
      type: 'counter',
      help: 'Records of exporters that were rejected.',
      values: ofCollector(({ rejects }) => rejects),
    },
    {
      name: 'collector_lost_total',
      type: 'counter',
      help: 'Records or datagrams that were lost, by where.',
      values: lost ? labelled('where', Object.entries({ ...lost, kernel: lost.kernel ?? 0 })) : [],
    },
    {
      name: 'imported_records_total',
      type: 'counter',
      help: 'Records imported from watched folders, by kind.',
      values: labelled('kind', state.imported),
    },
    {
      name: 'rejected_records_total',
      type: 'counter',
      help: 'Records of watched folders that were rejected, by reason.',
      values: labelled('reason', state.rejected),
    },
    { name: 'skipped_files_total', type: 'counter', help: 'Files left out.', values: [['', state.skipped]] },
    { name: 'inputs', type: 'gauge', help: 'Inputs in the ledger.', values: [['', state.inputs]] },
    {
      name: 'removed_inputs_total',
      type: 'counter',
      help: 'Inputs removed by age or size.',
      values: [['', state.removed]],
    },
    {
      name: 'lag_seconds',
      type: 'gauge',
      help: 'Age of the newest flow.',
      values: newest > 0 ? [['', Math.round(Date.now() / 1000 - newest / 1e6)]] : [],
    },
  ]
}

function ofAnalysis({ analyses, analysed, stages, answer }: MonitorState): Metric[] {
  const findings = severities.map(
    (severity) =>
      [severity, answer?.findings.filter((each) => each.severity === severity).length ?? 0] as const,
  )

  return [
    { name: 'analyses_total', type: 'counter', help: 'Analyses since the start.', values: [['', analyses]] },
    {
      name: 'analysis_end_time_seconds',
      type: 'gauge',
      help: 'When the last analysis ended.',
      values: analysed > 0 ? [['', analysed / 1000]] : [],
    },
    {
      name: 'stage_seconds',
      type: 'gauge',
      help: 'Seconds of each stage of the last analysis.',
      values: labelled('stage', stages),
    },
    {
      name: 'findings',
      type: 'gauge',
      help: 'Findings of the last analysis.',
      values: answer ? labelled('severity', findings) : [],
    },
    {
      name: 'hosts_accused',
      type: 'gauge',
      help: 'Hosts accused by the last analysis.',
      values: answer ? [['', answer.hosts.length]] : [],
    },
  ]
}
