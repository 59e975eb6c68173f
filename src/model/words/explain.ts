import {
  type Evidence,
  type FamilyMatch,
  type HistoryEvidence,
  isOfOneHost,
  type ListMatch,
  type Rarity,
  type Rhythm,
  type Sameness,
  type SlowRhythm,
  type WeighedFeature,
  type Weighing,
} from '../evidence.ts'
import type { Rally, RallyMethod } from '../finding.ts'
import type { DeclarationRule, LifeCycle, LifeStage } from '../life-cycle.ts'
import { answered, handed, labels, pings, spread, tunnel } from './explain-dns.ts'
import {
  activity,
  crossPlane,
  likeness,
  peerTalk,
  relayed,
  sameMachine,
  structure,
} from './explain-groups.ts'
import {
  sayBytes,
  sayConfidence,
  sayCount,
  sayEndpoint,
  sayInstant,
  sayList,
  sayMany,
  sayNumber,
  sayShare,
  saySpan,
} from './say.ts'

/** Evidence as one sentence: the one wording that the text, JSON and HTML reports share. */
export function explain(evidence: Evidence): string {
  const sentence = sentenceOf(evidence)
  return isOfOneHost(evidence) && evidence.host !== undefined ? `${evidence.host}: ${sentence}` : sentence
}

function sentenceOf(evidence: Evidence): string {
  switch (evidence.kind) {
    case 'rhythm':
      return rhythm(evidence)
    case 'sameness':
      return sameness(evidence)
    case 'rarity':
      return rarity(evidence)
    case 'history':
      return `${sayHistory(evidence)}.`
    case 'slow-rhythm':
      return slowRhythm(evidence)
    case 'likeness':
      return likeness(evidence)
    case 'activity':
      return activity(evidence)
    case 'cross-plane':
      return crossPlane(evidence)
    case 'family':
      return family(evidence)
    case 'weighing':
      return weighing(evidence)
    case 'same-machine':
      return sameMachine(evidence)
    case 'structure':
      return structure(evidence)
    case 'relayed':
      return relayed(evidence)
    case 'peers':
      return peerTalk(evidence)
    case 'indicator':
      return listMatch(evidence)
    case 'tunnel':
      return tunnel(evidence)
    case 'pings':
      return pings(evidence)
    case 'handed':
      return handed(evidence)
    case 'spread':
      return spread(evidence)
    case 'labels':
      return labels(evidence)
    case 'answered':
      return answered(evidence)
    default:
      return evidence satisfies never
  }
}

function rhythm({ endpoint, period, strength, calls, span, peakOverThreshold, jitter }: Rhythm): string {
  const spread = jitter === 0 ? ' exactly' : ` ± ${saySpan(jitter)}`
  const gate =
    peakOverThreshold > 1
      ? `the periodic signal is ${sayNumber(peakOverThreshold)} times the threshold for random traffic`
      : `the jitter is too wide for a peak in the spectrum (${sayNumber(peakOverThreshold)} of its threshold)`
  return (
    `Connections to ${sayEndpoint(endpoint)} start every ${saySpan(period)}${spread}: ` +
    `${sayMany(calls, 'connection')} in ${saySpan(span)}, and ${sayShare(strength)} of the intervals fit; ${gate}.`
  )
}

function sameness({ endpoint, sent, received, consistency }: Sameness): string {
  const sizes = [
    sent === null ? null : `${sayBytes(sent)} sent`,
    received === null ? null : `${sayBytes(received)} received`,
  ].filter((each) => each !== null)
  const median = sizes.length === 0 ? '' : `; median ${sizes.join(' and ')}`
  return `${sayShare(consistency)} of the connections to ${sayEndpoint(endpoint)} have about the same size${median}.`
}

function rarity({ endpoint, hosts, ofHosts }: Rarity): string {
  const place = sayEndpoint(endpoint)
  if (hosts <= 1)
    return ofHosts <= 1
      ? `${place} is judged alone: these records show one host.`
      : `No other of ${sayMany(ofHosts, 'host')} contacts ${place}.`
  return `Only ${sayCount(hosts)} of ${sayMany(ofHosts, 'host')} contact ${place}.`
}

/** "first called 203.0.113.9:443/tcp on 2026-03-20, after 12 days without it; since then on 3 of 4 days". */
const sayHistory = ({ endpoint, ...history }: HistoryEvidence): string =>
  `The host ${sayFirst(history, ` ${sayEndpoint(endpoint)}`)}`

/** The same to be read after the host, without the place. */
export function sayFirst(
  { first, days, ofDays, daysBefore }: Pick<HistoryEvidence, 'first' | 'days' | 'ofDays' | 'daysBefore'>,
  place = '',
): string {
  const on = `${sayInstant(first)} UTC`
  if (daysBefore === 0)
    return `has called${place} since the first day kept, on ${days} of its ${sayMany(ofDays, 'day')}`
  return (
    `first called${place} on ${on}, after ${sayMany(daysBefore, 'day')} without it; ` +
    `from then on ${days} of ${sayMany(ofDays - daysBefore, 'day')}`
  )
}

