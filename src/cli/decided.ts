/** Answers with what analysts decided. */
import type { Judged, OwnerOf } from '../decisions/index.ts'
import { UserError } from '../errors.ts'
import type { Answer } from '../model/answer.ts'
import type { Decision } from '../model/review/decision.ts'
import type { Truth } from '../model/truth.ts'
import type { DecisionsFlags } from './flags.ts'

/** The file of decisions: what is named, else beside the database folder; null for a server or no database. */
export function decisionsPath({ decisions, db }: DecisionsFlags): string | null {
  if (decisions !== undefined) return decisions
  return db === undefined ? null : `${db.replace(/\/+$/, '')}.decisions.yaml`
}

/** As `decisionsPath`. @throws UserError option-invalid where none is named. */
export function decisionsPathNeeded(flags: DecisionsFlags): string {
  const path = decisionsPath(flags)
  if (path !== null) return path
  throw new UserError(
    'option-invalid',
    'no decisions file is given',
    'Give --decisions FILE, or --db FOLDER.',
  )
}

/** Autonomous systems by the databases that the analysis read; opened only where a decision is about an owner. */
export async function ownersFor({ analysis }: Answer, decisions: readonly Decision[]): Promise<OwnerOf> {
  if (!decisions.some(({ subject }) => subject.kind === 'owner')) return () => null
  const paths = analysis.options['mmdb']
  const { openPlaces } = await import('../dns/index.ts')
  const places = await openPlaces(Array.isArray(paths) ? (paths as string[]) : [])
  return (address) => {
    const { as } = places.placeOf(address)
    return as === null ? null : `AS${as}`
  }
}

/** The answer judged with the decisions that the flags name; one that has been judged already stays. */
export async function decided(judged: Judged, flags: DecisionsFlags): Promise<Judged> {
  const path = decisionsPath(flags)
  if (path === null || judged.answer.decided) return judged
  const { applyDecisions, readDecisions } = await import('../decisions/index.ts')
  const decisions = await readDecisions(path)
  return applyDecisions(judged, decisions, { ownerOf: await ownersFor(judged.answer, decisions) })
}

/** The answer as a list shows it: contacts that decisions allow are left out. */
export async function withoutAllowedContacts(answer: Answer): Promise<Answer> {
  const allows = (answer.decided?.decisions ?? []).filter(({ verb }) => verb === 'allow')
  if (allows.length === 0) return answer
  const { contactsNotAllowed } = await import('../decisions/index.ts')
  return { ...answer, contacts: contactsNotAllowed(answer.contacts, allows, await ownersFor(answer, allows)) }
}

/** @throws UserError truth-invalid where no decision labels a host. */
export async function decidedTruth(answer: Answer, flags: DecisionsFlags): Promise<Truth> {
  const path = decisionsPathNeeded(flags)
  const { readDecisions, truthFromDecisions } = await import('../decisions/index.ts')
  const truth = truthFromDecisions(await readDecisions(path), answer, path)
  if (truth.botnets.length + (truth.benign?.length ?? 0) > 0) return truth
  throw new UserError(
    'truth-invalid',
    `${path} has no allowed or confirmed host`,
    'Add decisions first: gannet confirm HOST, gannet allow HOST.',
  )
}
