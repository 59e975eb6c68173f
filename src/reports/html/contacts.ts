/** Who talks to whom: members on the left, servers on the right, command and control marked. */
import type { Contacts } from '../../model/answer.ts'
import { sayCount, sayMany } from '../../model/words/say.ts'
import { greatest, type Picture, shortened } from './chart.ts'
import { html, type Markup } from './markup.ts'

const MOST = 16
const PITCH = 19
const TOP = 26
const HOST_X = 116
const SERVER_X = 234

type Link = Contacts['links'][number]

interface End {
  readonly name: string
  readonly flows: number
  readonly cnc: boolean
}

/** The picture of one botnet's contacts; the busiest and all that are command and control come first. */
export function contactsPicture({ links }: Contacts): Picture | null {
  if (links.length === 0) return null
  const hosts = endsOf(links, ({ host }) => host)
  const servers = endsOf(links, ({ server }) => server).toSorted(
    (a, b) => Number(b.cnc) - Number(a.cnc) || b.flows - a.flows,
  )
  const shownHosts = hosts.slice(0, MOST)
  const shownServers = servers.slice(0, MOST)
  const rows = Math.max(shownHosts.length, shownServers.length)
  const hostAt = placesOf(shownHosts, rows)
  const serverAt = placesOf(shownServers, rows)
  const cnc = servers.filter((each) => each.cnc).length
  const left = [hosts.length - shownHosts.length, servers.length - shownServers.length]

  return {
    title: 'Who talks to whom',
    see:
      `${sayMany(cnc, 'server')} (diamonds) ${cnc === 1 ? 'is' : 'are'} command and control ` +
      `for the ${sayMany(hosts.length, 'member')}; a thicker line is more flows.${leftOut(left)}`,
    height: TOP + rows * PITCH + 8,
    drawing: html`<text class="end strong" x="${HOST_X}" y="12">members</text><text class="strong"
      x="${SERVER_X + 8}" y="12">servers</text>
${lines(links, hostAt, serverAt)}
${shownHosts.map(
  ({ name }) => html`<text class="end text-accused" x="${HOST_X - 8}"
  y="${(hostAt.get(name) ?? 0) + 4}">${shortened(name, 16)}</text><circle class="fill-accused" cx="${HOST_X}"
    cy="${hostAt.get(name) ?? 0}" r="4"/>`,
)}
${shownServers.map((server) => serverMark(server, serverAt.get(server.name) ?? 0))}`,
  }
}

function leftOut([hosts = 0, servers = 0]: readonly number[]): string {
  const parts = [
    hosts > 0 ? sayMany(hosts, 'member') : '',
    servers > 0 ? sayMany(servers, 'quieter server') : '',
  ]
  const limits = parts.filter((each) => each !== '').join(' and ')
  return limits === '' ? '' : ` ${limits} not drawn.`
}

function endsOf(links: readonly Link[], nameOf: (link: Link) => string): End[] {
  const ends = new Map<string, End>()
  for (const link of links) {
    const name = nameOf(link)
    const before = ends.get(name) ?? { name, flows: 0, cnc: false }
    ends.set(name, { name, flows: before.flows + link.flows, cnc: before.cnc || link.cnc })
  }
  return [...ends.values()].toSorted((a, b) => b.flows - a.flows)
}

/** Heights of the ends, spread evenly over `rows` rows. */
const placesOf = (ends: readonly End[], rows: number): Map<string, number> =>
  new Map(ends.map(({ name }, i) => [name, TOP + ((i + 0.5) * rows * PITCH) / ends.length]))

function lines(
  links: readonly Link[],
  hostAt: ReadonlyMap<string, number>,
  serverAt: ReadonlyMap<string, number>,
): Markup[] {
  const most = Math.max(greatest(links.map(({ flows }) => flows)), 1)
  const width = (flows: number) => 0.7 + (3.6 * Math.log1p(Math.max(0, flows))) / Math.log1p(most)
  const ordered = links.toSorted((a, b) => Number(a.cnc) - Number(b.cnc))

  return ordered.flatMap(({ host, server, flows, cnc }) => {
    const from = hostAt.get(host)
    const to = serverAt.get(server)
    if (from === undefined || to === undefined) return []
    const middle = (HOST_X + SERVER_X) / 2
    const path = html`M${HOST_X + 4} ${from}C${middle} ${from} ${middle} ${to} ${SERVER_X - 4} ${to}`
    return html`<path class="${cnc ? 'line-cnc' : 'line-rest'}" fill="none" opacity="${cnc ? 0.85 : 0.5}"
      stroke-width="${width(flows)}" d="${path}"><title>${host} → ${server}: ${sayCount(flows)} flows</title></path>`
  })
}

function serverMark({ name, cnc }: End, y: number): Markup {
  const mark = cnc
    ? html`<path class="fill-cnc" d="M${SERVER_X} ${y - 6}l6 6l-6 6l-6 -6z"/>`
    : html`<circle class="fill-rest" cx="${SERVER_X}" cy="${y}" r="4"/>`
  return html`${mark}<text class="${cnc ? 'text-cnc' : ''}" x="${SERVER_X + 9}"
    y="${y + 4}">${shortened(name, cnc ? 22 : 25)}<title>${name}</title></text>`
}
