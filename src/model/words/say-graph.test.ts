import { expect, it } from 'vitest'
import { sayGraphFact } from './say-graph.ts'

it.each([
  ['main', 1, 'all persistent connections go to one server'],
  ['main', 0.93, '93% of the persistent connections go to one server'],
  ['cover', 1, 'all members contact the busiest server'],
  ['cover', 0, 'no member contacts the busiest server'],
  ['servers', Math.log1p(1) / Math.log1p(300), '1 server in total'],
  ['servers', Math.log1p(40) / Math.log1p(300), '40 servers in total'],
  ['servers', 1, '300 or more servers in total'],
  ['each', Math.log1p(3) / Math.log1p(100), '3 persistent servers per member'],
  ['silent', 0, 'no server fails to answer'],
  ['silent', 0.4, '40% of the servers never answer'],
  ['externalPeers', 1, 'all members have peer-to-peer traffic'],
  ['unheard-of', 0.5, 'share of something 0.5'],
])('says %s %d', (fact, value, sentence) => {
  expect(sayGraphFact({ fact, doc: 'share of something', value })).toBe(sentence)
})
