/**
 * Two-step X-means beside scikit-learn's BisectingKMeans told the same K: `node bench/speed/xmeans.ts`.
 *
 * Seeded points of the size of BotMiner's Day 4: 240,000 in 1,500 groups of uneven size and spread, 8 columns for the
 * coarse step and 52 for the fine one. Both sides read the same bytes. GANNET_BENCH_POINTS takes fewer, and
 * GANNET_BENCH_PYTHON names the interpreter; without scikit-learn the peer's rows are left out and say so.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Points, takeRows } from '../../src/math/points.ts'
import { seeded } from '../../src/math/random.ts'
import { xmeans } from '../../src/math/xmeans.ts'
import type { Row } from './import.ts'

const count = Number(process.env['GANNET_BENCH_POINTS'] ?? 240_000)
const groups = Math.max(2, Math.round(count / 160))
const python = process.env['GANNET_BENCH_PYTHON'] ?? 'python3'

interface Result {
  /** Clusters of the coarse step, and of the fine steps together. */
  readonly coarse: number
  readonly fine: number
  /** Sum of squared distances to the own centre, a point. */
  readonly coarseInertia: number
  readonly fineInertia: number
  /** Seconds of processor time. */
  readonly coarseSeconds: number
  readonly fineSeconds: number
}

export async function run(): Promise<Row[]> {
  const { wide, narrow, truth, spread } = made()
  const small = takeRows(
    narrow,
    Int32Array.from({ length: Math.min(count, 5000) }, (_, i) => i),
  )
  if (!sameLabels(xmeans(small).labels, xmeans(small).labels)) throw new Error('X-means is not deterministic')
  const { labels, ...ours } = twoStep(narrow, wide)
  const purity = purityOf(labels, truth)
  if (
    ours.coarse < 0.9 * groups ||
    ours.coarse > 1.1 * groups ||
    purity < 0.95 ||
    ours.coarseInertia > 1.2 * spread
  ) {
    throw new Error(
      `${ours.coarse} clusters of ${groups}, purity ${purity}, inertia ${ours.coarseInertia} of ${spread}`,
    )
  }
  const peer = peerOn(narrow, wide, { labels, fine: ours.fineSizes })
  const asserted = `${ours.coarse} clusters of ${groups} groups, purity ${purity.toFixed(3)}, inertia within 20 % of the truth's`
  return [
    ...rowsOf(
      'coarse',
      { asserted, width: 8, k: ours.coarse, seconds: ours.coarseSeconds, inertia: ours.coarseInertia },
      peer?.[0],
    ),
    ...rowsOf(
      'fine',
      { asserted, width: 52, k: ours.fine, seconds: ours.fineSeconds, inertia: ours.fineInertia },
      peer?.[1],
    ),
  ]
}

interface Step {
  readonly asserted: string
  readonly width: number
  readonly k: number
  readonly seconds: number
  readonly inertia: number
}

type PeerStep = { readonly seconds: number; readonly inertia: number }

function rowsOf(
  step: string,
  { asserted, width, k, seconds, inertia }: Step,
  peer: PeerStep | undefined,
): Row[] {
  const name = `xmeans ${step} ${count}×${width}, K=${k}`
  const source = peer ? 'BisectingKMeans told the same K' : 'none: scikit-learn is absent'
  const ratio = (own: number, theirs?: number) => (theirs === undefined ? {} : { ratio: own / theirs })
  return [
    {
      name: `${name}, time`,
      figure: seconds,
      unit: 's of processor',
      ...ratio(seconds, peer?.seconds),
      peer: source,
      asserted,
    },
    {
      name: `${name}, inertia`,
      figure: inertia,
      unit: 'a point',
      ...ratio(inertia, peer?.inertia),
      peer: source,
      asserted,
    },
  ]
}

/** Groups drawn with the square of a uniform number, so that the first is some forty times the middle one. */
function made() {
  const random = seeded(7)
  const truth = new Int32Array(count)
  for (let i = 0; i < count; i++) {
    const u = random.next()
    truth[i] = Math.floor(groups * u * u)
  }
  const narrow = around(truth, 8)
  const wide = around(truth, 52)
  return { narrow: narrow.points, wide: wide.points, truth, spread: narrow.spread }
}

