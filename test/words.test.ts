/** Pages and user-visible text use the words of the field, and sentences that are read once. */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import {
  exceptions,
  longestAverage,
  longestSentence,
  pagesNotHeld,
  sourcesNotHeld,
  wordRules,
} from './word-rules.ts'

const root = fileURLToPath(new URL('../', import.meta.url))

interface Line {
  /** From 1. */
  readonly number: number
  readonly text: string
}

const blanked = (text: string): string => text.replace(/[^\n]/g, ' ')

/** The page without code, generated tables, comments and addresses of links; line numbers stay. */
const proseOf = (page: string): string =>
  page
    .replace(/^[ \t]*```[\s\S]*?^[ \t]*```$/gm, blanked)
    .replace(/<!-- ([\w-]+: )?begin -->[\s\S]*?<!-- \1?end -->/g, blanked)
    .replace(/<!--[\s\S]*?-->/g, blanked)
    .replace(/^ {4}.*$/gm, blanked)
    .replace(/\]\([^)\s]+\)/g, ']')
    .replace(/`[^`\n]*`/g, 'Code')

const linesOf = (text: string): Line[] => text.split('\n').map((line, i) => ({ number: i + 1, text: line }))

/** Words that have a replacement: `line: "word" → replacement`. */
function wordsIn(lines: readonly Line[]): string[] {
  const allowed = (text: string) => exceptions.reduce((rest, each) => rest.replaceAll(each.text, ''), text)
  return lines.flatMap(({ number, text }) =>
    wordRules.flatMap(({ avoid, use }) => {
      const [found] = new RegExp(avoid.source, 'i').exec(allowed(text)) ?? []
      return found === undefined ? [] : [`line ${number}: “${found.trim()}” → ${use}`]
    }),
  )
}

/** Paragraphs, list items and quotations as one text each, with the line where they begin. */
function blocksOf(prose: string): Line[] {
  const blocks: { number: number; text: string }[] = []
  let open = false
  for (const { number, text } of linesOf(prose)) {
    const part = text.trim()
    if (part === '' || /^(?:#|\||---)/.test(part)) open = false
    else if (open && !/^(?:[-*>] |\d+\. )/.test(part)) blocks.at(-1)!.text += ` ${part}`
    else {
      blocks.push({ number, text: part })
      open = true
    }
  }
  return blocks
}

const wordCount = (sentence: string): number =>
  sentence.match(/[\p{L}\p{N}][\p{L}\p{N}’'.,/%:-]*/gu)?.length ?? 0

/** Sentences, and parts of sentences between semicolons and colons. */
const sentencesOf = (text: string): string[] =>
  text.split(/(?<=[.!?:;][)*”"]*) +(?=[\p{Lu}\p{N}*“"[(])|(?<=[;:]) /u)

/** Sentences that are too long: `line: words: its beginning`. */
function longSentencesIn(prose: string): string[] {
  return blocksOf(prose).flatMap(({ number, text }) =>
    sentencesOf(text)
      .filter((sentence) => wordCount(sentence) > longestSentence)
      .map((sentence) => `line ${number}: ${wordCount(sentence)} words: ${sentence.slice(0, 60)}…`),
  )
}

/** A page whose sentences are too long on average. */
function longAverageIn(prose: string): string[] {
  const counts = blocksOf(prose)
    .flatMap(({ text }) => sentencesOf(text).map(wordCount))
    .filter((count) => count > 2)
  const average = counts.reduce((sum, count) => sum + count, 0) / Math.max(1, counts.length)
  return average > longestAverage ? [`${average.toFixed(1)} words per sentence on average`] : []
}

/** Strings of a source that a person may read: with a blank in them, and neither SQL nor a comment. */
function stringsIn(source: string): Line[] {
  const bare = source.replace(/^\s*\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, blanked)
  const token = /(\bsql|\bhtml)?`(?:[^`\\]|\\.)*`|'(?:[^'\\\n]|\\.)*'/g
  return [...bare.matchAll(token)]
    .filter(([text, tag]) => !tag && /\w \w/.test(text) && !/\b(?:SELECT|FROM|WHERE)\b/.test(text))
    .map((match) => ({ number: bare.slice(0, match.index).split('\n').length, text: match[0] }))
}

const pages = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  ...globSync('docs/**/*.md', { cwd: root }),
].sort()
const sources = globSync('src/**/*.ts', { cwd: root })
  .filter((path) => !path.endsWith('.test.ts'))
  .sort()

const problemsOf = (path: string): string[] => {
  const prose = proseOf(readFileSync(join(root, path), 'utf8'))
  return [...wordsIn(linesOf(prose)), ...longSentencesIn(prose), ...longAverageIn(prose)]
}

const heldSource = (path: string): boolean =>
  !Object.keys(sourcesNotHeld).some((each) => path === each || path.startsWith(`${each}/`))

describe('pages', () => {
  it.each(pages.filter((path) => !pagesNotHeld[path]))('%s', (path) => {
    expect(problemsOf(path)).toEqual([])
  })

  it('that are not held exist, and have a reason', () => {
    const listed = Object.entries(pagesNotHeld)
    expect(listed.filter(([path, reason]) => !pages.includes(path) || reason === '')).toEqual([])
    expect(listed.length).toBeLessThan(pages.length / 2)
  })
})

describe('text in src/', () => {
  it('uses the words of the field', () => {
    const problems = sources
      .filter(heldSource)
      .flatMap((path) =>
        wordsIn(stringsIn(readFileSync(join(root, path), 'utf8'))).map((problem) => `${path}, ${problem}`),
      )
    expect(problems).toEqual([])
  })

  it('has no sentence that is too long', () => {
    const problems = sources.flatMap((path) =>
      stringsIn(readFileSync(join(root, path), 'utf8'))
        .filter(({ text }) => !/[\n<{]/.test(text))
        .flatMap(({ text, number }) =>
          longSentencesIn(text).map((problem) => `${path}:${number}, ${problem}`),
        ),
    )
    expect(problems).toEqual([])
  })
})

describe('the rules', () => {
  it('find a word, a sentence and a string', () => {
    expect(wordsIn(linesOf('a\nThe skew is told at 3 flows a second.'))).toEqual([
      'line 2: “is told” → is reported, is detected, is known',
      'line 2: “flows a second” → per',
    ])
    expect(longSentencesIn(`# Title\n\n${'word '.repeat(31)}.`)).toHaveLength(1)
    expect(longSentencesIn(`${'word '.repeat(20)}ends.\nAnother ${'word '.repeat(20)}.`)).toEqual([])
    expect(longAverageIn(`${'word '.repeat(12)}ends.`)).toEqual([])
    expect(longAverageIn(`${'word '.repeat(20)}ends.`)).toHaveLength(1)
    expect(stringsIn("// 'not this one'\nconst a = 'an input'\nconst b = sql`SELECT 1 FROM b`")).toEqual([
      { number: 2, text: "'an input'" },
    ])
  })

  it('leave code and generated tables alone', () => {
    expect(
      proseOf('`is told`\n```\nis told\n```\n<!-- measured: begin -->\nis told\n<!-- measured: end -->'),
    ).not.toContain('told')
  })
})
