/** The attacks, in the order of docs/reliability.md. A new one is one line here. */
import type { Part } from './attempt.ts'

export const parts: readonly Part[] = [
  {
    name: 'kills',
    doc: 'Processes that are killed, disks that are full, files that change while they are read.',
    run: async (ground) => (await import('./kills.ts')).kills(ground),
  },
  {
    name: 'files',
    doc: 'Files that are made to hang, fill or mislead whoever reads them.',
    run: async (ground) => (await import('./files.ts')).files(ground),
  },
  {
    name: 'content',
    doc: 'Texts of the network, of lists and of file names, followed to every output.',
    run: async (ground) => (await import('./content.ts')).content(ground),
  },
  {
    name: 'datagrams',
    doc: 'Datagrams of senders that forge, flood and lie.',
    run: async (ground) => (await import('./datagrams.ts')).datagrams(ground),
  },
  {
    name: 'blow-ups',
    doc: 'Records of which one thing is very many.',
    run: async (ground) => (await import('./blow-ups.ts')).blowUpsOf(ground),
  },
  {
    name: 'parsers',
    doc: 'Every reader on inputs that are made from a seed and damaged.',
    run: async (ground) => (await import('./parsers.ts')).parsers(ground),
  },
  {
    name: 'supply',
    doc: 'What the program is made of, and whom it talks to.',
    run: async (ground) => (await import('./supply.ts')).supply(ground),
  },
]
