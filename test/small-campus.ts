import { execFile } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const gannet = fileURLToPath(new URL('../gannet', import.meta.url))

/** Logs of 14 hours of a small campus, on which every stage has something to find; written into `out`. */
export async function smallCampus(out: string): Promise<string[]> {
  const size = ['--hosts', '40', '--days', '0.6', '--seed', '3']
  await promisify(execFile)(gannet, ['simulate', '--scenario', 'campus-day', ...size, '--out', out])
  return readdirSync(out).flatMap((file) => (file.endsWith('.log') ? [join(out, file)] : []))
}
