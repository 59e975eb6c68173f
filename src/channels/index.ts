/** Channels that are no service of their own: data in pings, and what stealers hand to mail boxes and FTP servers. */
export { type IcmpChannel, icmpChannelsIn } from './icmp.ts'
export { type Stealer, stealersIn } from './stealers.ts'
