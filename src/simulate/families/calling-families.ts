export interface Range {
  readonly from: number
  readonly to: number
}

/** One build of a bot. Bytes are payload. */
export interface Version {
  readonly port: number
  /** Seconds between calls. */
  readonly period: number
  /** Each interval is off by up to this share. */
  readonly jitter: number
  readonly up: Range
  readonly down: Range
  readonly seconds: Range
}

export interface CallingFamily {
  readonly name: string
  readonly doc: string
  /** What is published and was at hand, and where; the rest of the entry is assumed. */
  readonly sourced: string
  /** One in this many calls brings an order, with up to `orderBytes` more from the server. */
  readonly orders: number
  readonly orderBytes: number
  /** Share of calls that nobody answers. */
  readonly failing: number
  readonly versions: readonly Version[]
}

const range = (from: number, to: number): Range => ({ from, to })

export const callingFamilies: readonly CallingFamily[] = [
  {
    name: 'Banbra',
    doc: 'Thief of bank passwords; asks for its settings at regular intervals.',
    sourced: 'BotFinder: found best of the six. No description of its behaviour was available.',
    orders: 0.01,
    orderBytes: 600,
    failing: 0.005,
    versions: [
      {
        port: 80,
        period: 900,
        jitter: 0.03,
        up: range(300, 320),
        down: range(480, 520),
        seconds: range(0.5, 0.8),
      },
      {
        port: 80,
        period: 1200,
        jitter: 0.03,
        up: range(340, 360),
        down: range(480, 520),
        seconds: range(0.5, 0.8),
      },
    ],
  },
  {
    name: 'Bifrose',
    doc: 'Remote control that each herder builds with a port and a pause of his own.',
    sourced: 'Port 81, by a figure of the BotFinder paper; found worst of the six.',
    orders: 0.15,
    orderBytes: 20_000,
    failing: 0.3,
    versions: [
      { port: 81, period: 60, jitter: 0.9, up: range(150, 900), down: range(20, 300), seconds: range(2, 90) },
      {
        port: 81,
        period: 300,
        jitter: 0.7,
        up: range(150, 2500),
        down: range(20, 300),
        seconds: range(5, 200),
      },
      {
        port: 2000,
        period: 30,
        jitter: 0.5,
        up: range(200, 400),
        down: range(20, 60),
        seconds: range(1, 12),
      },
      {
        port: 81,
        period: 900,
        jitter: 0.6,
        up: range(100, 5000),
        down: range(20, 2000),
        seconds: range(1, 300),
      },
    ],
  },
  {
    name: 'Blackenergy',
    doc: 'Denial of service; posts its identity; the server says what to attack and how long to wait.',
    sourced:
      'HTTP POST with a bot and a build id: Nazario, "BlackEnergy DDoS bot ' +
      'analysis", 2007. Recalled, not checked: the server says how many minutes to wait.',
    orders: 0.08,
    orderBytes: 300,
    failing: 0.04,
    versions: [
      {
        port: 80,
        period: 600,
        jitter: 0.04,
        up: range(260, 290),
        down: range(260, 300),
        seconds: range(0.3, 0.9),
      },
      {
        port: 80,
        period: 300,
        jitter: 0.06,
        up: range(260, 290),
        down: range(270, 420),
        seconds: range(0.3, 0.9),
      },
      {
        port: 80,
        period: 1800,
        jitter: 0.1,
        up: range(280, 330),
        down: range(240, 700),
        seconds: range(0.3, 2),
      },
      {
        port: 8080,
        period: 60,
        jitter: 0.25,
        up: range(260, 290),
        down: range(260, 300),
        seconds: range(0.3, 3),
      },
    ],
  },
  {
    name: 'Dedler',
    doc: 'Relay for spam; reports what it sent.',
    sourced: 'BotFinder: found second worst. No description of its behaviour was available.',
    orders: 0.2,
    orderBytes: 6000,
    failing: 0.1,
    versions: [
      {
        port: 80,
        period: 240,
        jitter: 0.35,
        up: range(200, 1400),
        down: range(200, 1000),
        seconds: range(0.5, 6),
      },
      {
        port: 80,
        period: 120,
        jitter: 0.5,
        up: range(200, 600),
        down: range(300, 3000),
        seconds: range(0.5, 10),
      },
      {
        port: 8080,
        period: 420,
        jitter: 0.3,
        up: range(700, 2600),
        down: range(150, 400),
        seconds: range(0.5, 5),
      },
    ],
  },
  {
    name: 'Pushdo',
    doc: 'Fetches other bots, most of all one that sends spam.',
    sourced: 'A downloader over HTTP that is known for Cutwail; no interval was available.',
    orders: 0.06,
    orderBytes: 40_000,
    failing: 0.05,
    versions: [
      {
        port: 80,
        period: 1200,
        jitter: 0.15,
        up: range(330, 420),
        down: range(180, 260),
        seconds: range(0.4, 1.6),
      },
      {
        port: 80,
        period: 600,
        jitter: 0.2,
        up: range(330, 420),
        down: range(200, 500),
        seconds: range(0.4, 2),
      },
      {
        port: 443,
        period: 1800,
        jitter: 0.15,
        up: range(700, 900),
        down: range(2200, 2900),
        seconds: range(0.6, 2),
      },
    ],
  },
  {
    name: 'Sasfis',
    doc: 'Fetches and runs what its server names, and comes back after the pause that the answer states.',
    sourced:
      'HTTP GET to port 80, then again and again: Fortinet, "Analyzing Sasfis botnet communications", 2010.',
    orders: 0.04,
    orderBytes: 200,
    failing: 0.03,
    versions: [
      {
        port: 80,
        period: 900,
        jitter: 0.06,
        up: range(180, 215),
        down: range(250, 300),
        seconds: range(0.3, 1),
      },
      {
        port: 80,
        period: 1800,
        jitter: 0.08,
        up: range(180, 215),
        down: range(250, 340),
        seconds: range(0.3, 1),
      },
    ],
  },
]
