/** Captures that flows were read from, where they are at hand still, cut to those flows. */
import { existsSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { contentOf } from '../capture/import/known-content.ts'
import { createContents } from '../capture/import/known-contents.ts'
import { openInput } from '../capture/input.ts'
import { type Cut, cutCapture, type WantedFlow } from '../capture/pcap/cut-capture.ts'
import { UserError } from '../errors.ts'
import { type LedgerRow, ledger } from '../store/ledger.ts'
import type { Store } from '../store/store.ts'

/** Where captures may be. */
export interface CapturePlaces {
  /** Folders in which a capture that is not where it was imported from is looked for, by its name. */
  readonly folders: readonly string[]
  /** Captures of the same traffic, to be cut in place of those that were imported. */
  readonly files: readonly string[]
}

export interface CutFile {
  /** The capture, as it was imported or named. */
  readonly from: string
  /** File of the pack; null where there is none. */
  readonly file: string | null
  readonly packets: number
  /** What a reader should know of it; empty where nothing. */
  readonly remark: string
}

/** Bytes of one cut at most, and of all cuts of a pack: an archive of theirs ends at 4 GiB. */
const most = { each: 2 ** 30, all: 3 * 2 ** 30 }
/** Another sensor's clock and idea of a flow's end may differ by this many microseconds. */
const otherSensor = 2e6

/** Cuts what can be cut into `folder`. @throws UserError for a capture that was named and cannot be read. */
export async function cutCaptures(
  store: Store,
  { flows, loads }: { readonly flows: readonly WantedFlow[]; readonly loads: readonly string[] },
  { places, folder, comment }: { places: CapturePlaces; folder: string; comment: string },
): Promise<CutFile[]> {
  const room = { left: most.all }
  if (places.files.length > 0) {
    const cuts: CutFile[] = []
    for (const [i, path] of places.files.entries())
      cuts.push(
        await cutTo(path, { flows, folder, comment, slack: otherSensor, number: i, from: path, room }),
      )
    return cuts
  }

  const inputs = (await ledger(store)).filter(({ load, format }) => loads.includes(load) && isCapture(format))
  const cuts: CutFile[] = []

  for (const [i, input] of inputs.entries()) {
    const path = await atHand(input, places.folders)
    cuts.push(
      path === null
        ? { from: input.name, file: null, packets: 0, remark: 'not available, or its content has changed' }
        : await cutTo(path, { flows, folder, comment, slack: 0, number: i, from: input.name, room }),
    )
  }

  return cuts
}

const isCapture = (format: string): boolean => format === 'pcap' || format === 'pcapng'

/** Where the content of an input is; null where it is nowhere. */
async function atHand({ name, sha256 }: LedgerRow, folders: readonly string[]): Promise<string | null> {
  const paths = [resolve(name), ...folders.map((folder) => join(folder, basename(name)))]
  for (const path of new Set(paths)) {
    if (!existsSync(path)) continue
    try {
      const input = await openInput(path)
      const { content } = await contentOf(input.bytes(true), createContents())
      if (content.sha256 === sha256) return path
    } catch (error) {
      if (!(error instanceof UserError)) throw error
    }
  }
  return null
}

interface Cutting {
  readonly flows: readonly WantedFlow[]
  readonly folder: string
  readonly comment: string
  readonly slack: number
  readonly number: number
  readonly from: string
  /** Bytes that the cuts of the pack may still have. */
  readonly room: { left: number }
}

async function cutTo(path: string, cutting: Cutting): Promise<CutFile> {
  const { flows, folder, comment, slack, number, from, room } = cutting
  const file = number === 0 ? 'packets.pcapng' : `packets-${number + 1}.pcapng`
  const bytes = Math.min(most.each, room.left)
  const cut = await cutCapture(path, flows, { out: join(folder, file), comment, slack, most: bytes })
  room.left -= cut.bytes
  return { from, file, packets: cut.packets, remark: remarkOf(cut) }
}

function remarkOf({ over, damage }: Cut): string {
  const notes = [
    ...(over > 0 ? [`${over} more packets were left out: a cut may have 1 GiB, all of a pack 3 GiB`] : []),
    ...(damage === null ? [] : [`the capture could be read up to ${damage} only`]),
  ]
  return notes.join('; ')
}
