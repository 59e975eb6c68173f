/** JSON Schemas of the views in views.ts and work-views.ts. A test validates what every address answers. */
import { activityTypes } from '../model/activity.ts'
import { findingKinds, severities } from '../model/finding.ts'
import { changes } from '../model/review/comparison.ts'
import { subjectKinds, verbs } from '../model/review/decision.ts'
import { hostStates } from './views.ts'

type Schema = Readonly<Record<string, unknown>>

const text: Schema = { type: 'string' }
const number: Schema = { type: 'number' }
const whole: Schema = { type: 'integer', minimum: 0 }
const share: Schema = { type: 'number', minimum: 0, maximum: 1 }
const yes: Schema = { type: 'boolean' }
const counts: Schema = { type: 'object', additionalProperties: { type: 'integer' } }
const oneOf = (values: readonly string[]): Schema => ({ enum: values })
const list = (items: Schema): Schema => ({ type: 'array', items })
const or = (...schemas: readonly Schema[]): Schema => ({ anyOf: schemas })
const none: Schema = { type: 'null' }
const ref = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` })
const inAnswer = (name: string): Schema => ref(`answer.${name}`)

const object = (properties: Readonly<Record<string, Schema>>): Schema => ({
  type: 'object',
  required: Object.keys(properties),
  additionalProperties: false,
  properties,
})

const rows = (row: Schema) => ({ total: whole, offset: whole, rows: list(row) })
const pictures = list(ref('DrawnPicture'))
const endpoint = { address: text, port: whole, protocol: text, name: or(text, none) }
const weight = or(object({ severity: oneOf(severities), confidence: share }), none)
const sighting = { times: whole, first: number, last: number }
const fault = object({ code: text, message: text, hint: text })
const cluster = {
  id: text,
  transport: text,
  x: number,
  y: number,
  cflows: whole,
  hosts: whole,
  active: whole,
  bots: whole,
  holds: yes,
}
const outcome = { gone: list(text), back: list(text), warnings: list(text), milliseconds: whole }
const side = object({
  flows: whole,
  peers: whole,
  failed: whole,
  first: or(number, none),
  last: or(number, none),
})

const summary = object({
  host: text,
  asked: side,
  answered: side,
  kept: or(object({ first: whole, days: whole, ofDays: whole }), none),
  called: list(object({ ...endpoint, flows: whole, callers: whole })),
  activities: list(object({ type: text, detector: text, times: whole, targets: whole, score: number })),
})

export const schemas: Readonly<Record<string, Schema>> = {
  HostRow: object({
    rank: whole,
    host: text,
    state: oneOf(hostStates),
    severity: or(oneOf(severities), none),
    confidence: share,
    kinds: list(oneOf(findingKinds)),
    techniques: list(text),
    botnet: or(text, none),
    places: list(text),
    why: text,
    change: or(oneOf(changes), none),
    confirmed: yes,
    tags: list(text),
    from: or(number, none),
    to: or(number, none),
  }),
  BotnetRow: object({
    id: text,
    members: whole,
    severity: oneOf(severities),
    confidence: share,
    topology: text,
    activities: list(text),
    cnc: list(inAnswer('endpoint')),
    rally: or(text, none),
  }),
  ContactRow: object({
    ...endpoint,
    rank: whole,
    host: text,
    score: share,
    reasons: list(text),
    finding: or(text, none),
    owner: or(text, none),
    popularity: or(whole, none),
    firstSeen: or(number, none),
    callers: or(whole, none),
  }),
  DrawnPicture: object({ title: text, see: text, svg: text }),
  HostsView: object({
    ...rows(ref('HostRow')),
    facets: object({ kind: counts, severity: counts, technique: counts, state: counts, tag: counts }),
  }),
  OverviewView: object({
    version: text,
    database: text,
    read: text,
    accused: text,
    decided: list(text),
    hosts: object({ accused: whole, suspect: whole, allowed: whole, all: whole }),
    kinds: counts,
    severities: counts,
    techniques: list(object({ id: text, name: text, hosts: whole })),
    botnets: list(ref('BotnetRow')),
    worst: list(ref('HostRow')),
    changes: object({ before: or(text, none), counts, hosts: list(ref('HostChange')) }),
    blindSpots: list(text),
    rejects: counts,
    pictures,
  }),
  ContactsView: object({ ...rows(ref('ContactRow')), source: oneOf(['ranked', 'indicators']) }),
  HostView: object({
    host: text,
    row: or(ref('HostRow'), none),
    verdict: or(inAnswer('suspect'), inAnswer('host'), none),
    botnet: or(ref('BotnetRow'), none),
    findings: list(inAnswer('finding')),
    allowed: list(inAnswer('allowed')),
    decisions: list(inAnswer('decision')),
    contacts: list(ref('ContactRow')),
    names: list(object({ name: text, times: whole, failed: whole })),
    served: list(object({ port: whole, protocol: text, callers: whole, flows: whole })),
    lifeCycle: or(inAnswer('lifeCycle'), none),
    summary: or(summary, none),
    servesAs: list(text),
    pictures,
    blindSpots: list(text),
  }),
  BotnetView: object({
    botnet: ref('BotnetRow'),
    members: list(ref('HostRow')),
    findings: list(inAnswer('finding')),
    indicators: list(object({ kind: text, members: whole })),
    block: list(
      object({
        type: oneOf(['address', 'name']),
        value: text,
        ports: list(text),
        confidence: share,
        hosts: whole,
      }),
    ),
    leftOut: list(object({ value: text, why: text })),
    pictures,
  }),
  FindingView: object({ finding: inAnswer('finding'), members: list(ref('HostRow')), pictures }),
  FlowRow: object({
    id: text,
    start: number,
    duration: number,
    clientPort: whole,
    sent: or(number, none),
    received: or(number, none),
    packets: or(number, none),
    outcome: text,
    state: text,
    uid: text,
    input: text,
    position: whole,
  }),
  TraceView: object({
    host: text,
    endpoint: object(endpoint),
    score: or(share, none),
    finding: or(inAnswer('finding'), none),
    flows: object(rows(ref('FlowRow'))),
    callers: whole,
    baseline: or(object({ beacon: share, ts: share, ds: share, hist: share, dur: share }), none),
    pictures,
  }),
  ClusterRow: object(cluster),
  CplaneView: object({
    epoch: whole,
    epochs: list(object({ from: number, to: number })),
    host: or(text, none),
    hosts: whole,
    active: whole,
    axes: list(object({ share, made: list(object({ of: text, weight: number })) })),
    total: whole,
    clusters: list(ref('ClusterRow')),
    chosen: or(
      object({
        ...cluster,
        members: list(object({ host: text, cflows: whole, activities: list(oneOf(activityTypes)) })),
        services: list(object({ address: text, port: whole, protocol: text, callers: whole, calls: whole })),
        medians: list(object({ name: text, unit: text, value: number })),
      }),
      none,
    ),
  }),
  NameView: object({
    name: text,
    questions: whole,
    failed: whole,
    askers: list(object({ host: text, ...sighting })),
    answers: list(object({ answer: text, ...sighting })),
    findings: list(inAnswer('finding')),
    pictures,
  }),
  HostChange: object({ change: oneOf(changes), host: text, is: weight, was: weight }),
  ChangesView: object({
    comparison: object({
      analysis: text,
      before: or(text, none),
      // A finding of a comparison is as it is kept: without the sentences of its evidence.
      findings: list(object({ change: oneOf(changes), finding: { type: 'object' }, was: weight })),
      hosts: list(ref('HostChange')),
    }),
    analyses: list(object({ analysis: text, made: number, version: text })),
  }),
  DecisionsView: object({ file: or(text, none), decided: inAnswer('decided') }),
  ImportsView: object({
    inputs: list(inAnswer('input')),
    waiting: list(text),
    epochs: list(inAnswer('epoch')),
    options: { type: 'object' },
    internal: list(text),
    analysis: or(text, none),
    folders: list(text),
    folder: or(ref('FolderView'), none),
    job: or(ref('JobView'), none),
  }),
  FolderView: object({
    path: text,
    above: or(text, none),
    entries: list(
      object({ name: text, path: text, kind: oneOf(['file', 'folder']), bytes: whole, changed: number }),
    ),
    more: whole,
  }),
  JobView: object({
    number: whole,
    imports: whole,
    analyses: yes,
    state: oneOf(['running', 'done', 'failed', 'stopped']),
    step: text,
    share,
    begun: number,
    ended: or(number, none),
    output: text,
    fault: or(fault, none),
  }),
  WorkView: object({ job: or(ref('JobView'), none) }),
  DecisionOutcome: object({ decision: inAnswer('decision'), ...outcome }),
  AdoptOutcome: object({ added: whole, ...outcome }),
  Fault: {
    type: 'object',
    required: ['error'],
    properties: { error: fault },
  },
  Verb: oneOf(verbs),
  SubjectKind: oneOf(subjectKinds),
}
