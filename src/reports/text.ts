/** The answer as a short ranked list, for a person at a terminal. */
import type { AccusedHost, Answer, Botnet, HostVerdict } from '../model/answer.ts'
import { techniquesOf } from '../model/attack.ts'
import type { Finding, Severity } from '../model/finding.ts'
import { worstFirst } from '../model/rank.ts'
import { sayRally, signed } from '../model/words/explain.ts'
import { confidenceWord, sayConfidence, sayCount, sayEndpoint, sayList, sayMany } from '../model/words/say.ts'
import { contactSection } from './contacts.ts'
import type { OutputFormat, RenderOptions } from './format.ts'
import { accusedSentence, decidedSentences, lookedAt, readSentence } from './summary.ts'
import {
  aboutInputs,
  blindSpots,
  block,
  filterTable,
  proof,
  reckoning,
  stageCounts,
  stageLines,
} from './text-finding.ts'
import {
  bullets,
  commandOver,
  heading,
  headline,
  indented,
  labelled,
  type Page,
  pageOf,
  plain,
} from './text-layout.ts'

export const text = {
  name: 'text',
  doc: 'A short ranked list for a terminal.',
  extension: 'txt',
  render: (answer, _figures, options = {}) => renderText(answer, options),
} as const satisfies OutputFormat

/** Contacts that are named where nothing is found. */
const mostContacts = 3

/** Hosts under the line that are named, from this confidence on. */
const suspected = { most: 3, from: 0.1 } as const

/** The ranked list: verdicts on botnets and on hosts alone, worst first, and under each the findings it rests on. */
export function renderText(answer: Answer, options: RenderOptions = {}): string {
  const page = pageOf(options)
  const { limit = 10, verbose = false } = options
  const subjects = subjectsOf(answer)
  const hidden = subjects.length - Math.min(subjects.length, limit)

  const lines = [readSentence(answer), accusedSentence(answer, options), ...decidedSentences(answer)].flatMap(
    (each) => plain(each, page),
  )
  if (answer.findings.length === 0 || verbose || answer.analysis.internalGuessed) {
    lines.push(...lookedAt(answer).flatMap((each) => indented(each, page)))
  }
  for (const subject of subjects.slice(0, limit))
    lines.push('', ...subjectBlock(subject, answer, { verbose, page }))
  if (hidden > 0)
    lines.push('', ...plain(`… and ${sayCount(hidden)} more (${commandOver('gannet findings', page)})`, page))
  lines.push(...underLine(answer, verbose ? 20 : suspected.most, page))
  if (answer.findings.length === 0 || verbose) lines.push(...contactSection(answer, mostContacts, page))
  lines.push(...aboutInputs(answer, page))
  if (verbose) lines.push(...filterTable(answer, page))
  return `${lines.join('\n')}\n`
}

/** What one verdict is about: a botnet with its members, or one host alone. */
interface Subject {
  readonly severity: Severity
  readonly confidence: number
  readonly botnet: Botnet | null
  /** Members, or the one host; worst first. */
  readonly hosts: readonly AccusedHost[]
  readonly findings: readonly Finding[]
}

function subjectsOf({ hosts, botnets, findings }: Answer): Subject[] {
  const listed = new Set<string>()

  const about = (members: readonly AccusedHost[]) => {
    const names = new Set(members.map(({ host }) => host))
    const own = findings.filter((each) => !listed.has(each.id) && each.hosts.some((host) => names.has(host)))
    for (const { id } of own) listed.add(id)
    return own.toSorted(worstFirst)
  }

  const grouped = botnets.flatMap((botnet) => {
    const members = hosts.filter((each) => each.botnet === botnet.id)
    return members[0]
      ? [{ botnet, members, severity: members[0].severity, confidence: botnet.confidence }]
      : []
  })

  const alone = hosts
    .filter((each) => !grouped.some(({ members }) => members.includes(each)))
    .map((each) => ({ botnet: null, members: [each], severity: each.severity, confidence: each.confidence }))

  return [...grouped, ...alone]
    .toSorted(worstFirst)
    .map(({ members, ...rest }) => ({ ...rest, hosts: members, findings: about(members) }))
}

/** One confidence for a host or a botnet, as a word and a number. */
const sayVerdict = (confidence: number): string =>
  `(${confidenceWord(confidence)}, ${sayConfidence(confidence)})`

