/** The API in OpenAPI 3.1, from the list of addresses and the JSON Schema of the answer. */
import { readFileSync } from 'node:fs'
import { exportFormats } from '../exports/index.ts'
import { findingKinds, severities } from '../model/finding.ts'
import { subjectKinds, verbs } from '../model/review/decision.ts'
import { sorts } from './hosts.ts'
import { schemas } from './schemas.ts'
import { hostStates } from './views.ts'

const answerSchema = new URL('../../docs/reference/answer.schema.json', import.meta.url)

interface Parameter {
  readonly name: string
  readonly in: 'query' | 'path'
  readonly description: string
  readonly schema: Readonly<Record<string, unknown>>
}

const query = (
  name: string,
  description: string,
  schema: Parameter['schema'] = { type: 'string' },
): Parameter => ({
  name,
  in: 'query',
  description,
  schema,
})
const path = (name: string, description: string): Parameter & { readonly required: true } => ({
  name,
  in: 'path',
  required: true,
  description,
  schema: { type: 'string' },
})

const part = [
  query('offset', 'Rows to leave out.', { type: 'integer', minimum: 0 }),
  query('limit', 'Rows at most; 1000 is the most.', { type: 'integer', minimum: 0, maximum: 1000 }),
]

const filters = [
  query('text', 'In the address, the botnet, the places or the reason.'),
  query('cidr', 'Network of the hosts.'),
  query('kind', 'Kind of finding.', { enum: findingKinds }),
  query('severity', 'Severity.', { enum: severities }),
  query('technique', 'Id of an ATT&CK technique.'),
  query('state', 'State.', { enum: hostStates }),
  query('confidence', 'Least confidence.', { type: 'number', minimum: 0, maximum: 1 }),
  query('new', '1: only hosts that the analysis before did not accuse.', { enum: ['1'] }),
  query('botnet', 'Id of a botnet.'),
  query('sort', 'Order.', { enum: sorts }),
  query('order', 'Direction.', { enum: ['asc', 'desc'] }),
  ...part,
]

/** Every address that answers with JSON, and what with: the name of a schema. */
export const reads: readonly {
  readonly path: string
  readonly summary: string
  readonly view: string
  readonly parameters: readonly Parameter[]
}[] = [
  {
    path: '/overview.json',
    summary: 'What was read and what was found.',
    view: 'OverviewView',
    parameters: [],
  },
  { path: '/hosts.json', summary: 'Hosts, worst first.', view: 'HostsView', parameters: filters },
  {
    path: '/hosts/{host}.json',
    summary: 'One host.',
    view: 'HostView',
    parameters: [path('host', 'Its address.')],
  },
  {
    path: '/contacts.json',
    summary: 'Contacts, most suspect first.',
    view: 'ContactsView',
    parameters: [query('text', 'In any column.'), ...part],
  },
  {
    path: '/botnets/{id}.json',
    summary: 'One botnet.',
    view: 'BotnetView',
    parameters: [path('id', 'Its id.')],
  },
  {
    path: '/findings/{id}.json',
    summary: 'One finding.',
    view: 'FindingView',
    parameters: [path('id', 'Its id.')],
  },
  {
    path: '/trace.json',
    summary: 'The flows from one host to one service.',
    view: 'TraceView',
    parameters: [
      query('host', 'Who calls.'),
      query('address', 'Who is called.'),
      query('port', 'On which port.', { type: 'integer', minimum: 0, maximum: 65_535 }),
      query('protocol', 'tcp, udp …'),
      ...part,
    ],
  },
  {
    path: '/cplane.json',
    summary: 'The C-clusters of one epoch in two dimensions, and which hold hosts with activities.',
    view: 'CplaneView',
    parameters: [
      query('epoch', 'Number of the epoch; the last without it.', { type: 'integer', minimum: 0 }),
      query('host', 'A host whose clusters are marked.'),
      query('cluster', 'Id of a cluster to look into.'),
    ],
  },
  {
    path: '/names/{name}.json',
    summary: 'One name.',
    view: 'NameView',
    parameters: [path('name', 'The name.')],
  },
  {
    path: '/changes.json',
    summary: 'What changed since an earlier analysis.',
    view: 'ChangesView',
    parameters: [query('back', 'How many analyses before.', { type: 'integer', minimum: 1, maximum: 1000 })],
  },
  { path: '/decisions.json', summary: 'What analysts decided.', view: 'DecisionsView', parameters: [] },
  {
    path: '/imports.json',
    summary: 'What was read, and what may be.',
    view: 'ImportsView',
    parameters: [query('folder', 'A folder of which files may be imported, to be listed.')],
  },
  { path: '/jobs.json', summary: 'What was started from a page last.', view: 'WorkView', parameters: [] },
  {
    path: '/answer.json',
    summary: 'The whole answer, as gannet findings --json prints it.',
    view: 'Answer',
    parameters: [],
  },
]

