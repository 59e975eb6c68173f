/// <reference lib="dom" />
/** The manual's Markdown as elements: what its pages use of it, and no HTML. */
import { html, nothing, type TemplateResult } from 'lit-html'

/**
 * `code`, [text](target), **strong** and *emphasis* in a line; all else is text. Of a picture, which no package has,
 * stays what it shows.
 */
const marks = /`([^`]+)`|!?\[([^\]]+)\]\(([^)\s]+)\)|\*\*([^*]+)\*\*|\*([^*\s](?:[^*]*[^*\s])?)\*/g

function inline(text: string, base: string): (string | TemplateResult)[] {
  const parts: (string | TemplateResult)[] = []
  let at = 0
  for (const match of text.matchAll(marks)) {
    parts.push(text.slice(at, match.index))
    const [whole, code, label, target, strong, emphasis] = match
    if (code !== undefined) parts.push(html`<code>${code}</code>`)
    else if (strong !== undefined) parts.push(html`<b>${inline(strong, base)}</b>`)
    else if (emphasis !== undefined) parts.push(html`<em>${emphasis}</em>`)
    else if (whole.startsWith('!')) parts.push(html`<em>Picture: ${label}.</em>`)
    else parts.push(html`<a href=${addressOf(target ?? '', base)}>${inline(label ?? '', base)}</a>`)
    at = match.index + whole.length
  }
  return [...parts, text.slice(at)]
}

/** Links between pages of the manual stay here; others go where they say, if that is a web address. */
function addressOf(target: string, base: string): string {
  if (/^https?:/.test(target)) return target
  const { pathname, hash } = new URL(target, `http://x/method/${base}`)
  return pathname.endsWith('.md') ? `${pathname.slice(0, -3)}${hash}` : `/method${hash}`
}

const cells = (line: string): string[] =>
  line
    .replace(/^\||\|$/g, '')
    .split(/(?<!\\)\|/)
    .map((each) => each.trim().replaceAll('\\|', '|'))

function tableOf(lines: readonly string[], base: string): TemplateResult {
  const [head = '', , ...rows] = lines
  return html`<div class="scroll" tabindex="0"><table><thead><tr>
${cells(head).map((each) => html`<th scope="col">${inline(each, base)}</th>`)}</tr></thead>
<tbody>${rows.map(
    (row) => html`<tr>${cells(row).map((each) => html`<td>${inline(each, base)}</td>`)}</tr>`,
  )}</tbody></table></div>`
}

const idOf = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(' ', '-')

function heading(line: string, base: string): TemplateResult {
  const [, marks = '#', text = ''] = /^(#+) (.+)$/.exec(line) ?? []
  const id = idOf(text)
  if (marks.length === 1) return html`<h1 id=${id}>${inline(text, base)}</h1>`
  if (marks.length === 2) return html`<h2 id=${id}>${inline(text, base)}</h2>`
  return html`<h3 id=${id}>${inline(text, base)}</h3>`
}

const item = /^(?:[-*]|\d+\.) /

/** Lines from `at` on that belong together: a fence, a table, a list, a paragraph. */
function blockAt(lines: readonly string[], at: number, base: string): [TemplateResult | null, number] {
  const line = lines[at] ?? ''
  const until = (stop: (line: string) => boolean): number => {
    const found = lines.findIndex((each, i) => i > at && stop(each))
    return found < 0 ? lines.length : found
  }
  if (line.trim() === '' || line.startsWith('<!--')) return [null, at + 1]

  if (line.startsWith('```')) {
    const end = until((each) => each.startsWith('```'))
    return [html`<pre tabindex="0">${lines.slice(at + 1, end).join('\n')}</pre>`, end + 1]
  }

  if (line.startsWith('#')) return [heading(line, base), at + 1]
  const end = until((each) => each.trim() === '' || each.startsWith('```') || each.startsWith('#'))
  const block = lines.slice(at, end)
  if (line.startsWith('|')) return [tableOf(block, base), end]
  if (line.startsWith('>'))
    return [
      html`<blockquote>${inline(block.map((each) => each.replace(/^> ?/, '')).join(' '), base)}</blockquote>`,
      end,
    ]
  return [item.test(line) ? listOf(block, base) : html`<p>${inline(block.join(' '), base)}</p>`, end]
}

/** The points of a list; indented points are a list in the one above. */
function listOf(lines: readonly string[], base: string): TemplateResult {
  const points: { text: string; inner: string[] }[] = []

  for (const line of lines) {
    const last = points.at(-1)
    const shifted = line.replace(/^ {2,4}/, '')
    if (item.test(line)) points.push({ text: line.replace(item, ''), inner: [] })
    else if (last && (last.inner.length > 0 || item.test(shifted))) last.inner.push(shifted)
    else if (last) last.text += ` ${line.trim()}`
  }

  const shown = points.map(
    ({ text, inner }) =>
      html`<li>${inline(text, base)}${inner.length > 0 ? listOf(inner, base) : nothing}</li>`,
  )
  return /^\d/.test(lines[0] ?? '') ? html`<ol>${shown}</ol>` : html`<ul>${shown}</ul>`
}

/** A page; `base` is its own path under the manual, from which its links are taken. */
export function markdown(text: string, base: string): TemplateResult[] {
  const lines = text.split('\n')
  const blocks: TemplateResult[] = []
  for (let at = 0; at < lines.length; ) {
    const [block, next] = blockAt(lines, at, base)
    if (block) blocks.push(block)
    at = next
  }
  return blocks
}
