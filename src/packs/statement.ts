/** What a finding says, as one page of text that stands alone. */
import type { Answer } from '../model/answer.ts'
import { inlined } from '../model/inlined.ts'
import { sayRally } from '../model/words/explain.ts'
import { confidenceWord, sayConfidence, sayCount, sayEndpoint, sayInstant } from '../model/words/say.ts'
import type { PrintedFinding } from '../reports/json.ts'
import { printable } from '../reports/printable.ts'
import type { CutFile } from './captures.ts'

/** A file of a pack. */
export interface PackedFile {
  readonly name: string
  readonly doc: string
  readonly bytes: number
  readonly sha256: string
}

interface Packed {
  readonly answer: Answer
  readonly finding: PrintedFinding
  readonly flows: { readonly packed: number; readonly of: number }
  readonly captures: readonly CutFile[]
  readonly files: readonly PackedFile[]
}

/** The statement: claim, evidence with its statements, doubts, decisions, and what the other files are. */
export function statementOf(packed: Packed): string {
  const { answer, finding } = packed
  const { id, kind, severity, confidence, claim, from, to, rally, cnc, hosts, doubts, techniques } = finding

  const lines = [
    `Finding ${id}: ${kind}`,
    '',
    claim,
    '',
    `Severity    ${severity} (how bad, if it is true)`,
    `Confidence  ${sayConfidence(confidence)}, ${confidenceWord(confidence)}`,
    `Time        ${sayInstant(from)} to ${sayInstant(to)} UTC`,
    `Hosts       ${hosts.join(', ')}`,
    `C&C         ${cnc.map(sayEndpoint).join(', ') || 'not seen'}`,
    ...(rally ? [`Found by    ${sayRally(rally)}`] : []),
    ...(techniques.length > 0
      ? [`ATT&CK      ${techniques.map(({ id: technique, name }) => `${technique} ${name}`).join(', ')}`]
      : []),
    ...section(
      'What it rests on',
      finding.evidence.flatMap(({ explanation, query }, i) => [
        `${i + 1}. ${explanation}`,
        ...inlined(query)
          .split('\n')
          .map((line) => `     ${line}`),
        '',
      ]),
    ),
    ...section(
      'What else may look like this',
      doubts.map((each) => `- ${each}`),
    ),
    ...section('What analysts decided', decisionsAbout(answer, finding)),
    ...section('In this pack', filesIn(packed)),
    ...section('Where it comes from', [
      `Gannet ${answer.version}, analysis ${answer.analysis.id}`,
      ...answer.inputs.map(({ name, sha256 }) => `${name}  SHA-256 ${sha256}`),
    ]),
  ]

  // Line by line: no text of the traffic may end a line or hide what stands beside it.
  return `${lines.map(printable).join('\n')}\n`
}

const section = (title: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : ['', title, '-'.repeat(title.length), ...lines]

function filesIn({ files, flows, captures }: Packed): string[] {
  const left = flows.of - flows.packed
  return [
    ...files.map(
      ({ name, doc, bytes, sha256 }) => `${name}  ${doc}; ${sayCount(bytes)} bytes, SHA-256 ${sha256}`,
    ),
    '',
    `Flows: those that the evidence cites, those that its statements list, and all calls of the hosts to the C&C. ` +
      `${sayCount(flows.packed)} of ${sayCount(flows.of)}${left > 0 ? '; the others are left out' : ''}.`,
    ...(captures.length === 0 ? ['Packets: none; the flows were not read from a capture.'] : []),
    ...captures.map(
      ({ from, file, packets, remark }) =>
        `Packets of ${from}: ${file === null ? remark : `${sayCount(packets)} in ${file}`}` +
        `${file !== null && remark !== '' ? `; ${remark}` : ''}.`,
    ),
  ]
}

function decisionsAbout({ decided }: Answer, { hosts, cnc }: PrintedFinding): string[] {
  const places = cnc.flatMap(({ address, name }) => (name === null ? [address] : [address, name]))
  const about = (decided?.decisions ?? []).filter(({ subject: { value } }) =>
    [...hosts, ...places].some((each) => value === each || value.startsWith(`${each}:`)),
  )
  return about.map(
    ({ verb, subject, reason, author, made }) =>
      `- ${verb} ${subject.value}${reason === '' ? '' : `: ${reason}`} (${author}, ${made.slice(0, 10)})`,
  )
}
