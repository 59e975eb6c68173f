/**
 * The decisions of a network's analysts, in one YAML file that a person can read, edit and keep under version control.
 *
 * A list; each entry has a verb with its subject, a reason, an author and a time, and may have an expiry and a scope.
 * Comments and order survive what the program writes. A line for each change goes to `FILE.log`.
 */
import { createHash } from 'node:crypto'
import { appendFile, open, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { setTimeout as wait } from 'node:timers/promises'
import { Document, isMap, isSeq, LineCounter, parseDocument, visit, type YAMLSeq } from 'yaml'
import { UserError, yamlFault } from '../errors.ts'
import { type Decision, type Verb, verbs } from '../model/review/decision.ts'
import { readSubject, saySubject } from './subject.ts'

const heading =
  ' Decisions about this network, read by every run of gannet. Edit by hand, ' +
  'or with gannet allow, confirm, note and tag.'

const decisionId = ({ verb, subject, scope, made, tags }: Omit<Decision, 'id'>): string =>
  `d${createHash('sha256')
    .update(JSON.stringify([verb, subject.kind, subject.value, scope, made, ...tags]))
    .digest('hex')
    .slice(0, 12)}`

const formHint = 'See docs/reference/decisions.md for the form of an entry.'
const invalid = (where: string, what: string, hint = formHint) =>
  new UserError('decision-invalid', `${where}: ${what}`, hint)

/** The decisions of a file, in its order; none where there is no file. @throws UserError decision-invalid. */
export async function readDecisions(path: string): Promise<Decision[]> {
  const text = await textOf(path)
  return text === null ? [] : parseDecisions(text, path)
}

async function textOf(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw new UserError('decision-invalid', `${path} cannot be read`, 'Check the path.', error)
  }
}

/** @throws UserError decision-invalid with the line that is wrong. */
export function parseDecisions(text: string, where: string): Decision[] {
  const { document, lineOf } = parsed(text, where)
  if (document.contents === null) return []
  if (!isSeq(document.contents)) throw invalid(where, 'the file is no list')
  return document.contents.items.map((item) => {
    const at = `${where}:${lineOf(item)}`
    if (!isMap(item)) throw invalid(at, 'an entry is no mapping')
    return decisionOf(item.toJSON() as Record<string, unknown>, at)
  })
}

function parsed(text: string, where: string) {
  const lineCounter = new LineCounter()
  // The core schema leaves dates as text; aliases are refused, so that no small file unfolds to a large one.
  const document = parseDocument(text, { lineCounter, schema: 'core', uniqueKeys: true })
  const [fault] = document.errors
  if (fault) throw invalid(`${where}:${fault.linePos?.[0].line ?? 1}`, yamlFault(fault))
  const lineOf = (node: unknown): number => {
    const range = (node as { range?: readonly number[] }).range
    return lineCounter.linePos(range?.[0] ?? 0).line
  }
  visit(document, {
    Alias: (_key, node) => {
      throw invalid(`${where}:${lineOf(node)}`, 'an alias is not taken here')
    },
  })
  return { document, lineOf }
}

const known = new Set<string>([...verbs, 'tags', 'reason', 'author', 'made', 'expires', 'scope'])

function decisionOf(entry: Readonly<Record<string, unknown>>, at: string): Decision {
  const surplus = Object.keys(entry).find((key) => !known.has(key))
  if (surplus !== undefined) throw invalid(at, `${surplus} is no property of a decision`)
  const [verb, ...others] = verbs.filter((each) => entry[each] !== undefined)
  if (!verb || others.length > 0) throw invalid(at, `an entry has one of ${verbs.join(', ')}`)

  const text = (key: string): string | null => {
    const value = entry[key]
    if (value === undefined || value === null) return null
    if (typeof value !== 'string' && typeof value !== 'number') throw invalid(at, `${key} is no text`)
    return String(value)
  }
  const decision = {
    verb,
    subject: subjectAt(text(verb) ?? '', at),
    tags: tagsAt(verb, entry['tags'], at),
    reason: text('reason') ?? '',
    author: text('author') ?? '',
    made: text('made') ?? '',
    expires: text('expires'),
    scope: scopeAt(text('scope'), at),
  }
  checkTimes(decision, at)
  if (verb === 'note' && decision.reason.trim() === '')
    throw invalid(at, 'a note needs a reason', 'Give --reason TEXT; in a file, the key reason.')
  return { id: decisionId(decision), ...decision }
}

const tagForm = /^[\p{L}\p{N}][\p{L}\p{N}._:/-]{0,39}$/u
const mostTags = 20

/** One word or a list of them. */
function tagsAt(verb: Verb, value: unknown, at: string): string[] {
  const given = value === undefined || value === null ? [] : Array.isArray(value) ? value : [value]
  if (verb !== 'tag' && given.length > 0) throw invalid(at, 'only a tag has tags')
  if (verb === 'tag' && (given.length === 0 || given.length > mostTags))
    throw invalid(at, `a tag has 1 to ${mostTags} tags`)
  const tags = given.map((each) => String(each).trim().toLowerCase())
  const wrong = tags.find((each) => !tagForm.test(each))
  if (wrong !== undefined)
    throw invalid(
      at,
      `“${wrong.slice(0, 40)}” is no tag: letters, digits and ._:/-, at most 40, a letter or digit first`,
    )
  return [...new Set(tags)]
}

function checkTimes({ made, expires }: Pick<Decision, 'made' | 'expires'>, at: string): void {
  for (const [key, value] of [
    ['made', made],
    ['expires', expires ?? ''],
  ] as const)
    if (value !== '' && (!/^\d{4}-\d\d-\d\d/.test(value) || Number.isNaN(Date.parse(value))))
      throw invalid(at, `${key} is no day such as 2026-12-31`)
}

