import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe } from 'vitest'

const root = fileURLToPath(new URL('../../shared/data/', import.meta.url))

/** Absolute path of a real capture or list, which is kept outside the repository. */
export const sharedData = (path: string): string => `${root}${path}`

/**
 * A `describe` that needs real data: it skips, and says why, where the data is absent.
 * With GANNET_REQUIRE_DATA set (as in CI), absent data fails instead.
 */
export function describeWithData(path: string, title: string, body: () => void): void {
  const here = existsSync(sharedData(path))
  if (!here && process.env['GANNET_REQUIRE_DATA'])
    throw new Error(`real data is required and absent: ${sharedData(path)}`)
  describe.skipIf(!here)(here ? title : `${title} (skipped: no ${sharedData(path)})`, body)
}
