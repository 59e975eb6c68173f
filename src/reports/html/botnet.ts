import type { Answer, Botnet, Figures } from '../../model/answer.ts'
import { sayRally } from '../../model/words/explain.ts'
import { sayConfidence, sayMany } from '../../model/words/say.ts'
import { contactsPicture } from './contacts.ts'
import { dendrogramPicture } from './dendrogram.ts'
import { distributionPicture } from './distributions.ts'
import { endpoints, figures } from './finding.ts'
import { html, type Insert, type Markup } from './markup.ts'
import { stagesPicture } from './stages.ts'
import { timelinePicture } from './timeline.ts'

/** One botnet: who, where its orders come from, what it did, and the pictures that made it a group. */
export function botnetSection(
  botnet: Botnet,
  anchor: string,
  { answer, drawn, linkTo }: BotnetContext,
): Markup {
  const about = answer.findings
    .map((finding, i) => ({ finding, i }))
    .filter(
      ({ finding }) => finding.kind === 'botnet' && finding.hosts.some((host) => botnet.hosts.includes(host)),
    )
  const trees = drawn.dendrograms.filter(({ botnetOf }) => botnetOf.includes(botnet.id))

  return html`
<section id="${anchor}" aria-labelledby="${anchor}-h">
<h2 id="${anchor}-h">Botnet of ${sayMany(botnet.hosts.length, 'host')} <span class="quiet mono">${botnet.id}</span></h2>
<dl class="facts">
<dt>Members</dt><dd class="mono">${botnet.hosts.join(', ')}</dd>
<dt>Command and control</dt><dd>${botnet.cnc.length > 0 ? endpoints(botnet.cnc) : 'not seen'}</dd>
<dt>Found by</dt><dd>${botnet.rally ? sayRally(botnet.rally) : 'not told by these records'}</dd>
<dt>Activities</dt><dd>${botnet.activities.length > 0 ? botnet.activities.join(', ') : 'none seen'}</dd>
<dt>Shape</dt><dd>${botnet.topology}</dd>
<dt>Confidence</dt><dd>${sayConfidence(botnet.confidence)}, the mean of its members’</dd>
<dt>Indicators</dt><dd>${botnet.indicators.map(
    ({ kind, members }, i) => html`${i > 0 && ', '}${kind} (${sayMany(members, 'member')})`,
  )}</dd>
<dt>Findings</dt><dd>${
    about.length > 0 ? about.map(({ i }, n): Insert => html`${n > 0 && ', '}${linkTo(i)}`) : 'none'
  }</dd>
</dl>
${figures(anchor, [
  ...trees.map((tree) => dendrogramPicture(tree, botnet.id)),
  ...drawn.contacts.filter((each) => each.botnet === botnet.id).map(contactsPicture),
  ...drawn.timelines.filter(({ subject }) => subject === botnet.id).map(timelinePicture),
  stagesPicture(answer.lifeCycles.filter(({ host }) => botnet.hosts.includes(host))),
])}
${figures(
  `${anchor}-d`,
  drawn.distributions.filter((each) => each.botnet === botnet.id).map(distributionPicture),
  'two',
)}
</section>`
}

interface BotnetContext {
  readonly answer: Answer
  readonly drawn: Figures
  /** A link to the finding with this index. */
  linkTo(finding: number): Markup
}
