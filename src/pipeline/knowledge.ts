import type { AnalysisOptions } from '../config.ts'
import { openPlaces, type Places } from '../dns/index.ts'
import { usePopularity, useSystems } from '../knowledge/index.ts'

/**
 * Puts what the user gives before the packaged knowledge, for this analysis: databases of autonomous systems, and
 * popular domains.
 * @throws UserError mmdb-unreadable; list-invalid.
 */
export async function openKnowledge({ mmdb, popularity }: AnalysisOptions): Promise<Places> {
  usePopularity(popularity)
  const places = await openPlaces(mmdb)
  useSystems(mmdb.length === 0 ? null : (address) => places.placeOf(address).as)
  return places
}
