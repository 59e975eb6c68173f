/** What becomes of a frame, and the numbers of what is carried in IP. */

/** Why a frame gave no packet; 0 when it gave one. */
export const verdict = {
  packet: 0,
  notIp: 1,
  truncated: 2,
  badField: 3,
  unsupported: 4,
  badTime: 5,
  /** A later fragment of a packet whose first told what it carries, and so counted in full. */
  counted: 6,
} as const
export type Verdict = (typeof verdict)[keyof typeof verdict]

export const protocol = {
  icmp: 1,
  igmp: 2,
  ipip: 4,
  tcp: 6,
  udp: 17,
  ipv6: 41,
  gre: 47,
  esp: 50,
  ah: 51,
  etherip: 97,
  l2tp: 115,
  mpls: 137,
  icmp6: 58,
  sctp: 132,
  udplite: 136,
  dccp: 33,
} as const
