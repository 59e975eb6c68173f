/**
 * Every command, in the order of the help text: what `gannet --help` says of it, and where it is. Only the command
 * that is asked for is loaded; `test/commands.test.ts` holds what is said here to what the command says itself.
 */
import type { Command } from 'commander'

export interface ListedCommand {
  readonly name: string
  readonly alias?: string
  /** Options and arguments, as the help text shows them behind the name. */
  readonly takes: string
  readonly doc: string
  /** What adds the command, with its options and its action, to the program. */
  readonly load: () => Promise<(program: Command) => void>
}

export const commands: readonly ListedCommand[] = [
  {
    name: 'run',
    takes: '[options] <input...>',
    doc: 'import, analyse and print findings: the main command',
    load: async () => (await import('./commands/run-all.ts')).running,
  },
  {
    name: 'import',
    takes: '[options] <input...>',
    doc: 'import records into a database',
    load: async () => (await import('./commands/import.ts')).importing,
  },
  {
    name: 'collect',
    takes: '[options]',
    doc: 'listen for NetFlow, IPFIX and sFlow until interrupted',
    load: async () => (await import('./commands/collect.ts')).collecting,
  },
  {
    name: 'capture',
    takes: '[options] [stream]',
    doc: 'capture packets into a database until interrupted, from an interface or standard input',
    load: async () => (await import('./commands/capture.ts')).capturing,
  },
  {
    name: 'watch',
    takes: '[options] <folder...>',
    doc: 'follow log folders until interrupted and import each new record once',
    load: async () => (await import('./commands/watch.ts')).watching,
  },
  {
    name: 'flows',
    takes: '[options] <input...>',
    doc: 'convert records to a file of flows, without a database',
    load: async () => (await import('./commands/flows.ts')).convertingFlows,
  },
  {
    name: 'profiles',
    takes: '[name]',
    doc: 'list the mapping profiles of tables, or print one as a file',
    load: async () => (await import('./commands/profiles.ts')).showingProfiles,
  },
  {
    name: 'analyze',
    alias: 'analyse',
    takes: '[options]',
    doc: 'analyse a database and print what was found',
    load: async () => (await import('./commands/analyze.ts')).analysing,
  },
  {
    name: 'monitor',
    takes: '<file>',
    doc: 'run as a service: collect, follow folders, analyse, alert and serve, as a file says',
    load: async () => (await import('./monitor/monitor.ts')).monitoring,
  },
  {
    name: 'config',
    takes: '',
    doc: 'check a configuration of gannet monitor',
    load: async () => (await import('./monitor/config-command.ts')).configuring,
  },
  {
    name: 'prune',
    takes: '[options]',
    doc: 'remove the oldest imports, aggregates and findings, by age or by size on disk',
    load: async () => (await import('./commands/prune.ts')).pruning,
  },
  {
    name: 'migrate',
    takes: '[options]',
    doc: 'bring a database of an older version up to date',
    load: async () => (await import('./commands/migrate.ts')).migrating,
  },
  {
    name: 'findings',
    takes: '[options]',
    doc: 'print the newest analysis of a database',
    load: async () => (await import('./commands/results.ts')).asking.findings,
  },
  {
    name: 'threats',
    takes: '[options] <list...>',
    doc: 'match threat lists against an analysed database, without importing or analysing again',
    load: async () => (await import('./commands/results.ts')).asking.threats,
  },
  {
    name: 'show',
    takes: '[options] <host>',
    doc: 'show everything about one host: its findings and what it did',
    load: async () => (await import('./commands/results.ts')).asking.show,
  },
  {
    name: 'rank',
    takes: '[options] [host]',
    doc: 'list external contacts of one host or of all, most suspicious first',
    load: async () => (await import('./commands/results.ts')).asking.rank,
  },
  {
    name: 'evidence',
    takes: '[options] <finding> [number]',
    doc: 'show the evidence of a finding: the list, or the rows behind one piece',
    load: async () => (await import('./commands/results.ts')).asking.evidence,
  },
  {
    name: 'sql',
    takes: '[options] <statement>',
    doc: 'query the database in ClickHouse SQL; prints one JSON object per row',
    load: async () => (await import('./commands/results.ts')).asking.sql,
  },
  {
    name: 'allow',
    takes: '[options] <subject>',
    doc: 'trust a host, service, name, network or owner; findings are ranked again at once',
    load: async () => (await import('./commands/decide.ts')).deciding('allow'),
  },
  {
    name: 'confirm',
    takes: '[options] <subject>',
    doc: 'say that a host is a bot, or that a place is command and control',
    load: async () => (await import('./commands/decide.ts')).deciding('confirm'),
  },
  {
    name: 'note',
    takes: '[options] <subject>',
    doc: 'keep a remark about a host or a place',
    load: async () => (await import('./commands/decide.ts')).deciding('note'),
  },
  {
    name: 'tag',
    takes: '[options] <subject> <tag...>',
    doc: 'give a host, or those that call a place, words to sort them by',
    load: async () => (await import('./commands/decide.ts')).deciding('tag'),
  },
  {
    name: 'decisions',
    takes: '[options]',
    doc: 'list decisions, remove one, import a file, or export them',
    load: async () => (await import('./commands/decide.ts')).listingDecisions,
  },
  {
    name: 'diff',
    takes: '[options]',
    doc: 'list changes since the previous analysis: new, back, raised, lowered, gone',
    load: async () => (await import('./commands/diff.ts')).diffing,
  },
  {
    name: 'serve',
    takes: '[options]',
    doc: 'serve web pages and an HTTP API over a database until interrupted; loopback by default',
    load: async () => (await import('./commands/serve.ts')).serving,
  },
  {
    name: 'train',
    takes: '[options]',
    doc: 'train a model of a bot family on records of samples',
    load: async () => (await import('./commands/train.ts')).training,
  },
  {
    name: 'models',
    takes: '',
    doc: 'list, show, compare and test family models',
    load: async () => (await import('./commands/models.ts')).models,
  },
  {
    name: 'calibrate',
    takes: '[options]',
    doc: 'set the threshold of a folder of models on clean traffic',
    load: async () => (await import('./commands/train.ts')).calibrating,
  },
  {
    name: 'simulate',
    takes: '[options]',
    doc: 'write records of a simulated network with their truth; never traffic',
    load: async () => (await import('./commands/simulate.ts')).simulating,
  },
  {
    name: 'overlay',
    takes: '[options]',
    doc: 'overlay bot records on another network: rewrite their addresses and times; writes records, never traffic',
    load: async () => (await import('./commands/overlay.ts')).overlaying,
  },
  {
    name: 'evaluate',
    takes: '[options]',
    doc: 'compare the newest analysis with the truth; explain each missed bot and each false alarm',
    load: async () => (await import('./commands/evaluate.ts')).evaluating,
  },
  {
    name: 'demo',
    takes: '[options]',
    doc: 'simulate a day of a small campus with botnets, analyse it, print findings and write a report',
    load: async () => (await import('./commands/demo.ts')).demonstrating,
  },
  {
    name: 'completion',
    takes: '<shell>',
    doc: 'print a script that completes commands and options in your shell',
    load: async () => (await import('./commands/completion.ts')).completing,
  },
]
