/** How many packets on the wire stand behind each that an exporter looked at. */
import type { Allowance } from './allowance.ts'
import { slot } from './fields.ts'
import type { Values } from './values.ts'

/** Rates that an exporter told of in options records: of each sampler, of each interface, and of all. */
export class Sampling {
  readonly samplers = new Map<number, number>()
  readonly inputs = new Map<number, number>()
  /** 0 where it was not said. */
  whole = 0
  private readonly allowance: Allowance

  constructor(allowance: Allowance) {
    this.allowance = allowance
  }

  /** Takes an options record. @returns whether it told a rate. */
  learn({ numbers }: Values): boolean {
    const rate = rateIn(numbers)
    if (rate === 0) return false
    const sampler = numbers[slot.samplerId] as number
    const input = numbers[slot.input] as number
    if (sampler >= 0) this.keep('samplers', sampler, rate)
    else if (input > 0) this.keep('inputs', input, rate)
    else this.whole = rate
    return true
  }

  /** Takes over rates that were told elsewhere. */
  adopt({ samplers, inputs, whole }: Rates): void {
    for (const [sampler, rate] of samplers) this.keep('samplers', sampler, rate)
    for (const [input, rate] of inputs) this.keep('inputs', input, rate)
    this.whole ||= whole
  }

  private keep(kind: 'samplers' | 'inputs', key: number, rate: number): void {
    const rates = this[kind]
    if (rates.has(key) || (rates.size < most && this.allowance.take(1))) rates.set(key, rate)
  }
}

interface Rates {
  readonly samplers: Iterable<readonly [number, number]>
  readonly inputs: Iterable<readonly [number, number]>
  readonly whole: number
}

/** An exporter has some hundred samplers or interfaces; more would be a flood. */
const most = 4096

/** The rate that a record itself states; 0 where it states none. */
function rateIn(numbers: Float64Array): number {
  const every = numbers[slot.sampleEvery] as number
  if (every >= 1) return every
  const take = numbers[slot.sampleTake] as number
  const skip = numbers[slot.sampleSkip] as number
  // RFC 5476: `take` packets are looked at, then `skip` are not. Alone, it is one in `take`, as many exporters mean it.
  if (take >= 1) return skip >= 0 ? (take + skip) / take : take
  const size = numbers[slot.sampleSize] as number
  const population = numbers[slot.samplePopulation] as number
  if (size >= 1 && population >= size) return population / size
  const share = numbers[slot.sampleShare] as number
  return share > 0 && share <= 1 ? 1 / share : 0
}

/** What a data record is sampled by: its rate, or -1 where it names a sampler that nobody has described yet. */
export function rateOf(numbers: Float64Array, own: Sampling, exporter: Sampling): number {
  const stated = rateIn(numbers)
  if (stated > 0) return stated
  const sampler = numbers[slot.samplerId] as number
  if (sampler >= 0) {
    const known = own.samplers.get(sampler) ?? exporter.samplers.get(sampler)
    if (known !== undefined) return known
    // 0 is what exporters write where no sampler is at work.
    if (sampler > 0) return -1
  }
  const input = numbers[slot.input] as number
  const byInput = input > 0 ? (own.inputs.get(input) ?? exporter.inputs.get(input)) : undefined
  return byInput ?? (own.whole || exporter.whole || 1)
}
