import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'
import { describe } from 'vitest'

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
const found = [process.env['GANNET_BROWSER'], ...places].find(
  (path) => path !== undefined && existsSync(path),
)

/** A Chromium without a profile that asks its makers for nothing. */
export const openBrowser = (): Promise<Browser> =>
  chromium.launch({
    executablePath: found ?? '',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })

/**
 * A `describe` that needs Chromium: it skips, and says why, where there is none.
 * With GANNET_REQUIRE_BROWSER set (as in CI), an absent browser fails instead.
 */
export function describeWithBrowser(title: string, body: () => void): void {
  if (!found && process.env['GANNET_REQUIRE_BROWSER']) {
    throw new Error(
      `a browser is required and absent: none of ${places.join(', ')}, and GANNET_BROWSER names none`,
    )
  }
  describe.skipIf(!found)(
    found ? title : `${title} (skipped: no Chromium; name one with GANNET_BROWSER)`,
    body,
  )
}
