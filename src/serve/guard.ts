/**
 * Who may ask, and what a page may do.
 *
 * Without a token only loopback names are answered, so that no page of elsewhere reaches the server under a name of its
 * own (DNS rebinding). Writes need JSON from the same origin. Pages run no inline script and fetch nothing from
 * elsewhere.
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { Context, MiddlewareHandler } from 'hono'
import { getCookie, setCookie } from 'hono/cookie'

export const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

export const headers: MiddlewareHandler = async (c, next) => {
  await next()
  c.header('content-security-policy', policy)
  c.header('x-content-type-options', 'nosniff')
  c.header('referrer-policy', 'no-referrer')
  c.header('cross-origin-opener-policy', 'same-origin')
  c.header('cross-origin-resource-policy', 'same-origin')
  c.header('x-frame-options', 'DENY')
  if (!c.res.headers.has('cache-control')) c.header('cache-control', 'no-store')
}

const loopback = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/i

const refused = (c: Context, status: 401 | 403, message: string, hint: string) =>
  c.json({ error: { code: status === 401 ? 'token-missing' : 'request-refused', message, hint } }, status)

/** Without a token: only under a loopback name. */
const localOnly: MiddlewareHandler = async (c, next) => {
  if (loopback.test(c.req.header('host') ?? '')) return next()
  return refused(c, 403, 'this server answers on loopback only', 'Open it as http://127.0.0.1 with its port.')
}

const digest = (text: string) => createHash('sha256').update(text).digest()
const same = (a: string, b: string): boolean => timingSafeEqual(digest(a), digest(b))

const cookie = 'gannet'

/** With a token: as `Authorization: Bearer`, as a cookie, or once in an address, which then sets the cookie. */
const withToken =
  (token: string): MiddlewareHandler =>
  async (c, next) => {
    const bearer = /^Bearer (\S+)$/i.exec(c.req.header('authorization') ?? '')?.[1]
    if (bearer !== undefined && same(bearer, token)) return next()
    if (same(getCookie(c, cookie) ?? '', token)) return next()

    const url = new URL(c.req.url)
    const given = url.searchParams.get('token')
    if (given !== null && same(given, token) && c.req.method === 'GET') {
      setCookie(c, cookie, token, {
        httpOnly: true,
        sameSite: 'Strict',
        path: '/',
        secure: url.protocol === 'https:',
      })
      url.searchParams.delete('token')
      return c.redirect(`${url.pathname}${url.search}`)
    }
    return refused(
      c,
      401,
      'a token is needed',
      'Open the address that gannet serve printed, or send Authorization: Bearer TOKEN.',
    )
  }

export const admission = (token: string | null): MiddlewareHandler =>
  token === null ? localOnly : withToken(token)

/** Writes: JSON, of the same origin. A form of elsewhere can send neither the type nor the header. */
export const sameOrigin: MiddlewareHandler = async (c, next) => {
  if (c.req.method === 'GET' || c.req.method === 'HEAD') return next()
  const origin = c.req.header('origin')
  const site = c.req.header('sec-fetch-site')
  const own = origin === undefined || URL.parse(origin)?.host === c.req.header('host')
  if (!own || (site !== undefined && site !== 'same-origin' && site !== 'none'))
    return refused(c, 403, 'a page of elsewhere may change nothing here', 'Use the pages of this server.')
  if (!/^application\/json\b/i.test(c.req.header('content-type') ?? ''))
    return refused(c, 403, 'a change is sent as JSON', 'Send Content-Type: application/json.')
  return next()
}