function subjectAt(text: string, at: string) {
  try {
    return readSubject(text)
  } catch (error) {
    throw error instanceof UserError ? invalid(at, error.message) : error
  }
}

function scopeAt(text: string | null, at: string): string | null {
  if (text === null) return null
  const { kind, value } = subjectAt(text, at)
  if (kind === 'network') return value
  if (kind === 'host') return `${value}/${value.includes(':') ? 128 : 32}`
  throw invalid(at, `scope ${text} is no network`)
}

/** What a person gives; the rest is filled in. */
export interface NewDecision {
  readonly verb: Verb
  readonly subject: Decision['subject']
  /** Of a tag: its words. */
  readonly tags?: readonly string[]
  readonly reason: string
  readonly author: string
  readonly expires?: string | null
  readonly scope?: string | null
}

/** @throws UserError decision-invalid where a time, a scope or the reason of a note is none. */
export function newDecision(given: NewDecision, now: Date): Decision {
  const { verb, subject, tags = [], reason, author } = given
  const entry = { [verb]: saySubject(subject), ...(tags.length > 0 ? { tags } : {}), reason, author }
  return decisionOf(
    {
      ...entry,
      made: `${now.toISOString().slice(0, 19)}Z`,
      ...(given.expires ? { expires: given.expires } : {}),
      ...(given.scope ? { scope: given.scope } : {}),
    },
    saySubject(given.subject),
  )
}

const entryOf = ({ verb, subject, tags, reason, author, made, expires, scope }: Decision) => ({
  [verb]: saySubject(subject),
  ...(tags.length === 0 ? {} : { tags: [...tags] }),
  ...(reason === '' ? {} : { reason }),
  ...(author === '' ? {} : { author }),
  ...(made === '' ? {} : { made }),
  ...(expires === null ? {} : { expires }),
  ...(scope === null ? {} : { scope }),
})

/** A file of its own, with these decisions: what `parseDecisions` reads. */
export function decisionsText(decisions: readonly Decision[]): string {
  const document = new Document(decisions.map(entryOf), { schema: 'core' })
  document.commentBefore = heading
  return document.toString({ lineWidth: 0 })
}

const same = (a: Decision, b: Decision): boolean =>
  a.verb === b.verb &&
  saySubject(a.subject) === saySubject(b.subject) &&
  a.scope === b.scope &&
  a.tags.join() === b.tags.join()

/** Adds decisions; one about the same thing takes the place of the older one, but notes stay beside each other. */
export const addDecisions = (path: string, added: readonly Decision[]): Promise<void> =>
  changed(path, 'add', added, (entries) => {
    const kept = entries.filter(({ verb, ...rest }) =>
      verb === 'note' ? true : !added.some((each) => same(each, { verb, ...rest })),
    )
    return { keep: new Set(kept.map(({ id }) => id)), added }
  })

/** Takes a decision out. @throws UserError decision-invalid where there is none of that id. */
export async function removeDecision(path: string, id: string, author: string): Promise<Decision> {
  const found = (await readDecisions(path)).find((each) => each.id === id)
  if (!found) {
    throw new UserError(
      'decision-invalid',
      `there is no decision ${id}`,
      'List them: gannet decisions --db FOLDER.',
    )
  }
  await changed(path, 'remove', [{ ...found, author }], (entries) => ({
    keep: new Set(entries.filter((each) => each.id !== id).map((each) => each.id)),
    added: [],
  }))
  return found
}

type Change = (entries: readonly Decision[]) => {
  readonly keep: ReadonlySet<string>
  readonly added: readonly Decision[]
}

/** Writes a changed file beside the old one and puts it in its place; nobody else writes meanwhile. */
async function changed(
  path: string,
  action: string,
  what: readonly Decision[],
  change: Change,
): Promise<void> {
  await whileLocked(path, async () => {
    const text = (await textOf(path)) ?? ''
    const entries = parseDecisions(text, path)
    const { keep, added } = change(entries)
    const { document } = parsed(text, path)
    if (document.contents === null) {
      document.contents = document.createNode([]) as unknown as typeof document.contents
      document.commentBefore ??= heading
    }

    const list = document.contents
    if (isSeq(list)) {
      list.flow = false
      list.items = list.items.filter((_, i) => keep.has(entries[i]?.id ?? ''))
      for (const each of added) (list as YAMLSeq).add(document.createNode(entryOf(each)))
    }

    const fresh = `${path}.new`
    await writeFile(fresh, document.toString({ lineWidth: 0 }))
    await rename(fresh, path)

    const at = new Date().toISOString()
    const lines = what.map(({ id, verb, subject, tags, reason, author }) => {
      const about = { subject: saySubject(subject), ...(tags.length > 0 ? { tags } : {}) }
      return `${JSON.stringify({ at, action, id, verb, ...about, reason, author })}\n`
    })
    await appendFile(`${path}.log`, lines.join(''))
  })
}

const lockAge = 10_000

/** Waits for another process to be done; a lock that is ten seconds old was left behind by one that is gone. */
async function whileLocked<T>(path: string, work: () => Promise<T>): Promise<T> {
  const lock = `${path}.lock`
  const begun = Date.now()

  for (;;) {
    try {
      await (await open(lock, 'wx')).close()
      break
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code !== 'EEXIST')
        throw new UserError(
          'output-failed',
          `${path} cannot be written`,
          'Check the folder and its permissions.',
          error,
        )
      if (Date.now() - begun > lockAge) await rm(lock, { force: true })
      await wait(20)
    }
  }

  try {
    return await work()
  } finally {
    await rm(lock, { force: true })
  }
}
