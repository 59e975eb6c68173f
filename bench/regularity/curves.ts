/** The curves of recall as a picture: a row a ground, a column for each thing that varies. */
import { scaleLinear, scalePoint } from 'd3-scale'
import type { ComparedGround } from './compare.ts'
import type { Kind } from './kinds.ts'

interface Drawn {
  readonly name: string
  readonly compared: ComparedGround
}

const panel = { width: 250, height: 150, left: 40, top: 34, gapX: 24, gapY: 56 } as const
const lines = [
  {
    of: 'ours',
    at: 'atTheirs',
    color: '#b3261e',
    dash: '',
    says: 'Gannet, at the false alarms of RITA at 0.7',
  },
  { of: 'rita', at: 'atTheirs', color: '#555', dash: '', says: 'RITA at 0.7' },
  { of: 'ours', at: 'atOurs', color: '#b3261e', dash: '4 3', says: 'Gannet at 0.5' },
  {
    of: 'rita',
    at: 'atOurs',
    color: '#555',
    dash: '4 3',
    says: 'RITA, at the false alarms of Gannet at 0.5',
  },
] as const

/** What each column varies, over callers that are otherwise of one kind. */
const columns: readonly {
  readonly says: string
  readonly shows: (kind: Kind) => boolean
  readonly of: (kind: Kind) => number
}[] = [
  {
    says: 'jitter, ± % of 300 s',
    shows: ({ over, skew }) => over === 'jitter' && skew === 'both',
    of: ({ jitter }) => Math.round(jitter * 100),
  },
  {
    says: 'calls, 300 s ± 30 %',
    shows: ({ over, jitter }) => over === 'calls' && jitter === 0.3,
    of: ({ calls }) => calls ?? 0,
  },
  {
    says: 'period in seconds, ± 30 %',
    shows: ({ over, jitter }) => over === 'period' && jitter === 0.3,
    of: ({ period }) => period,
  },
]

export function curvesPicture(grounds: readonly Drawn[]): string {
  const width = panel.left + columns.length * (panel.width + panel.gapX) + panel.left
  const height = grounds.length * (panel.height + panel.gapY) + panel.top + lines.length * 16
  const rows = grounds.map((each, row) =>
    columns
      .map((column, i) => panelOf(each, column, { x: panel.left + i * (panel.width + panel.gapX), row }))
      .join('\n'),
  )
  const key = lines.map(({ color, dash, says }, i) => {
    const y = height - lines.length * 16 + i * 16
    return `<line x1="${panel.left}" y1="${y}" x2="${panel.left + 30}" y2="${y}" stroke="${color}" stroke-width="2"
  stroke-dasharray="${dash}"/><text x="${panel.left + 38}" y="${y + 4}">${says}</text>`
  })

  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="11">
<title>Recall against jitter, calls and period at equal false alarms</title>
<rect width="${width}" height="${height}" fill="#fff"/>
${[...rows, ...key].join('\n')}
</svg>
`
}

function panelOf(
  { name, compared }: Drawn,
  { says, shows, of }: (typeof columns)[number],
  { x, row }: { readonly x: number; readonly row: number },
): string {
  const y = panel.top + row * (panel.height + panel.gapY)
  const shown = compared.kinds.filter(({ kind }) => shows(kind))
  const across = scalePoint(
    shown.map(({ kind }) => of(kind)),
    [x, x + panel.width],
  )
  const up = scaleLinear([0, 1], [y + panel.height, y])
  const at = (value: number) => (across(value) ?? x).toFixed(1)

  const frame = [0, 0.5, 1].map(
    (share) => `<line x1="${x}" x2="${x + panel.width}" y1="${up(share)}" y2="${up(share)}" stroke="#ddd"/>
<text x="${x - 4}" y="${up(share) + 4}" text-anchor="end">${share}</text>`,
  )
  const ticks = shown.map(
    ({ kind }) =>
      `<text x="${at(of(kind))}" y="${y + panel.height + 14}" text-anchor="middle">${of(kind)}</text>`,
  )
  const drawn = lines.map(({ of: whose, at: alarms, color, dash }) => {
    const points = shown.map((each) => `${at(of(each.kind))},${up(each[alarms][whose]).toFixed(1)}`)
    return `<polyline points="${points.join(' ')}" fill="none" stroke="${color}" stroke-width="2" stroke-dasharray="${dash}"/>`
  })

  return `<text x="${x}" y="${y - 10}" font-weight="bold">${name}: ${says}</text>
${[...frame, ...ticks, ...drawn].join('\n')}`
}
