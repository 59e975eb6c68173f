/** Every family of bots. To add one: a file here, a line in the list. */
import type { Family } from '../family.ts'
import { calling } from './botfinder.ts'
import { httpFixed, httpRandom } from './http.ts'
import { httpRecorded } from './http-recorded.ts'
import { irc } from './irc.ts'
import { ircRecorded } from './irc-recorded.ts'
import { later } from './later.ts'
import { mutual } from './mutual.ts'
import { p2p } from './p2p.ts'
import { nugache, storm } from './p2p-recorded.ts'
import { doublyFluxing, fluxing, generated, tunnelling } from './rallying.ts'
import { slow } from './slow.ts'
import { staged } from './staged.ts'

export const families: readonly Family[] = [
  irc,
  httpFixed,
  httpRandom,
  p2p,
  ...ircRecorded,
  ...httpRecorded,
  storm,
  nugache,
  ...later,
  mutual,
  staged,
  ...slow,
  generated,
  fluxing,
  doublyFluxing,
  tunnelling,
  ...calling,
]
