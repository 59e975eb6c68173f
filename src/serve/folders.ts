/** Files that may be imported from a page: those in the folders that whoever started the server named. */
import { readdir, realpath, stat } from 'node:fs/promises'
import { isAbsolute, join, relative, resolve, sep } from 'node:path'
import { UserError } from '../errors.ts'
import type { FolderView } from './work-views.ts'

const mostEntries = 1000
/** Folders within folders that are looked through for links. */
const deepest = 20

const outside = (path: string) =>
  new UserError(
    'option-invalid',
    `${path} is not in a folder that may be imported`,
    'Start gannet serve with --import-from and the folder above it.',
  )

const absent = (path: string, error: unknown) =>
  new UserError('input-missing', `there is no ${path}`, 'Look at the list again.', error)

const isUnder = (folder: string, path: string): boolean => {
  const way = relative(folder, path)
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way))
}

/**
 * The place that a path leads to, its links followed.
 * @throws UserError option-invalid where that is in none of the folders; input-missing.
 */
async function placeOf(folders: readonly string[], path: string): Promise<string> {
  // What lies outside is refused before it is looked at: a reply must not say whether it is there.
  if (
    !isAbsolute(path) ||
    path.includes('\0') ||
    !folders.some((each) => isUnder(resolve(each), resolve(path)))
  )
    throw outside(path)

  const place = await realpath(path).catch((error: unknown) => {
    throw absent(path, error)
  })
  const roots = await Promise.all(folders.map((each) => realpath(each).catch(() => null)))
  if (roots.some((root) => root !== null && isUnder(root, place))) return place
  throw outside(path)
}

/** What is in a folder, by name; hidden files and links to elsewhere are left out. */
export async function folderView(folders: readonly string[], path: string): Promise<FolderView> {
  const place = await placeOf(folders, path)
  const names = (await readdir(place).catch(() => Promise.reject(absent(path, null))))
    .filter((each) => !each.startsWith('.'))
    .toSorted()

  const entries = await Promise.all(
    names.slice(0, mostEntries).map(async (name) => {
      const own = join(resolve(path), name)
      try {
        const found = await stat(await placeOf(folders, own))
        if (!found.isFile() && !found.isDirectory()) return []
        const kind = found.isFile() ? ('file' as const) : ('folder' as const)
        return [
          { name, path: own, kind, bytes: found.isFile() ? found.size : 0, changed: found.mtimeMs * 1000 },
        ]
      } catch {
        return []
      }
    }),
  )

  const above = resolve(path, '..')
  return {
    path: resolve(path),
    above: folders.some((each) => isUnder(resolve(each), above)) ? above : null,
    entries: entries.flat(),
    more: Math.max(0, names.length - mostEntries),
  }
}

/**
 * Paths as they may be imported.
 * @throws UserError where one is outside, is not there, or is a folder with a link that leads out.
 */
export async function importable(folders: readonly string[], paths: readonly string[]): Promise<string[]> {
  const found = []

  for (const path of paths) {
    const place = await placeOf(folders, path)
    await checkLinks(folders, place, deepest)
    found.push(place)
  }

  return found
}

/** An import follows links in folders: none may lead out. */
async function checkLinks(folders: readonly string[], place: string, deep: number): Promise<void> {
  const entries = await readdir(place, { withFileTypes: true }).catch(() => [])
  for (const each of entries) {
    const path = join(place, each.name)
    if (each.isSymbolicLink()) await placeOf(folders, path)
    if (each.isDirectory() && deep > 0) await checkLinks(folders, path, deep - 1)
    if (each.isDirectory() && deep === 0) throw outside(path)
  }
}
