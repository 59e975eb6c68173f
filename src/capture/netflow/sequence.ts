/** What never arrived, by the gaps in an exporter's numbering. */

const wrap = 2 ** 32
/** A gap beyond this is a restart, not a loss. */
const mostLost = 1e7
/** A number as far behind as this came late; further, the exporter began anew. */
const mostLate = 1000

export class Sequence {
  /** Units lost: records (v5, IPFIX) or datagrams (v9, sFlow), less those that came late. */
  lost = 0
  /** Times the numbering began anew. */
  resets = 0
  private next = Number.NaN

  /** The number that comes next; NaN before the first. */
  get expected(): number {
    return this.next
  }

  /** Takes the number of a datagram and how far it moves the numbering; NaN when that is not known. */
  tell(number: number, step: number): void {
    const { next } = this
    const ahead = (number - next + wrap) % wrap
    if (Number.isNaN(next) || ahead === 0) this.next = (number + step) % wrap
    else if (ahead < mostLost) {
      this.lost += ahead
      this.next = (number + step) % wrap
    } else if (wrap - ahead <= mostLate) this.lost = Math.max(0, this.lost - (step || 0))
    else {
      this.resets++
      this.next = (number + step) % wrap
    }
  }
}
