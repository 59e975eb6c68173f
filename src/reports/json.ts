/** The answer as a program reads it. A contract: docs/reference/answer.schema.json. */
import type { Answer, Figures } from '../model/answer.ts'
import { type Technique, techniquesOf } from '../model/attack.ts'
import type { Evidence } from '../model/evidence.ts'
import type { Finding } from '../model/finding.ts'
import type { Decided } from '../model/review/decision.ts'
import { explain } from '../model/words/explain.ts'
import type { OutputFormat } from './format.ts'
import { plainJson } from './plain-json.ts'

/** Evidence with its sentence, so that no reader of the JSON has to word it again. */
type PrintedEvidence = Evidence & { readonly explanation: string }

type PrintedTechnique = Pick<Technique, 'id' | 'name' | 'tactic'>

export interface PrintedFinding extends Omit<Finding, 'evidence'> {
  readonly evidence: readonly PrintedEvidence[]
  /** ATT&CK techniques, by id. */
  readonly techniques: readonly PrintedTechnique[]
}

interface PrintedAnswer extends Omit<Answer, 'findings' | 'decided'> {
  /** What analysts decided; null where no decision was read. */
  readonly decided: Decided | null
  readonly findings: readonly PrintedFinding[]
}

/** What `--json` prints, before it is text. */
export const printedAnswer = (answer: Answer): PrintedAnswer => ({
  ...answer,
  decided: answer.decided ?? null,
  findings: answer.findings.map((finding) => ({
    ...finding,
    techniques: techniquesOf(finding).map(({ id, name, tactic }) => ({ id, name, tactic })),
    evidence: finding.evidence.map((each) => ({ ...each, explanation: explain(each) })),
  })),
})

export const json = {
  name: 'json',
  doc: 'One JSON object, described by docs/reference/answer.schema.json.',
  extension: 'json',
  render: (answer: Answer, _figures?: Figures) => `${plainJson(printedAnswer(answer), 2)}\n`,
} as const satisfies OutputFormat
