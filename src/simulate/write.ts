/** Records to logs on disk. */
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { UserError } from '../errors.ts'
import type { Truth } from '../model/truth.ts'
import type { Exchange } from './exchange.ts'
import { recordsOf } from './records.ts'
import type { Scenario } from './scenario.ts'
import type { Size } from './scenarios/scaled.ts'
import { spread } from './timeline.ts'
import { argusHeader, argusLines } from './writers/argus.ts'
import { zeekFooter, zeekLogs } from './writers/zeek.ts'

export const formats = ['zeek', 'argus'] as const
export type SimulatedFormat = (typeof formats)[number]

export interface Simulation extends Size {
  /** Its name, or its data. */
  readonly scenario: string | Scenario
  readonly seed: number
  readonly bots?: boolean
  readonly format?: SimulatedFormat
  /** Folder, made where it does not exist. */
  readonly out: string
}

export interface Simulated {
  /** Paths of the logs and of truth.json. */
  readonly files: readonly string[]
  /** Connections written. */
  readonly flows: number
  readonly truth: Truth
}

/**
 * Writes the logs of a scenario and its `truth.json`. Same scenario, seed and options: same bytes.
 *
 * @throws UserError `scenario-invalid`, `option-invalid`; `output-failed` where the folder cannot be written.
 */
export async function simulate({
  scenario,
  seed,
  bots = true,
  format = 'zeek',
  out,
  ...size
}: Simulation): Promise<Simulated> {
  if (!formats.includes(format))
    throw new UserError(
      'option-invalid',
      `cannot simulate in the format ${format}`,
      `Use one of: ${formats.join(', ')}.`,
    )

  const { records, truth, authorities } = recordsOf(scenario, seed, {
    ...size,
    bots,
    order: format === 'zeek' ? 'by-end' : 'by-start',
  })

  return {
    ...(await writeRecords(records, { truth, out, format, authorities: authorities ?? false })),
    truth,
  }
}

/**
 * Writes records that are in the order of their format (Zeek by end, Argus by start), and their truth.
 *
 * @throws UserError `output-failed` where the folder cannot be written.
 */
export async function writeRecords(
  records: Iterable<Exchange>,
  {
    truth,
    out,
    format,
    authorities = false,
  }: { truth: Truth; out: string; format: SimulatedFormat; authorities?: boolean },
): Promise<Pick<Simulated, 'files' | 'flows'>> {
  try {
    await mkdir(out, { recursive: true })
    const written =
      format === 'zeek'
        ? await writeZeek(records, { truth, out, authorities })
        : await writeArgus(records, out)

    const truthFile = join(out, 'truth.json')
    await writeFile(truthFile, `${JSON.stringify(truth, null, 2)}\n`)
    return { files: [...written.files, truthFile], flows: written.flows }
  } catch (cause) {
    if (cause instanceof Error && 'syscall' in cause) {
      throw new UserError(
        'output-failed',
        `cannot write to ${out}: ${cause.message}`,
        'Choose a folder with write permission and free space.',
        cause,
      )
    }
    throw cause
  }
}

interface Sink {
  add(text: string): Promise<void> | undefined
  close(): Promise<void>
}

const block = 1 << 16

/** Text to a file in blocks, waiting when the disk is slower than we are. */
async function sink(path: string): Promise<Sink> {
  const stream = createWriteStream(path)
  await once(stream, 'open')
  let held = ''
  const flush = async () => {
    const text = held
    held = ''
    if (!stream.write(text)) await once(stream, 'drain')
  }

  return {
    add: (text) => {
      held += text
      return held.length < block ? undefined : flush()
    },
    close: async () => {
      const finished = once(stream, 'finish')
      stream.end(held)
      await finished
    },
  }
}

async function writeZeek(
  records: Iterable<Exchange>,
  { truth, out, authorities }: { truth: Truth; out: string; authorities: boolean },
) {
  const logs = zeekLogs(truth.from, localTo(truth.internal), authorities)
  const files = logs.map(({ file }) => join(out, file))
  const sinks = await Promise.all(files.map(sink))
  for (const [i, { header }] of logs.entries()) await sinks[i]?.add(header)
  let flows = 0

  for (const each of records) {
    flows++
    for (const [i, log] of logs.entries()) {
      const text = log.lines(each)
      if (text === '') continue
      const pause = sinks[i]?.add(text)
      if (pause) await pause
    }
  }

  for (const each of sinks) {
    await each.add(zeekFooter(truth.to))
    await each.close()
  }

  return { files, flows }
}

/** The internal networks of scenarios are /16s. */
function localTo(internal: readonly string[]) {
  const prefixes = internal.map((network) => `${network.split('.').slice(0, 2).join('.')}.`)
  return (address: string) => prefixes.some((prefix) => address.startsWith(prefix))
}

async function writeArgus(records: Iterable<Exchange>, out: string) {
  const file = join(out, 'flows.binetflow')
  const to = await sink(file)
  await to.add(argusHeader)
  let flows = 0

  const counted = function* () {
    for (const each of records) {
      flows++
      yield each
    }
  }

  for (const line of spread(counted(), argusLines)) {
    const pause = to.add(line)
    if (pause) await pause
  }

  await to.close()

  return { files: [file], flows }
}
