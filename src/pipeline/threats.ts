import type { AnalysisOptions } from '../config.ts'
import { assembleAnswer, identify, storedIndicators, threatFindings } from '../findings/index.ts'
import type { Scope } from '../model/networks.ts'
import { readAllowlist } from '../store/allowlist.ts'
import { keepAnswer } from '../store/analyses.ts'
import { parseNetworks } from '../store/networks.ts'
import type { Store } from '../store/store.ts'
import { allowedBy, hashesOf, isSharedName, matchThreats, type Threats } from '../threats/index.ts'

import type { Analysed, Work } from './context.ts'

/** What of the lists the records hold. */
interface Met {
  readonly entries: number
  readonly hosts: number
}

/**
 * The newest answer with the findings of other threat lists: the records are matched again, nothing else is done again.
 * The new answer is kept.
 * @throws UserError list-invalid.
 */
export async function matchAgain(
  store: Store,
  last: Analysed,
  { threats, allow }: Pick<AnalysisOptions, 'threats' | 'allow'>,
): Promise<Analysed & { readonly met: Met }> {
  const { answer, figures } = last
  const { analysis, inputs, findings, version } = answer

  const matches = await matchThreats(store, {
    key: identify('a', [analysis.id, await hashesOf(threats)]),
    paths: threats,
    scope: {
      from: analysis.from ?? 0,
      to: analysis.to ?? 0,
      internal: parseNetworks(analysis.internal),
    },
    isSharedName,
    isAllowed: allowedBy(await readAllowlist(allow)),
  })

  const kept = findings.filter(({ kind }) => kind !== 'threat-list')
  const blindSpots = [
    ...analysis.blindSpots.filter((each) => !each.startsWith('Threat list')),
    ...matches.warnings,
  ]
  const read = inputs.filter(({ format }) => !format.startsWith('threat list'))

  const again = assembleAnswer(
    { version, analysis: { ...analysis, blindSpots }, inputs: [...read, ...matches.reports] },
    [...kept, ...threatFindings(matches.matches)],
    {
      botnets: answer.botnets,
      weakIndicators: storedIndicators(answer),
      lifeCycles: answer.lifeCycles,
      contacts: answer.contacts,
    },
  )

  await keepAnswer(store, again, figures)

  const met = {
    entries: new Set(matches.matches.map(({ list, indicator }) => `${list}\n${indicator}`)).size,
    hosts: new Set(matches.matches.map(({ host }) => host)).size,
  }
  return { answer: again, figures, met }
}

/** What the user's threat lists name, over all epochs. */
export async function threatsIn(
  { store, options, id, allow }: Work,
  scopes: readonly Scope[],
): Promise<Threats> {
  const [first, last] = [scopes[0]!, scopes.at(-1)!]
  if (options.threats.length === 0) return { matches: [], reports: [], warnings: [] }
  return matchThreats(store, {
    key: id,
    paths: options.threats,
    scope: { from: first.from, to: last.to, internal: first.internal },
    isSharedName,
    isAllowed: allowedBy(allow),
  })
}
