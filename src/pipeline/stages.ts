import type { StageName } from '../model/stage.ts'

/**
 * What each stage makes, in the order in which `analyse.ts` calls them. Stages share nouns (`model/`) and tables
 * (`store/`) and never import each other: `test/architecture.test.ts` takes its list from here.
 */
export const stages: readonly { readonly name: StageName; readonly makes: string }[] = [
  { name: 'capture', makes: 'records of every input, in the tables of model/records.ts' },
  {
    name: 'dns',
    makes:
      'table queried: every name that was looked up; tunnels, fast flux, wildcards, and how bots find their C&C',
  },
  {
    name: 'cflows',
    makes: 'table cflow: all flows of one client to one service in one epoch, as four distributions',
  },
  {
    name: 'activities',
    makes:
      'table activity: hosts that scan, send spam, download programs, attack, look up generated names (the A-plane)',
  },
  { name: 'clusters', makes: 'table ccluster: C-flows with similar traffic (the C-plane)' },
  { name: 'correlations', makes: 'groups of hosts with similar traffic and similar activities' },
  { name: 'structures', makes: 'the topology of each group; relays; members of peer-to-peer overlays' },
  { name: 'channels', makes: 'data in pings; mail and files that stealers hand to a server outside' },
  { name: 'traces', makes: 'beacons, and traces like those of a known family: single hosts' },
  { name: 'threats', makes: 'matches of the user’s threat lists' },
  { name: 'findings', makes: 'findings: a claim, its evidence, its doubts; the ranked hosts and botnets' },
]
