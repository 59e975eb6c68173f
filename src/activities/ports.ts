/**
 * How much a failed attempt at a port says, as data. SCADE (Gu et al., BotHunter 2007) weighs failures at ports
 * that are often attacked more than others; it published no list, so this one is ours. Every port has its reason.
 */

interface WeighedPort {
  readonly proto: 'tcp' | 'udp'
  readonly port: number
  /** 1: few clients have business there. 0.5: many clients do, and failures are common. */
  readonly weight: number
  readonly why: string
}

const often = (proto: 'tcp' | 'udp', ports: Readonly<Record<number, string>>, weight = 1): WeighedPort[] =>
  Object.entries(ports).map(([port, why]) => ({ proto, port: Number(port), weight, why }))

export const weighedPorts: readonly WeighedPort[] = [
  ...often('tcp', {
    22: 'SSH: password guessing',
    23: 'Telnet: password guessing on devices (Mirai)',
    135: 'Windows RPC: worms',
    139: 'NetBIOS session: worms',
    445: 'SMB: worms (Conficker, WannaCry)',
    873: 'rsync: open shares',
    1025: 'Windows RPC: worms',
    1433: 'SQL Server: password guessing',
    1521: 'Oracle: password guessing',
    2323: 'Telnet on devices (Mirai)',
    2375: 'Docker without a password',
    2967: 'Symantec: worms (Rinbot)',
    3306: 'MySQL: password guessing',
    3389: 'Remote desktop: password guessing',
    5432: 'PostgreSQL: password guessing',
    5555: 'Android debugging: worms',
    5900: 'VNC: password guessing',
    5985: 'Windows remote management',
    6379: 'Redis without a password',
    7547: 'TR-069: router worms',
    8291: 'MikroTik: router worms',
    9200: 'Elasticsearch without a password',
    27017: 'MongoDB without a password',
    37215: 'Huawei routers (Satori)',
    52869: 'UPnP of Realtek devices (Satori)',
  }),
  ...often(
    'tcp',
    {
      21: 'FTP: attacked, and ordinary',
      25: 'mail between servers: see the spam rule',
      53: 'DNS',
      80: 'web: attacked, and ordinary',
      110: 'mail boxes',
      143: 'mail boxes',
      443: 'web: attacked, and ordinary',
      465: 'mail submission',
      587: 'mail submission',
      993: 'mail boxes',
      8080: 'web: attacked, and ordinary',
    },
    0.5,
  ),
  ...often('udp', {
    137: 'NetBIOS names: worms look for neighbours',
    161: 'SNMP: guessed community names',
    1434: 'SQL Server: the Slammer worm',
    5060: 'SIP: telephone fraud',
    11211: 'memcached: amplifiers',
  }),
  ...often('udp', { 53: 'DNS', 123: 'NTP', 1900: 'SSDP', 443: 'QUIC' }, 0.5),
]

/** Weight of every other port. Peer-to-peer programs fail there all day. */
export const otherPortWeight = 0.25
