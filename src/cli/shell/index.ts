/** What a shell and man(1) are told of the commands. */

import { bashScript } from './bash.ts'
import { fishScript } from './fish.ts'
import type { OutlinedCommand } from './outline.ts'
import { zshScript } from './zsh.ts'

export { manPage } from './man.ts'
export { outlineOf, underHeadings } from './outline.ts'

export const shells = { bash: bashScript, zsh: zshScript, fish: fishScript } as const satisfies Readonly<
  Record<string, (program: OutlinedCommand) => string>
>