const slowRhythm = ({ endpoint, period, jitter, visits, span, coverage }: SlowRhythm): string =>
  `The host visits ${sayEndpoint(endpoint)} every ${saySpan(period)} ± ${saySpan(jitter)}: ` +
  `${sayMany(visits, 'visit')} in ${saySpan(span)}, ${sayShare(coverage)} of those that the period would make.`

function family({ endpoint, family: name, score, threshold, hits }: FamilyMatch): string {
  const where = hits.length === 0 ? '' : ` in ${sayList(hits, 6, 'other feature')}`
  return (
    `The connections to ${sayEndpoint(endpoint)} match the family ${name}${where}: ` +
    `score ${sayNumber(score)} (threshold ${sayNumber(threshold)}).`
  )
}

function weighing({ endpoint, confidence, threshold, reasons }: Weighing): string {
  const sums = (side: readonly WeighedFeature[]) =>
    side
      .slice(0, 4)
      .map(({ feature, description, logOdds }) => `${description ?? feature} (${signed(logOdds)})`)
      .join('; ')
  const accusing = reasons.filter(({ logOdds }) => logOdds >= 0.05)
  const clearing = reasons.filter(({ logOdds }) => logOdds <= -0.05)
  const lines = [
    accusing.length > 0 ? `For: ${sums(accusing)}.` : null,
    clearing.length > 0 ? `Against: ${sums(clearing)}.` : null,
  ].filter((each) => each !== null)
  return [
    `${sayEndpoint(endpoint)} scores ${sayConfidence(confidence)} (threshold ${threshold.toFixed(2)}).`,
    ...lines,
  ].join(' ')
}

function listMatch({ list, indicator, type, description, listed, matched, times, hosts }: ListMatch): string {
  const when = listed === null ? '' : ` of ${sayInstant(listed).slice(0, 10)}`
  const about = description === '' ? '' : ` (${description})`
  const what = matched === indicator ? '' : `, as ${matched}`
  return (
    `The list ${list} has the ${type} ${indicator}${about}${when}. ` +
    `${sayMany(hosts, 'internal host')} matched it ${sayMany(times, 'time')}${what}.`
  )
}

/** In words, how the bots find their C&C (rendezvous). */
export function sayRally({ method, names }: Rally): string {
  const some = names.length === 0 ? '' : `: ${sayList(names, 3)}`
  return `${rallyWords[method]}${some}`
}

const rallyWords: Readonly<Record<RallyMethod, string>> = {
  address: 'a fixed address, without DNS',
  addresses: 'fixed addresses, without DNS',
  peers: 'a list of peer addresses',
  name: 'fixed names',
  'ip-flux': 'a name whose addresses change (IP flux)',
  'double-flux': 'a name whose addresses and name servers change (double flux)',
  wildcard: 'names under a wildcard',
  'generated-names': 'generated names (DGA)',
  tunnel: 'a DNS tunnel',
}

/** A share of the log odds: `+1.2`, `−0.4`. */
export const signed = (value: number): string => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(1)}`

/** One feature: `clock +3.6 (0.90): Evidence for a clock over no clock.` */
export const sayFeature = ({ feature, doc, value, logOdds }: WeighedFeature): string =>
  `${feature} ${signed(logOdds)} (${value.toFixed(2)}): ${doc}`

/** The baseline beside ours, as one sentence. */
export const sayBaseline = ({ baseline }: Weighing): string =>
  baseline === null
    ? 'RITA gives no score: fewer than 4 connections, or a name with several addresses.'
    : `RITA scores the same connections ${baseline.beacon.toFixed(2)} (timestamps ${baseline.ts.toFixed(2)}, sizes ` +
      `${baseline.ds.toFixed(2)}, histogram ${baseline.hist.toFixed(2)}, duration ${baseline.dur.toFixed(2)}).`

/** Stages as a person names them. */
export const stageNames: Readonly<Record<LifeStage, string>> = {
  'inbound-scan': 'inbound scan',
  'inbound-exploit': 'inbound exploit',
  download: 'download',
  rally: 'C&C contact',
  activity: 'attack',
  upkeep: 'C&C upkeep',
}

const rules: Readonly<Record<DeclarationRule, string>> = {
  'infected-and-outbound': 'an attack from outside was followed by outbound bot activity',
  'two-outbound-indicators': 'two kinds of outbound bot activity',
}

/** What a life cycle comes to, as one sentence. */
export function lifeSentence({ score, declared, rule, reasons }: LifeCycle): string {
  if (rule === null) return `No BotHunter rule matches within 12 h (score ${score.toFixed(2)}).`
  const why = reasons.slice(0, 3).map(({ feature, logOdds }) => `${feature} ${signed(logOdds)}`)
  return (
    `${declared ? 'The stages indicate an infection' : 'A BotHunter rule matches, but its evidence is weak'} ` +
    `(score ${score.toFixed(2)}): ${rules[rule]}, within 12 h${why.length > 0 ? ` (${why.join(', ')})` : ''}.`
  )
}