function subjectBlock(
  { severity, confidence, botnet, hosts, findings }: Subject,
  answer: Answer,
  { verbose, page }: { readonly verbose: boolean; readonly page: Page },
): string[] {
  const [first] = hosts
  const lines: string[] = []

  if (botnet) {
    const name = `Botnet ${botnet.id} of ${sayMany(botnet.hosts.length, 'host')}`
    lines.push(...headline(severity, `${name}  ${sayVerdict(confidence)}`, page))
    lines.push(
      ...labelled(
        'hosts',
        [hosts.map((each) => `${each.host} ${sayConfidence(each.confidence)}`).join(', ')],
        page,
      ),
      ...labelled(
        'detected',
        [botnet.indicators.map(({ kind, members }) => `${kind} ${members}`).join(', ')],
        page,
      ),
      ...labelled('c&c', botnet.cnc.map(sayEndpoint), page),
      ...labelled('rally', botnet.rally ? [sayRally(botnet.rally)] : [], page),
      ...stageCounts(botnet.hosts, answer, page),
    )
  } else if (first) {
    lines.push(...headline(severity, `${first.host}  ${sayVerdict(confidence)}`, page))
    if (first.parts.length > 1 || verbose) lines.push(...weighed(first, page))
  }

  const main = findings.filter(({ kind }) => botnet === null || kind === 'botnet')
  const also = findings.filter((each) => !main.includes(each))

  for (const finding of main) {
    const inner = { ...page, width: page.width - 2 }
    // What its botnet says already is not said again.
    const rest = botnet
      ? { ...finding, hosts: [], cnc: main.length > 1 ? finding.cnc : [], rally: null }
      : finding
    const own = [
      ...block(rest, finding === main[0] ? also : [], inner, techniquesOf(finding)),
      ...(verbose ? reckoning(finding, inner) : []),
    ]
    lines.push('', ...own.map((line) => `  ${line}`))
  }

  return lines
}

/** The parts of a verdict, and what would change it. */
function weighed({ prior, parts, wouldChange }: HostVerdict, page: Page): string[] {
  const indicators = parts.map(
    ({ kind, strength, logOdds, description }) =>
      `${kind} ${strength.toFixed(2)} (${signed(logOdds)}): ${description}`,
  )
  return [
    ...labelled('weighed', [...indicators, `${signed(prior)} before any indicator`], page),
    ...labelled('changes', wouldChange, page),
  ]
}

function underLine({ suspects }: Answer, most: number, page: Page): string[] {
  const listed = suspects.filter(({ confidence }) => confidence >= suspected.from)
  if (listed.length === 0) return []
  const shown = listed.slice(0, most).map(({ host, confidence, parts }) => {
    const indicators = parts.slice(0, 3).map(({ description }) => description)
    return `${host} ${sayVerdict(confidence)}: it ${sayList(indicators)}`
  })
  const rest = listed.length - shown.length
  return [
    ...heading('Below the threshold, worst first', page),
    ...bullets(shown, page),
    ...(rest > 0
      ? indented(`and ${sayMany(rest, 'other')} (${commandOver('gannet show HOST', page)})`, page)
      : []),
  ]
}

/** Everything that the answer says about one host. */
export function renderHost(answer: Answer, host: string, options: RenderOptions = {}): string {
  const page = pageOf(options)
  const accused = answer.hosts.find((each) => each.host === host)
  const suspect = answer.suspects.find((each) => each.host === host)
  const about = answer.findings.filter((finding) => finding.hosts.includes(host)).toSorted(worstFirst)
  const giving = answer.findings.filter((finding) =>
    finding.cnc.some((endpoint) => endpoint.address === host),
  )
  const botnet = answer.botnets.find((each) => each.id === accused?.botnet)
  const lines: string[] = []

  if (accused) {
    const sure = sayVerdict(accused.confidence)
    lines.push(
      ...headline(accused.severity, `${host} is accused of ${accused.kinds.join(', ')}  ${sure}`, page),
    )
  } else {
    const sure = suspect ? ` ${sayVerdict(suspect.confidence)}` : ''
    lines.push(...plain(`${host} is not accused of anything.${sure}`, page))
  }
  lines.push(...decidedLines(answer, host, page))
  const verdict = accused ?? suspect
  if (verdict) lines.push(...weighed(verdict, page))
  if (botnet) {
    lines.push(
      ...labelled(
        'botnet',
        [`${botnet.id}, ${botnet.topology}, ${sayMany(botnet.hosts.length, 'host')}`],
        page,
      ),
    )
    lines.push(...labelled('rally', botnet.rally ? [sayRally(botnet.rally)] : [], page))
    lines.push(...labelled('with', [botnet.hosts.filter((each) => each !== host).join(', ')], page))
  }
  if (accused) lines.push(...labelled('c&c', accused.cnc.map(sayEndpoint), page))
  for (const finding of about)
    lines.push('', ...block(finding, [], page), ...reckoning(finding, page), ...proof(finding, page))
  lines.push(...stageLines(answer, host, page))
  if (giving.length > 0) {
    lines.push(
      '',
      ...plain(`It is named as command and control by ${giving.map(({ id }) => id).join(', ')}.`, page),
    )
  }
  if (!accused)
    lines.push(
      '',
      ...plain(readSentence(answer), page),
      ...lookedAt(answer).flatMap((each) => indented(each, page)),
    )
  lines.push(...blindSpots(answer, page))
  return `${lines.join('\n')}\n`
}

/** What was decided about a host, and what decisions allow it. */
function decidedLines({ decided }: Answer, host: string, page: Page): string[] {
  if (!decided) return []
  const about = decided.decisions
    .filter(({ subject }) => subject.kind === 'host' && subject.value === host)
    .map(
      ({ id, verb, reason, author, made }) =>
        `${verb}${reason ? `: ${reason}` : ''} (${author}, ${made.slice(0, 10)}, ${id})`,
    )
  const allowed = decided.allowed
    .filter(({ hosts }) => hosts.includes(host))
    .map(({ kind, id, by }) => `${kind} ${id} by ${by.join(', ')}`)
  return [...labelled('decided', about, page), ...labelled('allowed', allowed, page)]
}
