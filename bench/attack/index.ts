/** The attacks, in the order of docs/reliability.md. A new one is one line here. */
import type { Part } from './attempt.ts'

export const parts: readonly Part[] = [
  {
    name: 'kills',
    doc: 'Processes that are killed, disks that are full, files that change while they are read.',
    wanted: {
      '`gannet import`': 500,
      '`gannet analyze`': 100,
      '`gannet watch`': 50,
      '`gannet monitor`': 50,
      '`gannet collect`': 100,
      '`gannet capture`': 100,
      '`gannet serve`': 100,
    },
    run: async (ground) => (await import('./kills.ts')).kills(ground),
  },
  {
    name: 'files',
    doc: 'Files that are made to hang, fill or mislead whoever reads them.',
    wanted: { 'endless lines': 58, 'a folder of tiny files': 100_000 },
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
    wanted: {
      'templates from': 1_000_000,
      'templates without': 1_000_000,
      'data without': 1_000_000,
      'templates that': 1_000_000,
      options: 1_000_000,
      flows: 1_000_000,
      numbering: 1_000_000,
      sFlow: 1_000_000,
    },
    run: async (ground) => (await import('./datagrams.ts')).datagrams(ground),
  },
  {
    name: 'blow-ups',
    doc: 'Records of which one thing is very many.',
    wanted: {
      'random flows': 5_000_000,
      'internal hosts': 100_000,
      'servers of one host': 2_000_000,
      'hosts of one service': 100_000,
      'generated names': 1_000_000,
      epochs: 10_000,
      'hosts that each scan': 100_000,
    },
    run: async (ground) => (await import('./blow-ups.ts')).blowUpsOf(ground),
  },
  {
    name: 'parsers',
    doc: 'Every reader on inputs that are made from a seed and damaged.',
    wanted: { datagrams: 10_000_000, captures: 10_000_000, 'text formats': 10_000_000 },
    code: ['src/capture', 'src/math', 'src/model', 'src/store', 'src/errors.ts', 'package-lock.json'],
    run: async (ground) => (await import('./parsers.ts')).parsers(ground),
  },
  {
    name: 'supply',
    doc: 'What the program is made of, and whom it talks to.',
    wanted: { '`npm audit': 1 },
    run: async (ground) => (await import('./supply.ts')).supply(ground),
  },
]
