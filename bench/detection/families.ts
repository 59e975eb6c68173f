/**
 * Family models by the protocol of Tegeler et al., "BotFinder", CoNEXT 2012: 70 % of a family's traces train, the
 * rest is mixed into benign traffic, 50 runs. The families are simulated (src/simulate/families/botfinder.ts says what
 * of them is sourced and what assumed); the benign traffic is real, and simulated campuses
 * beside it. Then evasion, and njRAT as it was recorded twice.
 *
 *     node bench/detection/families.ts          prints the rows and writes docs/method/families.md
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { importInputs } from '../../src/capture/import/import.ts'
import { callingFamilies } from '../../src/simulate/families/calling-families.ts'
import { simulate } from '../../src/simulate/index.ts'
import { openEmbedded } from '../../src/store/embedded.ts'
import { parseNetworks } from '../../src/store/networks.ts'
import { crossValidate, type FamilySamples } from '../../src/traces/families/cross-validate.ts'
import { distinctTraces } from '../../src/traces/families/distinct.ts'
import { matchFamilies } from '../../src/traces/families/match.ts'
import { trainFamily } from '../../src/traces/families/train.ts'
import { type Features, featuresOf } from '../../src/traces/features.ts'
import type { Trace } from '../../src/traces/trace.ts'
import { type Row, writePage } from '../row.ts'
import { isCnc, onSide, type RealCapture, realCaptures, withCapture } from '../samples/beacon-captures.ts'
import { atMost, few } from '../smallest.ts'
import { type FamilyMeasures, familiesPage } from './families-page.ts'
import { evasion } from './family-evasion.ts'

/** As the paper has them for each family, with the false alarms it counts; recalled, not checked. */
export const published: Readonly<Record<string, string>> = {
  Banbra: '100 %, 5 false',
  Bifrose: '49 %, 0 false',
  Blackenergy: '85 %, 2 false',
  Dedler: '63 %, 0 false',
  Pushdo: '81 %, 0 false',
  Sasfis: '87 %, 1 false',
}

const minCalls = 10
const runs = atMost(50, 1)
const alphas = few([1.25, 1.5, 1.75, 2, 2.5])

export async function run(): Promise<Row[]> {
  return (await measure()).rows
}

async function measure(): Promise<FamilyMeasures & { readonly rows: Row[] }> {
  const samples = await simulatedSamples(7)
  const benign: { capture: RealCapture; features: Features[] }[] = []
  for (const capture of few(
    realCaptures.filter(({ cnc, others }) => cnc.length === 0 && others === 'benign'),
  ))
    benign.push({ capture, features: (await tracesOf(capture)).map((trace) => featuresOf(trace)) })
  const isReal = ({ capture }: { capture: RealCapture }) => !capture.name.startsWith('simulated')
  const clean = benign.filter(isReal).flatMap(({ features }) => features)
  const campus = benign.filter((each) => !isReal(each)).flatMap(({ features }) => features)
  const byAlpha = alphas.map((alpha) => ({ alpha, results: crossValidate(samples, clean, { runs, alpha }) }))
  const evaded = evasion(samples.find(({ family }) => family === 'Banbra')!)
  const real = await njrat()
  const rows: Row[] = byAlpha.flatMap(({ alpha, results }) =>
    results.map((each) => ({
      name: `${each.family}, alpha ${alpha}`,
      figure: each.detected,
      unit: 'of held-out traces',
      peer: published[each.family]!,
      asserted: `${each.falseAlarms.toFixed(2)} false alarms a run of ${clean.length} benign traces`,
    })),
  )
  return {
    rows: [...rows, ...evaded],
    byAlpha,
    benign: benign
      .filter(isReal)
      .map(({ capture, features }) => ({ name: capture.name, traces: features.length })),
    evaded,
    unseen: samples.map(unseen),
    campus: {
      traces: campus.length,
      alarms: crossValidate(samples, campus, { runs }).map((each) => each.falseAlarms),
    },
    real,
    runs,
    minCalls,
  }
}

interface CampaignSamples extends FamilySamples {
  /** The same by botnet, each of one build. */
  readonly campaigns: readonly (readonly Features[])[]
}

/** Share of traces found by a model of all other botnets of the family. */
function unseen({ family, campaigns }: CampaignSamples): number {
  const found = campaigns.map((held) => {
    const features = campaigns.filter((each) => each !== held).flat()
    const model = trainFamily({ family, from: ['simulated'], given: features.length, minCalls, features })
    return held.filter((each) => matchFamilies(each, [model]).length > 0).length
  })
  return found.reduce((a, b) => a + b, 0) / campaigns.flat().length
}

/** Traces of the sandbox, by family, to the C&C that the truth names. */
export async function simulatedSamples(seed: number): Promise<CampaignSamples[]> {
  const folder = mkdtempSync(join(tmpdir(), 'gannet-bench-'))
  try {
    const { truth } = await simulate({ scenario: 'family-samples', seed, out: join(folder, 'logs') })
    const store = await openEmbedded(join(folder, 'db'))
    try {
      await importInputs(store, [join(folder, 'logs')])
      const scope = { epoch: 0, from: 0, to: 4e15, internal: parseNetworks(truth.internal) }
      const traces = await distinctTraces(store, scope, { minCalls })
      return callingFamilies.map(({ name }) => {
        const campaigns = truth.botnets
          .filter(({ family }) => family === name)
          .map(({ hosts, cnc }) =>
            traces
              .filter(
                ({ client, servers, serverPort, proto }) =>
                  hosts.includes(client) && cnc.includes(`${servers[0]}:${serverPort}/${proto}`),
              )
              .map((trace) => featuresOf(trace)),
          )
        return { family: name, features: campaigns.flat(), campaigns }
      })
    } finally {
      await store.close()
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const tracesOf = (capture: RealCapture, least = minCalls): Promise<readonly Trace[]> =>
  withCapture(capture, async ({ store, scope }) =>
    (await distinctTraces(store, scope, { minCalls: least })).filter(({ client }) => onSide(capture, client)),
  )

/** A model from one recording of njRAT against the other, both ways. */
async function njrat(): Promise<FamilyMeasures['real']> {
  const names = ['njRAT 001', 'njRAT pcap']
  const recorded: { name: string; own: Trace[] }[] = []
  for (const name of names) {
    const capture = realCaptures.find((each) => each.name === name)!
    const all = await tracesOf(capture, 1)
    recorded.push({
      name,
      own: all.filter(({ servers, serverPort }) => isCnc(capture, servers[0]!, serverPort)),
    })
  }
  return recorded.map(({ name, own }, i) => {
    const other = recorded[1 - i]!
    const trained = own.map((trace) => featuresOf(trace))
    const model =
      trained.length > 0
        ? trainFamily({ family: 'njRAT', from: [name], given: own.length, minCalls: 1, features: trained })
        : null
    const found = other.own.filter((trace) => model && matchFamilies(featuresOf(trace), [model]).length > 0)
    return {
      train: name,
      test: other.name,
      calls: own.map(({ connections }) => connections),
      traces: other.own.length,
      found: found.length,
    }
  })
}

if (import.meta.main) {
  const measured = await measure()
  for (const { name, figure, unit, peer, asserted } of measured.rows)
    console.log([name, figure.toFixed(2), unit, peer ?? '', asserted].join(' | '))
  console.log(JSON.stringify(measured.benign), JSON.stringify(measured.real))
  writePage('families.md', familiesPage(measured, published))
}
