import type { AnalysisOptions } from '../config.ts'
import { assembleAnswer, identify, storedIndicators, threatFindings } from '../findings/index.ts'
import type { Scope } from '../model/networks.ts'
import { readAllowlist } from '../store/allowlist.ts'
import { keepAnswer } from '../store/analyses.ts'
import { parseNetworks } from '../store/networks.ts'
import type { Store } from '../store/store.ts'
import { allowedBy, hashesOf, isSharedName, matchThreats, type Threats } from '../threats/index.ts'

import type { Analysed, Work } from './context.ts'

/**
 * The newest answer with the findings of other threat lists: the records are matched again, nothing else is done again.
 * The new answer is kept.
 * @throws UserError list-invalid.
 */
export async function matchAgain(
  store: Store,
  last: Analysed,
  { threats, allow }: Pick<AnalysisOptions, 'threats' | 'allow'>,
): Promise<Analysed> {
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

  return { answer: again, figures }
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
