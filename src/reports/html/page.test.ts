import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { anyReport, hostile } from '../../../test/fixtures/any-answer.ts'
import { cleanAnswer, sampleAnswer } from '../../../test/fixtures/sample-answer.ts'
import { sampleFigures } from '../../../test/fixtures/sample-figures.ts'
import type { Answer, Figures } from '../../model/answer.ts'
import { noFigures } from '../format.ts'
import { dendrogramPicture } from './dendrogram.ts'
import { html, lines, textOf } from './markup.ts'
import { renderHtml } from './page.ts'

const known = new Set(
  (
    '!doctype html head meta link title style body a header h1 h2 h3 h4 p nav ul li main section table caption thead tbody tr th td ' +
    'span br dl dt dd div figure figcaption b svg desc path text rect circle article details summary pre code footer'
  ).split(' '),
)
const attribute = /\s([^\s=>"']+)="[^"<>]*"/g

/** Names of tags and attributes in order; throws on markup that this page does not write. */
function skeleton(page: string): string[] {
  const body = page.replace(/<style>[^<]*<\/style>/, '')
  return [...body.matchAll(/<([^>]*)>/g)].map(([, inside = '']) => {
    const name = /^\/?[!a-z0-9]+/.exec(inside)?.[0] ?? ''
    if (!known.has(name.replace('/', ''))) throw new Error(`stray markup <${inside}>`)
    const rest = inside
      .slice(name.length)
      .replace(attribute, '')
      .replace(/^ html$|^ open$|\/$/, '')
      .trim()
    if (rest !== '') throw new Error(`stray attribute in <${inside}>`)
    return [name, ...[...inside.matchAll(attribute)].map(([, key]) => key)].join(' ')
  })
}

/** The place in `page` where `pattern` is first found; empty where it is not. */
function around(page: string, pattern: RegExp): string {
  const at = page.search(pattern)
  return at < 0 ? '' : page.slice(Math.max(0, at - 100), at + 100)
}

/** The same value with every hostile text, keys too, replaced by a harmless word, equal ones by equal words. */
function tamed<T>(value: T): T {
  const text = JSON.stringify(value)
  return JSON.parse(
    hostile.reduce(
      (done, each, i) => done.replaceAll(JSON.stringify(each), JSON.stringify(`word${i}`)),
      text,
    ),
  )
}

describe('the HTML report', () => {
  it('holds the claim, the evidence and the doubts of every finding', () => {
    const page = renderHtml(sampleAnswer, sampleFigures)
    for (const { claim, doubts } of sampleAnswer.findings) {
      expect(page).toContain(claim)
      for (const doubt of doubts) expect(page).toContain(doubt)
    }
    expect(page).toContain('start every 5\u00a0min 2\u00a0s ± 2.1\u00a0s')
    for (const title of [
      'Who is like whom',
      'Who talks to whom',
      'What was done when',
      'Time from call to call',
      'When the calls came',
      'Rhythm against chance',
    ]) {
      expect(page).toContain(`<b>${title}</b>`)
    }
    expect(page.match(/cut at quantiles of all C-flows/g)).toHaveLength(8)
  })

  it('names nothing outside itself', () => {
    const page = renderHtml(sampleAnswer, sampleFigures)
    expect(page).not.toMatch(/https?:|<script|src=|@import|url\(/)
    for (const [, target = ''] of page.matchAll(/href="([^"]*)"/g)) expect(target).toMatch(/^#|^data:,$/)
  })

  it('has every anchor that it links to, and each once', () => {
    const page = renderHtml(sampleAnswer, sampleFigures)
    const ids = [...page.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id)
    expect(new Set(ids).size).toBe(ids.length)
    for (const [, target] of page.matchAll(/(?:href="#|aria-labelledby="|aria-describedby=")([^"]+)"/g))
      expect(ids).toContain(target)
  })

  it('says that nothing was found, and still what was read', () => {
    const page = renderHtml(cleanAnswer, noFigures)
    expect(page).toContain('<h1>No bots found</h1>')
    expect(page).toContain('What these inputs cannot show')
    expect(page).not.toContain('<svg')
  })

  it('calls nothing clean that was not judged, or of which only a part is shown', () => {
    const unjudged = { ...cleanAnswer, analysis: { ...cleanAnswer.analysis, hosts: 0 } }
    expect(renderHtml(unjudged, noFigures)).toContain('<h1>Nothing was judged</h1>')
    const news = renderHtml(cleanAnswer, noFigures, { opening: 'No entry of the lists was met.' })
    expect(news).toContain('<h1>No new findings</h1>')
    expect(news).toContain('<p class="lead">No entry of the lists was met.</p>')
    expect(renderHtml(cleanAnswer, noFigures, { accusedInAll: 2 })).toContain('No new findings: 2 of ')
  })

  it('is built alike whatever the text in it says', () => {
    const withHostile: [Answer, Figures] = JSON.parse(
      [
        '10.0.0.7',
        'cdn.example.net',
        './zeek-logs/conn.log.gz',
        'Bifrose',
        'horizontal-scan',
        'truncated',
        'f:0c55d1ee',
        'b:88b0e47a',
        'fph',
        'spam',
      ].reduce(
        (done, each, i) => done.replaceAll(JSON.stringify(each), JSON.stringify(hostile[i])),
        JSON.stringify([sampleAnswer, sampleFigures]),
      ),
    )
    expect(skeleton(renderHtml(...withHostile))).toEqual(skeleton(renderHtml(...tamed(withHostile))))
    expect(renderHtml(...withHostile)).toContain('&lt;/script&gt;&lt;script&gt;alert(1)&lt;/script&gt;')
  })

  it('never throws and never lets text become markup, for any answer and any figures', () => {
    fc.assert(
      fc.property(anyReport, ({ answer, figures }) => {
        const page = renderHtml(answer, figures)
        expect(skeleton(page).length).toBeGreaterThan(20)
        expect(around(page, /[\p{Cf}\p{Cs}]|NaN|Infinity/u)).toBe('')
        expect(around(page, /(?![\n\t])\p{Cc}/u)).toBe('')
      }),
      { numRuns: 200 },
    )
  })
})

describe('the html tag', () => {
  it('escapes text, rounds numbers, joins lists and drops null and false', () => {
    expect(textOf(html`<i title="${'"<&\'>'}">${['a', 1.239, null, false, html`<b>`]}</i>`)).toBe(
      '<i title="&quot;&lt;&amp;&#39;&gt;">a1.24<b></i>',
    )
    expect(textOf(html`${Number.NaN}${-0.001}`)).toBe('00')
    expect(textOf(html`${'\0\u202e'}`)).toBe('\\0\\u{202e}')
    expect(textOf(lines('a<\n\tb\u202e'))).toBe('a&lt;\n\\tb\\u{202e}')
  })
})

describe('the dendrogram', () => {
  it('draws a join for each merge, and folds large trees outside the botnet', () => {
    const small = {
      epoch: 0,
      hosts: ['a', 'b', 'c'],
      merges: [
        { a: 0, b: 1, height: 0.1, size: 2 },
        { a: 3, b: 2, height: 0.9, size: 3 },
      ],
      cut: 0.5,
      botnetOf: ['x', 'x', null],
    }
    const drawn = textOf(html`${dendrogramPicture(small, 'x')?.drawing ?? ''}`)
    expect(drawn.match(/class="line line-accused"/g)).toHaveLength(1)
    expect(drawn.match(/class="line line-rest faint"/g)).toHaveLength(1)
    expect(drawn).toContain('cut 0.5')
    expect(dendrogramPicture(small, 'y')).toBeNull()
    const [tree] = sampleFigures.dendrograms
    expect(textOf(html`${(tree && dendrogramPicture(tree, 'b:3fa2c1d0')?.drawing) ?? ''}`)).toContain(
      '21 other hosts',
    )
  })
})
