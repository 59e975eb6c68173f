/** Everything that weights of contacts are fitted and measured on, as cases of one shape. */
import { type ContactWeights, logOddsOf } from '../../../src/traces/contacts/judge.ts'
import { type ContactSample, contactGrounds, contactSamples } from '../../samples/contact-samples.ts'
import { overlaySamples } from '../../samples/overlays/grounds.ts'
import { protocolSamples } from '../../samples/protocol-samples.ts'
import { isSmallest } from '../../smallest.ts'

/**
 * `real`: a capture as it is. `office`: a described behaviour over the clean office. `implant`, `transplant`, `honest`:
 * a drawn implant, C&C traffic of another capture, and honest software, each over a clean network. `sample`: a short
 * capture of one protocol, clean. `unlisted`: a clean capture as if no list and no catalogue knew any name of it, as
 * those of small vendors.
 */
type CaseKind = 'real' | 'office' | 'implant' | 'transplant' | 'honest' | 'sample' | 'unlisted'

export interface ContactCase {
  readonly name: string
  readonly kind: CaseKind
  /** Of the malware or the device; cases of one family are on one side of every split. */
  readonly family: string
  /** Likewise of the network around it. */
  readonly network: string
  readonly infected: boolean
  readonly samples: readonly ContactSample[]
}

/** In the smallest form, captures of minutes. */
const shortOnes = ['strato-001-njrat', 'pcap-strrat', 'iot-sentinel-WeMoSwitch']

export const isTried = ({ name }: { readonly name: string }): boolean =>
  !isSmallest || shortOnes.includes(name)

/** All cases; `fresh`: look at the records again. */
export async function contactCases(fresh = false): Promise<ContactCase[]> {
  const grounds = contactGrounds().filter(isTried)
  const found: ContactCase[] = []

  for await (const [ground, samples] of contactSamples(grounds, fresh || isSmallest)) {
    const one: ContactCase = {
      name: ground.name,
      kind: ground.kind,
      family: ground.family,
      network: ground.kind === 'office' ? 'office' : ground.family,
      infected: ground.bots.length > 0,
      samples,
    }
    found.push(one)
    if (one.kind === 'real' && !one.infected)
      found.push({ ...one, kind: 'unlisted', samples: samples.map(asUnlisted) })
  }

  if (isSmallest) return found

  const overlays = await overlaySamples(grounds, fresh)
  for (const [i, { base, baseFamily, kind, family, own, others }] of overlays.entries())
    if (own.length > 0)
      found.push({
        name: `${base} + ${family} ${i}`,
        kind,
        family,
        network: base === 'office-background' ? 'office' : baseFamily,
        infected: kind !== 'honest',
        samples: [...own, ...others],
      })

  for (const { name, contacts } of await protocolSamples(fresh)) {
    const family = name.split('/').slice(0, -1).join('/')
    found.push({ name, kind: 'sample', family, network: family, infected: false, samples: contacts })
  }
  return found
}

/** As if nobody had listed the name; what can be rented stays so. */
function asUnlisted(sample: ContactSample): ContactSample {
  const { popular, service, unlisted } = sample.features
  const features = { ...sample.features, popular: 0, service: 0, unlisted: popular > 0 ? 1 : unlisted }
  return service > 0 || popular > 0 ? { ...sample, features } : sample
}

/** One contact to learn from. */
export interface Row {
  readonly sample: ContactSample
  readonly positive: boolean
  readonly weight: number
}

/** Contacts of one host without C&C that count, and of one case. */
const [othersOfHost, othersOfCase] = [3, 20]
/** What one drawn case counts beside a capture. */
const drawnShare = { implant: 0.12, transplant: 0.12, honest: 0.12, sample: 0.1, unlisted: 0.3 } as const

/**
 * The contacts of a case that count under the weights so far: the best C&C of each bot, the most suspicious of clean
 * hosts.
 */
export function rowsOf({ kind, infected, samples }: ContactCase, weights: ContactWeights): Row[] {
  const odds = (sample: ContactSample) => logOddsOf(sample.features, weights)
  const bySuspicion = (all: readonly ContactSample[]) => all.toSorted((a, b) => odds(b) - odds(a))
  const share = kind === 'real' ? 1 : kind === 'office' ? (infected ? 1 : 0.3) : drawnShare[kind]

  if (infected) {
    const bots = [
      ...Map.groupBy(
        samples.filter(({ bot }) => bot),
        ({ host }) => host,
      ).values(),
    ]
    const best = bots.flatMap((own) => bySuspicion(own.filter(({ cnc }) => cnc)).slice(0, 1))
    return best.map((sample) => ({ sample, positive: true, weight: share / best.length }))
  }
  // Of drawn honest software its own contact; the rest of the network counts once, as the capture itself.
  const hosts =
    kind === 'honest' ? [samples.slice(0, 1)] : [...Map.groupBy(samples, ({ host }) => host).values()]
  const others = bySuspicion(hosts.flatMap((own) => bySuspicion(own).slice(0, othersOfHost)))
  return others
    .slice(0, othersOfCase)
    .map((sample, i) => ({ sample, positive: false, weight: share * (i === 0 ? 1 : 0.3) }))
}
