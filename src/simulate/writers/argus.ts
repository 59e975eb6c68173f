/**
 * Argus binetflow as in CTU-13: comma-separated, times in UTC, bytes with the Ethernet header, long conversations cut
 * into records of an hour (Argus reports what is still open at least every 3,600 s as CTU ran it).
 */
import type { Exchange } from '../exchange.ts'

export const argusHeader =
  'StartTime,Dur,Proto,SrcAddr,Sport,Dir,DstAddr,Dport,State,sTos,dTos,TotPkts,TotBytes,SrcBytes,SrcPkts,Label\n'

const cut = 3600e6
const ethernet = 14

interface Piece {
  readonly start: number
  readonly end: number
  readonly clientPackets: number
  readonly serverPackets: number
  readonly clientBytes: number
  readonly serverBytes: number
  readonly first: boolean
  readonly last: boolean
}

/** Packets and bytes are spread evenly; pieces add up to the whole to the packet. */
export function pieces(each: Exchange): Piece[] {
  const count = Math.max(1, Math.ceil((each.end - each.start) / cut))
  const upTo = (total: number, i: number) =>
    Math.floor((total * (i + 1)) / count) - Math.floor((total * i) / count)

  return Array.from({ length: count }, (_, i) => {
    const clientPackets = upTo(each.clientPackets, i)
    const serverPackets = upTo(each.serverPackets, i)
    return {
      start: each.start + i * cut,
      end: Math.min(each.end, each.start + (i + 1) * cut),
      clientPackets,
      serverPackets,
      clientBytes: upTo(each.clientIpBytes, i) + ethernet * clientPackets,
      serverBytes: upTo(each.serverIpBytes, i) + ethernet * serverPackets,
      first: i === 0,
      last: i === count - 1,
    }
  }).filter((piece) => piece.clientPackets + piece.serverPackets > 0)
}

export function argusLines(each: Exchange): { start: number; line: string }[] {
  return pieces(each).map((piece) => ({ start: piece.start, line: lineOf(each, piece) }))
}

function lineOf(each: Exchange, piece: Piece): string {
  const { state, direction } = marks(each, piece)
  const [sport, dport] = each.proto === 'icmp' ? ['0x0008', ''] : [each.clientPort, each.serverPort]
  const stamp = new Date(Math.floor(piece.start / 1000)).toISOString()
  const time =
    `${stamp.slice(0, 10).replaceAll('-', '/')} ` +
    `${stamp.slice(11, 19)}.${String(piece.start % 1e6).padStart(6, '0')}`
  const answered = piece.serverPackets > 0
  const bytes = piece.clientBytes + piece.serverBytes
  const cells = [
    time,
    ((piece.end - piece.start) / 1e6).toFixed(6),
    each.proto,
    each.client,
    sport,
    direction,
    each.server,
    dport,
    state,
    0,
    answered ? 0 : '',
    piece.clientPackets + piece.serverPackets,
    bytes,
    piece.clientBytes,
    piece.clientPackets,
    '',
  ]

  return `${cells.join(',')}\n`
}

/** TCP: the flags that each side sent; a piece that is not the first has no SYN and no known direction. */
function marks(each: Exchange, piece: Piece): { state: string; direction: string } {
  const answered = piece.serverPackets > 0
  const asked = piece.clientPackets > 0
  if (each.proto === 'icmp') return { state: 'ECO', direction: answered ? '  <->' : '   ->' }

  if (each.proto === 'udp') {
    return {
      state: answered && asked ? 'CON' : 'INT',
      direction: answered ? (asked ? '  <->' : '  <-') : '   ->',
    }
  }

  if (each.state === 'S0') return { state: 'S_', direction: '   ->' }
  if (each.state === 'REJ') return { state: 'S_RA', direction: '   ->' }
  const begun = piece.first && each.state !== 'OTH'
  const flags = (side: { fin: boolean; reset: boolean; payload: number | null; there: boolean }) => {
    if (!side.there) return ''
    const [fin, reset] = [piece.last && side.fin, piece.last && side.reset]
    return `${fin ? 'F' : ''}${begun ? 'S' : ''}${reset ? 'R' : ''}${(side.payload ?? 0) > 0 ? 'P' : ''}A`
  }

  const client = flags({
    fin: each.state === 'SF',
    reset: each.state === 'RSTO',
    payload: each.clientPayload,
    there: asked,
  })

  const server = flags({
    fin: each.state === 'SF',
    reset: each.state === 'RSTR',
    payload: each.serverPayload,
    there: answered,
  })

  return {
    state: `${client}_${server}`,
    direction: begun ? '   ->' : answered && asked ? '  <?>' : asked ? '   ?>' : '  <?',
  }
}
