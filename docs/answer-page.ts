/** Writes docs/reference/answer.md from the JSON Schema: `node docs/answer-page.ts`. A test holds the page to it. */
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

interface Schema {
  readonly title?: string
  readonly description?: string
  readonly type?: string | readonly string[]
  readonly const?: string
  readonly enum?: readonly string[]
  readonly items?: Schema
  readonly properties?: Readonly<Record<string, Schema>>
  readonly additionalProperties?: Schema | boolean
  readonly oneOf?: readonly Schema[]
  readonly $ref?: string
  readonly $defs?: Readonly<Record<string, Schema>>
}

const schemaPath = new URL('reference/answer.schema.json', import.meta.url)
const pagePath = new URL('reference/answer.md', import.meta.url)

const opening = `# The answer, as JSON

\`gannet run --json\` and \`gannet findings --json\` print one object. [answer.schema.json](answer.schema.json)
(JSON Schema, draft 2020-12) describes it completely. \`node docs/answer-page.ts\` writes this page from the schema.

## Guarantees

- \`hosts\` holds accused hosts only, worst first: by severity, then by confidence. Each has at least one finding, and
  the finding names it. Its confidence is the verdict of all detectors together ([verdict](../method/verdict.md)), and
  \`parts\` say what each adds.
- \`suspects\` are hosts with indicators below the alert threshold: no finding names them.
- \`contacts\` ranks the external services that each host contacts, with reasons for and against
  ([contacts](../method/contacts.md)).
- \`findings\` are sorted the same way. Each has evidence, and doubts: benign causes that would look the same.
- Ids are stable: the same inputs and options give the same ids.
- Times are whole microseconds since 1970-01-01 UTC; durations are whole microseconds; shares are from 0 to 1.
- A property is never absent. An unknown value is \`null\` or an empty list.
- Names, paths and samples are text of the input and may be hostile: escape them before you display them.

## Exit codes

| Code | Meaning |
| --- | --- |
| 0 | The analysis ran, whether it found something or not. |
| 1 | Success, and a finding is at or above \`--fail-on SEVERITY\`. |
| 2 | An error that the user can fix; one line says what, one says how. |
| 70 | Internal error; please report it. |
`

const nameOf = (ref: string): string => ref.replace('#/$defs/', '')

function typeOf(schema: Schema): string {
  if (schema.$ref) return `[${nameOf(schema.$ref)}](#${nameOf(schema.$ref).toLowerCase()})`
  if (schema.const !== undefined) return `\`"${schema.const}"\``
  if (schema.enum) return schema.enum.map((each) => `\`"${each}"\``).join(', ')
  if (schema.items) return `list of ${typeOf(schema.items)}`
  if (schema.type === 'object' && schema.properties) return 'object, below'
  if (schema.type === 'object') return schema.additionalProperties ? 'map to integer' : 'map'
  return [schema.type ?? 'any'].flat().join(' or ')
}

/** The unit of every time, which the guarantees give once. */
const timeUnit = / Microseconds since 1970-01-01 UTC\.$/

function rows(schema: Schema, prefix = ''): string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, property]) => {
    const meaning = (property.description ?? '').replace(timeUnit, '')
    const row = `| \`${prefix}${name}\` | ${typeOf(property)} | ${meaning} |`
    const inner = property.items?.properties ? rows(property.items, `${prefix}${name}[].`) : []
    return [row, ...inner, ...(property.properties ? rows(property, `${prefix}${name}.`) : [])]
  })
}

const table = (lines: readonly string[]): string =>
  ['| Property | Type | Meaning |', '| --- | --- | --- |', ...lines].join('\n')

/** Rows that every schema of a union has: they are listed once, with the union. */
function commonRows({ oneOf = [] }: Schema, definitions: Definitions): string[] {
  const members = oneOf.map(({ $ref = '' }) => rows(definitions[nameOf($ref)] ?? {}))
  return (members[0] ?? []).filter((row) => members.every((each) => each.includes(row)))
}

type Definitions = Readonly<Record<string, Schema>>

function section(name: string, schema: Schema, definitions: Definitions): string {
  const head = `## ${name}\n\n${schema.description ?? ''}\n`
  if (schema.oneOf) {
    const common = commonRows(schema, definitions)
    const alike = common.length > 0 ? `\nEach has its \`kind\`, and:\n\n${table(common)}\n` : ''
    return `${head}\nOne of ${schema.oneOf.map(typeOf).join(', ')}.\n${alike}`
  }
  if (!schema.properties) return `${head}\n${typeOf(schema)}\n`

  const union = Object.values(definitions).find(({ oneOf }) =>
    oneOf?.some(({ $ref = '' }) => nameOf($ref) === name),
  )
  const elsewhere = union
    ? [...commonRows(union, definitions), ...rows({ properties: constants(schema) })]
    : []
  const own = rows(schema).filter((row) => !elsewhere.includes(row))
  return own.length === 0 ? head : `${head}\n${table(own)}\n`
}

/** Properties with one value, such as the `kind` of a piece of evidence. */
const constants = ({ properties = {} }: Schema): Definitions =>
  Object.fromEntries(Object.entries(properties).filter(([, each]) => each.const !== undefined))

/** The reference page of the contract, in words. */
export function answerPage(): string {
  const schema = JSON.parse(readFileSync(schemaPath, 'utf8')) as Schema
  const definitions = schema.$defs ?? {}
  const sections = Object.entries(definitions).map(([name, each]) => section(name, each, definitions))
  return [opening, section(schema.title ?? 'Answer', schema, definitions), ...sections].join('\n')
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(pagePath, answerPage())