const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` })
const content = (name: string) => ({ 'application/json': { schema: ref(name) } })
const faults = {
  '4XX': { description: 'Something that whoever asks can mend.', content: content('Fault') },
}

export function openApi(version: string) {
  const {
    $defs,
    $schema: _schema,
    $id: _id,
    ...answer
  } = JSON.parse(
    readFileSync(answerSchema, 'utf8').replaceAll('#/$defs/', '#/components/schemas/answer.'),
  ) as { $defs: Record<string, unknown>; $schema: string; $id: string }

  const inner = Object.fromEntries(Object.entries($defs).map(([name, each]) => [`answer.${name}`, each]))

  const gets = reads.map(({ path: address, summary, view, parameters }) => [
    address,
    {
      get: {
        summary,
        parameters,
        responses: { '200': { description: summary, content: content(view) }, ...faults },
      },
    },
  ])

  return {
    openapi: '3.1.0',
    info: {
      title: 'Gannet',
      version,
      description: 'What the pages of gannet serve show. Each page has the same address with .json.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    security: [{}, { token: [] }],
    paths: {
      ...Object.fromEntries(gets),
      '/export/{format}': exporting,
      '/findings/{id}/pack.zip': packing,
      '/decisions': deciding,
      '/decisions/{id}': undoing,
      '/jobs': starting,
    },
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
      schemas: { ...schemas, Answer: answer, ...inner },
    },
  }
}

const exporting = {
  get: {
    summary: 'Findings for another program, as gannet findings --format writes them.',
    parameters: [
      { ...path('format', 'Its name.'), schema: { enum: exportFormats.map(({ name }) => name) } },
      query('botnet', 'Only what is about this botnet.'),
    ],
    responses: {
      '200': { description: 'The file.', content: { 'application/octet-stream': {} } },
      ...faults,
    },
  },
}

const packing = {
  get: {
    summary: 'The evidence pack of a finding, as gannet evidence --pack writes it. One is made at a time.',
    parameters: [path('id', 'Its id.')],
    responses: { '200': { description: 'A zip archive.', content: { 'application/zip': {} } }, ...faults },
  },
}

const deciding = {
  post: {
    summary: 'Decide: as gannet allow, confirm and note do.',
    requestBody: {
      required: true,
      content: {
        'application/json': {
          schema: {
            type: 'object',
            required: ['verb', 'subject'],
            properties: {
              verb: { enum: verbs },
              subject: {
                type: 'string',
                description: `What it is about, with or without its kind before it: ${subjectKinds.join(', ')}.`,
              },
              reason: { type: 'string' },
              author: { type: 'string' },
              expires: { type: ['string', 'null'] },
              scope: { type: ['string', 'null'], description: 'Network of the hosts that it is about.' },
              force: { type: 'boolean', description: 'Decide also where that hides a confirmed bot.' },
            },
          },
        },
      },
    },
    responses: {
      '201': {
        description: 'It was kept, and the list is ranked again.',
        content: content('DecisionOutcome'),
      },
      '409': { description: 'It would hide a confirmed bot.', content: content('Fault') },
      ...faults,
    },
  },
}

const undoing = {
  delete: {
    summary: 'Take a decision back.',
    parameters: [path('id', 'Its id.')],
    responses: { '200': { description: 'It is gone.', content: content('DecisionOutcome') }, ...faults },
  },
}

const starting = {
  post: {
    summary: 'Start an import, an analysis, or one after the other. One runs at a time.',
    requestBody: {
      required: true,
      content: {
        'application/json': {
          schema: {
            type: 'object',
            properties: {
              paths: {
                type: 'array',
                items: { type: 'string' },
                description:
                  'Files and folders to import, within the folders that the server was started with.',
              },
              analyse: { type: 'boolean', description: 'Analyse everything after that.' },
            },
          },
        },
      },
    },
    responses: {
      '202': { description: 'It runs: ask /jobs.json how far it is.', content: content('WorkView') },
      '409': { description: 'Something runs already.', content: content('Fault') },
      ...faults,
    },
  },
  delete: {
    summary: 'Stop what runs at its next step. Inputs that were read whole stay.',
    responses: { '200': { description: 'It has ended.', content: content('WorkView') }, ...faults },
  },
}