/** Points about their groups' centres, and the mean squared distance to those. */
function around(truth: Int32Array, width: number): { points: Points; spread: number } {
  const random = seeded('bench').split(width)
  const centers = Float64Array.from({ length: groups * width }, () => random.normal(0, 4))
  const spreads = Float64Array.from({ length: groups }, () => random.logNormal(Math.log(0.5), 0.5))
  const values = new Float64Array(count * width)
  let sum = 0
  for (let i = 0; i < count; i++) {
    const group = truth[i]!
    for (let d = 0; d < width; d++) {
      const off = random.normal(0, spreads[group]!)
      values[i * width + d] = centers[group * width + d]! + off
      sum += off * off
    }
  }
  return { points: { values, width }, spread: sum / count }
}

const processorSeconds = () => process.cpuUsage().user / 1e6

function twoStep(narrow: Points, wide: Points): Result & { labels: Int32Array; fineSizes: number[] } {
  const begun = processorSeconds()
  const first = xmeans(narrow)
  const between = processorSeconds()
  const members = Array.from(first.sizes, () => [] as number[])
  first.labels.forEach((label, i) => {
    members[label]!.push(i)
  })
  let inertia = 0
  const fineSizes: number[] = []
  for (const rows of members) {
    const second = xmeans(takeRows(wide, rows))
    inertia += second.inertia
    fineSizes.push(second.sizes.length)
  }
  return {
    labels: first.labels,
    fineSizes,
    coarse: first.sizes.length,
    fine: fineSizes.reduce((sum, k) => sum + k, 0),
    coarseInertia: first.inertia / count,
    fineInertia: inertia / count,
    coarseSeconds: between - begun,
    fineSeconds: processorSeconds() - between,
  }
}

/** Share of points whose cluster is mostly of their own group. */
function purityOf(labels: Int32Array, truth: Int32Array): number {
  const tallies = new Map<number, Map<number, number>>()
  labels.forEach((label, i) => {
    const tally = tallies.get(label) ?? new Map<number, number>()
    tallies.set(label, tally.set(truth[i]!, (tally.get(truth[i]!) ?? 0) + 1))
  })
  return [...tallies.values()].reduce((sum, tally) => sum + Math.max(...tally.values()), 0) / labels.length
}

const sameLabels = (a: Int32Array, b: Int32Array) => a.every((label, i) => label === b[i])

const script = `
import json, sys, time
import numpy as np
from sklearn.cluster import BisectingKMeans
folder, count = sys.argv[1], int(sys.argv[2])
read = lambda name, kind: np.fromfile(f"{folder}/{name}", dtype=kind)
narrow, wide = (read(n, np.float64).reshape(count, -1) for n in ("narrow", "wide"))
labels, ks = read("labels", np.int32), read("fine", np.int32)
def step(jobs):
    begun, inertia = time.process_time(), 0.0
    for points, k in jobs:
        inertia += BisectingKMeans(n_clusters=int(k), random_state=1, n_init=1).fit(points).inertia_
    return {"seconds": time.process_time() - begun, "inertia": inertia / count}
order = np.argsort(labels, kind="stable")
parts = np.split(order, np.cumsum(np.bincount(labels))[:-1])
print(json.dumps([step([(narrow, len(ks))]), step([(wide[rows], k) for rows, k in zip(parts, ks)])]))
`

/** The peer on one core, on the same points and, in the fine step, inside our coarse clusters. */
function peerOn(
  narrow: Points,
  wide: Points,
  ours: { labels: Int32Array; fine: number[] },
): [PeerStep, PeerStep] | undefined {
  const present = spawnSync(python, ['-c', 'import sklearn'])
  if (present.status !== 0) return undefined
  const folder = mkdtempSync(join(tmpdir(), 'gannet-xmeans-'))
  try {
    writeFileSync(join(folder, 'narrow'), narrow.values)
    writeFileSync(join(folder, 'wide'), wide.values)
    writeFileSync(join(folder, 'labels'), ours.labels)
    writeFileSync(join(folder, 'fine'), Int32Array.from(ours.fine))
    const env = { ...process.env, OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1' }
    const { status, stdout, stderr } = spawnSync(python, ['-c', script, folder, String(count)], {
      env,
      encoding: 'utf8',
    })
    if (status !== 0) throw new Error(`scikit-learn failed: ${stderr}`)
    return JSON.parse(stdout)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

if (import.meta.main) for (const row of await run()) console.log(JSON.stringify(row))
