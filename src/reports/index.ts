/** Every way to write an answer down. To add one: write the format in a file here and list it. */
import { csv } from './csv.ts'
import type { OutputFormat } from './format.ts'
import { html } from './html/page.ts'
import { json } from './json.ts'
import { text } from './text.ts'

export const formats = [text, json, csv, html] as const satisfies readonly OutputFormat[]
