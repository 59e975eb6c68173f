/** The API in OpenAPI 3.1, from the list of addresses and the JSON Schema of the answer. */
import { readFileSync } from 'node:fs'
import { findingKinds, severities } from '../model/finding.ts'
import { sorts } from './hosts.ts'
import {
  adopting,
  content,
  deciding,
  exporting,
  faults,
  type Parameter,
  packing,
  path,
  query,
  starting,
  undoing,
} from './openapi-writes.ts'
import { schemas } from './schemas.ts'
import { hostStates } from './views.ts'

const answerSchema = new URL('../../docs/reference/answer.schema.json', import.meta.url)

const part = [
  query('offset', 'Rows to leave out.', { type: 'integer', minimum: 0 }),
  query('limit', 'Rows at most; 1000 is the most.', { type: 'integer', minimum: 0, maximum: 1000 }),
]

const records = query(
  'records',
  'no: only what the answer says, without asking the records, which takes longer.',
  {
    enum: ['no'],
  },
)

const filters = [
  query('text', 'In the address, the botnet, the places or the reason.'),
  query('cidr', 'Network of the hosts.'),
  query('kind', 'Kind of finding.', { enum: findingKinds }),
  query('severity', 'Severity.', { enum: severities }),
  query('technique', 'Id of an ATT&CK technique.'),
  query('tag', 'A tag that analysts gave.'),
  query('state', 'State.', { enum: hostStates }),
  query('confidence', 'Least confidence.', { type: 'number', minimum: 0, maximum: 1 }),
  query('new', '1: only hosts that the analysis before did not accuse.', { enum: ['1'] }),
  query('botnet', 'Id of a botnet.'),
  query('from', 'Only hosts with an indicator then or later: ISO 8601, UTC where it names no zone.'),
  query('to', 'Only hosts with an indicator then or before.'),
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
    parameters: [path('host', 'Its address.'), records],
  },
  {
    path: '/contacts.json',
    summary: 'Contacts, most suspect first.',
    view: 'ContactsView',
    parameters: [query('text', 'In any column.'), records, ...part],
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
      '/decisions/import': adopting,
      '/decisions/{id}': undoing,
      '/jobs': starting,
    },
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
      schemas: { ...schemas, Answer: answer, ...inner },
    },
  }
}
