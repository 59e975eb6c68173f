/** Facts of a botnet's contact graph in words (`structures/graph.ts` measures them). */
import { sayCount, sayMany, sayNumber, sayShare } from './say.ts'

/** Undoes `log1p(n) / log1p(most)`, which the classifier takes in place of a count. */
const countIn = (value: number, most: number): number => Math.round(Math.expm1(value * Math.log1p(most)))

const atLeast = (value: number, most: number, noun: string): string =>
  value >= 1 ? `${sayCount(most)} or more ${noun}s` : sayMany(countIn(value, most), noun)

const serversWho = (share: number, all: string, part: string): string =>
  share === 1
    ? `all servers ${all}`
    : share === 0
      ? `no server ${part}`
      : `${sayShare(share)} of the servers ${all}`

const words: Readonly<Record<string, (value: number) => string>> = {
  cover: (share) =>
    share === 0
      ? 'no member contacts the busiest server'
      : `${share === 1 ? 'all members' : `${sayShare(share)} of the members`} contact the busiest server`,
  second: (share) =>
    share === 0
      ? 'no member contacts a second server'
      : `${sayShare(share)} of the members contact the second server`,
  main: (share) =>
    share === 1
      ? 'all persistent connections go to one server'
      : `${sayShare(share)} of the persistent connections go to one server`,
  next: (share) =>
    share === 0
      ? 'no persistent connection goes to a second server'
      : `${sayShare(share)} of the persistent connections go to the second server`,
  concentration: (index) =>
    `the persistent connections are concentrated (Herfindahl index ${sayNumber(index)})`,
  servers: (value) => `${atLeast(value, 300, 'server')} in total`,
  each: (value) => `${atLeast(value, 100, 'persistent server')} per member`,
  shared: (share) => serversWho(share, 'have two or more members', 'has two members'),
  mutual: (likeness) => `two members share ${sayShare(likeness)} of their persistent servers on average`,
  silent: (share) => serversWho(share, 'never answer', 'fails to answer'),
  port: (share) => (share === 1 ? 'all links use one port' : `${sayShare(share)} of the links use one port`),
  called: (share) =>
    share === 0
      ? 'no external host contacts a member'
      : `external hosts contact ${share === 1 ? 'all members' : `${sayShare(share)} of the members`}`,
  mutually: (share) => serversWho(share, 'contact a member too', 'contacts a member'),
  relays: (value) => (value === 0 ? 'no member relays for others' : 'some members relay for others'),
  among: (share) =>
    share === 0 ? 'no member contacts another' : `${sayShare(share)} of the members contact another member`,
  externalPeers: (share) =>
    share === 0
      ? 'no member has peer-to-peer traffic'
      : `${share === 1 ? 'all members have' : `${sayShare(share)} of the members have`} peer-to-peer traffic`,
}

/** A clause such as `all persistent connections go to one server`; the given doc and number for an unknown fact. */
export const sayGraphFact = ({ fact, doc, value }: { fact: string; doc: string; value: number }): string =>
  words[fact]?.(value) ?? `${doc} ${sayNumber(value)}`
