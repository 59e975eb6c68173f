/** The glossary defines every value that JSON, columns and commands print, and no other; and each word once. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { rules } from '../src/activities/rules.ts'
import { bases } from '../src/knowledge/services.ts'
import { activityColumns, activityTypes } from '../src/model/activity.ts'
import { cclusterColumns } from '../src/model/ccluster.ts'
import { cflowColumns } from '../src/model/cflow.ts'
import { decidedTopologies } from '../src/model/evidence.ts'
import { findingKinds, rallyMethods, severities } from '../src/model/finding.ts'
import { outcomes } from '../src/model/flow.ts'
import { lifeStages } from '../src/model/life-cycle.ts'
import type { Column } from '../src/model/record.ts'
import { records } from '../src/model/records.ts'
import { changes } from '../src/model/review/comparison.ts'
import { verbs } from '../src/model/review/decision.ts'
import { stageNames } from '../src/model/stage.ts'

const read = (path: string) => readFileSync(new URL(`../docs/${path}`, import.meta.url), 'utf8')

const sections = new Map(
  read('glossary.md')
    .split(/^## /m)
    .slice(1)
    .map((text) => [text.split('\n')[0] ?? '', text] as const),
)

/** First cells of the table below a heading. */
const wordsOf = (heading: string): string[] =>
  [...(sections.get(heading) ?? '').matchAll(/^\| `?([^|`]+?)`? \|/gm)]
    .map(([, word = '']) => word)
    .filter((word) => !/^(?:Word|Value|---)$/.test(word))

const values: Readonly<Record<string, readonly string[]>> = {
  'Finding kinds': findingKinds,
  'Activity types': activityTypes,
  Outcomes: outcomes,
  'Rally methods': rallyMethods,
  Topologies: [...decidedTopologies, 'undecided'],
  'Stages of an infection': lifeStages,
  'Stages of the analysis': stageNames,
  Severities: severities,
  'Changes between analyses': changes,
  Decisions: verbs,
  Bases: bases,
}

describe('the glossary', () => {
  it.each(Object.entries(values))('%s: defines the values of the code, in order', (heading, inCode) => {
    expect(wordsOf(heading)).toEqual(inCode)
  })

  it('has no list of values that this test does not know', () => {
    expect([...sections.keys()]).toEqual(['Words', ...Object.keys(values)])
  })

  it('defines each word once', () => {
    const words = wordsOf('Words').map((word) => word.toLowerCase())
    expect(words.length).toBeGreaterThan(50)
    expect(words.filter((word, i) => words.indexOf(word) !== i)).toEqual([])
  })

  it('defines the records that the store has', () => {
    const record = /^\| record \| (.+) \|$/m.exec(sections.get('Words') ?? '')?.[1] ?? ''
    expect(Object.keys(records).filter((name) => !record.includes(name))).toEqual([])
  })
})

it('the page of activities has a row for each detector', () => {
  const page = read('method/activities.md')
  expect(rules.map(({ name }) => name).filter((name) => !page.includes(`\n| ${name} |`))).toEqual([])
})

it('every column says what it holds', () => {
  const tables = [
    ...Object.values(records).map(({ columns }) => columns),
    activityColumns,
    cclusterColumns,
    cflowColumns,
  ]
  const columns = tables.flatMap((each) => Object.entries<Column>(each))
  expect(columns.length).toBeGreaterThan(80)
  expect(columns.filter(([, { doc }]) => !/^.{4,}\.$|…$/.test(doc)).map(([name]) => name)).toEqual([])
})

interface Schema {
  readonly description?: string
  readonly properties?: Readonly<Record<string, Schema>>
  readonly items?: Schema
  readonly $defs?: Readonly<Record<string, Schema>>
}

it('every property of the JSON answer says what it holds', () => {
  const silent = ({ properties = {}, items, $defs = {} }: Schema, path: string): string[] => [
    ...Object.entries(properties).flatMap(([name, each]) => [
      ...(each.description ? [] : [`${path}.${name}`]),
      ...silent(each, `${path}.${name}`),
    ]),
    ...(items ? silent(items, `${path}[]`) : []),
    ...Object.entries($defs).flatMap(([name, each]) => silent(each, name)),
  ]
  expect(silent(JSON.parse(read('reference/answer.schema.json')) as Schema, 'answer')).toEqual([])
})
