/** Findings as JSON lines: each as `--json` has it. */
import type { Answer } from '../model/answer.ts'
import type { OutputFormat } from '../reports/format.ts'
import { printedAnswer } from '../reports/json.ts'
import { plainJson } from '../reports/plain-json.ts'

export const jsonl = {
  name: 'jsonl',
  doc: 'JSON lines, a finding a line, as --json has it.',
  extension: 'jsonl',
  render: (answer: Answer) =>
    printedAnswer(answer)
      .findings.map((finding) => `${plainJson(finding)}\n`)
      .join(''),
} as const satisfies OutputFormat
