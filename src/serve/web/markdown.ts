/// <reference lib="dom" />
/** The manual's Markdown as elements: what its pages use of it, and no HTML. */
import { html, type TemplateResult } from 'lit-html'

/** `code`, [text](target) and **strong** in a line; all else is text. */
function inline(text: string, base: string): (string | TemplateResult)[] {
  const parts: (string | TemplateResult)[] = []
  let at = 0
  for (const match of text.matchAll(/`([^`]+)`|\[([^\]]+)\]\(([^)\s]+)\)|\*\*([^*]+)\*\*/g)) {
    parts.push(text.slice(at, match.index))
    const [whole, code, label, target, strong] = match
    if (code !== undefined) parts.push(html`<code>${code}</code>`)
    else if (strong !== undefined) parts.push(html`<b>${strong}</b>`)
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
  if (!item.test(line)) return [html`<p>${inline(block.join(' '), base)}</p>`, end]
  const items = block.reduce<string[]>((all, each) => {
    if (item.test(each)) all.push(each.replace(item, ''))
    else all.push(`${all.pop() ?? ''} ${each.trim()}`)
    return all
  }, [])

  return [html`<ul>${items.map((each) => html`<li>${inline(each, base)}</li>`)}</ul>`, end]
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
