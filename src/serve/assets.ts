/**
 * The modules of the pages, straight from where this file is: in a clone the TypeScript sources with their types taken
 * out by Node, in the package the compiled files. No build step stands between.
 */
import { readFile } from 'node:fs/promises'
import { createRequire, stripTypeScriptTypes } from 'node:module'
import { dirname, extname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
/** `.ts` in a clone, `.js` in the package. */
export const extension = extname(import.meta.url)

/** Folders whose modules a browser may have: the pages, and the nouns and words that they share with the reports. */
const open = ['serve/web/', 'model/', 'reports/printable.']

/** Node is given a variant of its own in a folder below; the browser's lies beside that. */
const vendor = dirname(dirname(createRequire(import.meta.url).resolve('lit-html')))
const vendorFiles = /^(?:lit-html|directive|directive-helpers|async-directive|directives\/[a-z-]+)\.js$/

const cache = new Map<string, string>()

/** The text of a module, with packages named by their address here; null where there is none that is open. */
export async function moduleText(path: string): Promise<string | null> {
  const clean = normalize(path)

  if (
    clean !== path ||
    !open.some((each) => clean.startsWith(each)) ||
    !/^[a-z0-9/-]+\.(?:ts|js)$/.test(clean)
  )
    return null

  if (extname(clean) !== extension) return null

  return cached(clean, async () => {
    const source = await readFile(join(root, clean), 'utf8')
    const plain = extension === '.ts' ? stripped(source) : source
    return plain.replace(
      /(from\s*['"])lit-html(\/[a-z/-]+\.js)?(['"])/g,
      (_, before, file = '/lit-html.js', after) => `${before}/vendor/lit-html${file}${after}`,
    )
  })
}

export const vendorText = (path: string): Promise<string | null> =>
  vendorFiles.test(path)
    ? cached(`vendor ${path}`, () => readFile(join(vendor, path), 'utf8'))
    : Promise.resolve(null)

async function cached(key: string, make: () => Promise<string>): Promise<string | null> {
  const found = cache.get(key)
  if (found !== undefined) return found
  const text = await make().catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw error
  })
  if (text !== null) cache.set(key, text)
  return text
}

/** Node says each time that the function may change still; the tests hold what it does here. */
function stripped(source: string): string {
  const { emitWarning } = process
  process.emitWarning = () => {}
  try {
    return stripTypeScriptTypes(source)
  } finally {
    process.emitWarning = emitWarning
  }
}

/** The page that every address of a page gets; what it shows, its script asks for. */
export const shell = (version: string): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="gannet ${version}">
<link rel="icon" href="data:,">
<title>Gannet</title>
<link rel="stylesheet" href="/app/style.css">
<script type="module" src="/app/serve/web/main${extension}"></script></head>
<body><noscript><p>These pages need JavaScript. The addresses with .json and gannet findings --html have the
same answers.</p></noscript>
<div id="app"></div></body></html>
`
