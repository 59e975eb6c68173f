/** Features in an analyst's words, with the figures of the contact where there are any. */

import { seconds } from '../../model/units.ts'
import { sayCount, sayMany, saySpan } from '../../model/words/say.ts'
import { type ContactFeature, contactFeatures } from './feature-list.ts'
import type { Contact } from './find.ts'
import { longestCall } from './presence.ts'

const share = (value: number): string => `${Math.round(100 * value)} %`

/** How long the longest connection lasts. */
export const longestOf = ({ calls }: Pick<Contact['trace'], 'calls'>) =>
  seconds(calls.duration[longestCall(calls)] ?? 0)

const texts: Partial<Record<ContactFeature, (contact: Contact) => string | null>> = {
  clock: ({ figures: { rhythm } }) =>
    rhythm &&
    `called at regular intervals, every ${saySpan(seconds(rhythm.period))}, ${sayMany(rhythm.beats, 'time')}`,
  loose: ({ figures: { rhythm } }) =>
    rhythm && `intervals drawn between bounds, give or take ${share(rhythm.jitter / rhythm.period)}`,
  lasting: ({ figures: { presence } }) => `in touch for ${share(presence)} of the time that the host is on`,
  held: ({ trace, figures: { held } }) =>
    `its longest connection lasts ${saySpan(longestOf(trace))}, ${share(held)} of the time that the host is seen ` +
    'from its start on',
  retries: ({ trace }) =>
    `${sayCount(trace.failed)} of ${sayMany(trace.connections, 'call')} had no answer, and it goes on`,
  unlisted: ({ figures: { domain } }) => `${domain} is in no list of popular domains`,
  tenant: ({ figures: { tenantOf, rented } }) =>
    `a name under ${tenantOf ?? rented?.title}, which anybody can have`,
  oddPort: ({ trace }) => `port ${trace.serverPort} belongs to no common service`,
  toolPort: ({ trace }) => `port ${trace.serverPort} is one that remote-control tools listen on`,
  oddName: ({ figures: { domain } }) => `${domain} is letters thrown together`,
  misnamed: ({ wire: { subject } }) => `its certificate is made out to ${subject}`,
  fleeting: ({ trace }) => `met ${sayMany(trace.connections, 'time')} and then no more`,
  rare: ({ network, figures: { hosts, alike } }) => {
    const of = sayMany(network.hosts, 'host')
    if (hosts <= 1) return `no other of ${of} calls it`
    return `${sayCount(hosts)} of ${of} call it${alike > 0 ? `, ${sayCount(alike + 1)} of them in the same way` : ''}`
  },
  alikeVictims: ({ figures: { alike } }) => `${sayMany(alike + 1, 'host')} call it in the same way`,
  threat: ({ figures: { threat } }) => threat && `known as ${threat.title}`,
  posts: ({ wire: { posts, requests } }) =>
    requests === 1
      ? 'its only request is a POST'
      : `${sayCount(posts)} of ${sayMany(requests, 'request')} are POST`,
  popular: ({ figures: { domain, rank } }) =>
    `${domain} is among the ${sayCount(rank ?? 0)} most popular domains`,
  service: ({ figures: { service } }) => service && `looks like ${service.title}`,
  owned: ({ figures: { owner } }) => owner && `the address belongs to ${owner}`,
  customary: ({ figures: { hosts }, network }) =>
    `${sayCount(hosts)} of ${sayMany(network.hosts, 'host')} call it`,
  vainInCrowd: ({ trace }) =>
    `${sayCount(trace.failed)} of ${sayMany(trace.connections, 'call')} had no answer`,
}

export const reasonText = (contact: Contact, feature: ContactFeature): string =>
  texts[feature]?.(contact) ?? contactFeatures[feature].description
