import type { Columns } from './record.ts'

/** In which C-cluster each C-flow is. BotMiner 2008, section 3.3. */
export const cclusterColumns = {
  analysis: { kind: 'text', doc: 'The analysis it belongs to.' },
  epoch: { kind: 'count', doc: 'Number of the epoch, from 0.' },
  client: { kind: 'address', doc: 'Internal host.' },
  server: { kind: 'address', doc: 'External host.' },
  serverPort: { kind: 'port', doc: 'Port on the server.' },
  proto: { kind: 'word', doc: 'tcp or udp.' },
  coarse: { kind: 'word', doc: 'Coarse cluster: transport and number.' },
  fine: { kind: 'word', doc: 'Fine cluster within the coarse one: transport and two numbers.' },
} as const satisfies Columns
