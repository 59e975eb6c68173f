/** What is not a plain view, in OpenAPI: files, decisions, and work that is started. */
import { exportFormats } from '../exports/index.ts'
import { subjectKinds, verbs } from '../model/review/decision.ts'

export interface Parameter {
  readonly name: string
  readonly in: 'query' | 'path'
  readonly description: string
  readonly schema: Readonly<Record<string, unknown>>
}

export const query = (
  name: string,
  description: string,
  schema: Parameter['schema'] = { type: 'string' },
): Parameter => ({
  name,
  in: 'query',
  description,
  schema,
})
export const path = (name: string, description: string): Parameter & { readonly required: true } => ({
  name,
  in: 'path',
  required: true,
  description,
  schema: { type: 'string' },
})

const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` })
export const content = (name: string) => ({ 'application/json': { schema: ref(name) } })
export const faults = {
  '4XX': { description: 'An error in the request.', content: content('Fault') },
}

/** A body of JSON that a request must have. */
const body = (properties: Readonly<Record<string, unknown>>, required: readonly string[] | null = null) => ({
  required: true,
  content: {
    'application/json': { schema: { type: 'object', ...(required && { required }), properties } },
  },
})

export const exporting = {
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

export const packing = {
  get: {
    summary: 'The evidence pack of a finding, as gannet evidence --pack writes it. One is made at a time.',
    parameters: [path('id', 'Its id.')],
    responses: { '200': { description: 'A zip archive.', content: { 'application/zip': {} } }, ...faults },
  },
}

export const deciding = {
  post: {
    summary: 'Decide: as gannet allow, confirm, note and tag do.',
    requestBody: body(
      {
        verb: { enum: verbs },
        subject: {
          type: 'string',
          description: `What it is about, with or without its kind before it: ${subjectKinds.join(', ')}.`,
        },
        tags: { type: 'array', items: { type: 'string' }, description: 'Of a tag: its words.' },
        reason: { type: 'string' },
        author: { type: 'string' },
        expires: { type: ['string', 'null'] },
        scope: { type: ['string', 'null'], description: 'Network of the hosts that it is about.' },
        force: { type: 'boolean', description: 'Decide also where that hides a confirmed bot.' },
      },
      ['verb', 'subject'],
    ),
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

export const undoing = {
  delete: {
    summary: 'Take a decision back.',
    parameters: [path('id', 'Its id.')],
    responses: { '200': { description: 'It is gone.', content: content('DecisionOutcome') }, ...faults },
  },
}

export const starting = {
  post: {
    summary: 'Start an import, an analysis, or one after the other. One runs at a time.',
    requestBody: body({
      paths: {
        type: 'array',
        items: { type: 'string' },
        description: 'Files and folders to import, within the folders that the server was started with.',
      },
      analyse: { type: 'boolean', description: 'Analyse everything after that.' },
    }),
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

export const adopting = {
  post: {
    summary: 'Add the decisions of another file, as gannet decisions --import does.',
    requestBody: body(
      {
        text: { type: 'string', description: 'The file: YAML, at most 1 MiB.' },
        force: { type: 'boolean', description: 'Add them also where one hides a confirmed bot.' },
      },
      ['text'],
    ),
    responses: {
      '201': {
        description: 'They were added, and the list is ranked again.',
        content: content('AdoptOutcome'),
      },
      '409': { description: 'One would hide a confirmed bot.', content: content('Fault') },
      ...faults,
    },
  },
}
