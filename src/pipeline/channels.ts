/** Channels that are no service of their own: data in pings, and what stealers hand over. */
import { icmpChannelsIn, stealersIn } from '../channels/index.ts'
import { icmpFinding, stealerFinding } from '../findings/index.ts'
import { popularityOf } from '../knowledge/index.ts'
import type { Finding } from '../model/finding.ts'
import type { Channels, Whole, Work } from './context.ts'

/** BotMiner's paper has none; its mode leaves them out. */
export async function channelsIn({ store, options }: Work, whole: Whole): Promise<Channels> {
  if (options.mode === 'paper') return { pings: [], stealers: [] }

  const rankOf = (name: string) => popularityOf(name).rank
  return { pings: await icmpChannelsIn(store, whole), stealers: await stealersIn(store, whole, { rankOf }) }
}

export const channelFindings = ({ pings, stealers }: Channels): Finding[] => [
  ...pings.map(icmpFinding),
  ...stealers.map(stealerFinding),
]
