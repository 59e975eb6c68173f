/** What the command compiles, kept on disk for the next time: most of the time of a small job is that. */
import { enableCompileCache } from 'node:module'
import { homedir } from 'node:os'
import { join } from 'node:path'

/**
 * Has Node keep compiled code in the user's own cache folder, where nobody else can write, and not in the common
 * temporary one. Where that cannot be written, all is compiled each time; NODE_DISABLE_COMPILE_CACHE=1 asks for that.
 */
export function keepCompiled(): void {
  enableCompileCache(join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'gannet', 'compiled'))
}
