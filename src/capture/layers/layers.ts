/** One layer on, of whatever kind it is. */
import { behindType } from './ether-types.ts'
import { enterLink } from './link-types.ts'
import { ethernet, llc, snap } from './llc.ts'
import { layer, type Place, type Span } from './place.ts'
import { ppp } from './ppp.ts'
import type { Verdict } from './verdict.ts'
import { wireless } from './wireless.ts'

/** @returns `packet` when `place` is now further, and at IP when its kind is `ip`. */
export function passLayer(span: Span, place: Place): Verdict {
  switch (place.kind) {
    case layer.ethernet:
      return ethernet(span, place)
    case layer.ppp:
      return ppp(span, place)
    case layer.llc:
      return llc(span, place)
    case layer.snap:
      return snap(span, place, place.at)
    case layer.wireless:
      return wireless(span, place)
    case layer.link:
      return enterLink(span, place.type, place)
    default:
      return behindType(span, place)
  }
}
