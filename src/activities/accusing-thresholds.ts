import type { Severity } from '../model/finding.ts'

export interface Line {
  /** Multiple of the rule's line that accuses. */
  readonly score: number
  /** Instead, where all ports are ones that few clients have business at (weight 1 in ports.ts). */
  readonly scoreOnRarePorts?: number
  readonly severity: Severity
  /** From this many targets on the severity is high. */
  readonly highTargets?: number
  /** How sure the line itself makes us; 0.5 if absent. */
  readonly sureness?: number
  readonly doubts: readonly [string, ...string[]]
}

export const scanners = 'A vulnerability scanner or an inventory tool of the site does the same on purpose.'
const lostNetwork = 'Servers that are down, or a firewall that drops silently, make an honest client look so.'

export const lines: Readonly<Record<string, Line>> = {
  'horizontal-scan': {
    score: 3,
    scoreOnRarePorts: 2,
    severity: 'medium',
    highTargets: 1000,
    doubts: [scanners, lostNetwork],
  },
  'vertical-scan': { score: 2, severity: 'medium', doubts: [scanners] },
  'subnet-sweep': {
    score: 3,
    severity: 'medium',
    highTargets: 1000,
    doubts: [scanners, 'Printer and device discovery sweeps a network too.'],
  },
  'icmp-sweep': {
    score: 3,
    severity: 'low',
    doubts: [scanners, 'Some programs ping every peer that they know.'],
  },
  'failed-connections': {
    score: 3,
    scoreOnRarePorts: 2,
    severity: 'medium',
    highTargets: 1000,
    doubts: [scanners, lostNetwork],
  },
  'scan-rate': { score: 3, severity: 'medium', highTargets: 1000, doubts: [scanners] },
  flood: {
    score: 3,
    severity: 'high',
    doubts: ['A load test, or a program that retries without pause, does the same.'],
  },
  'reported-scan': {
    score: 5,
    severity: 'low',
    sureness: 0.4,
    doubts: [scanners, 'Peer-to-peer programs set off the same notices.'],
  },
  'many-mail-servers': {
    score: 3,
    severity: 'high',
    doubts: [
      'A mail server or newsletter program that receives no mail itself looks the same; name it with --mail-servers.',
    ],
  },
  'mx-queries': {
    score: 5,
    severity: 'medium',
    doubts: ['A program that checks mail addresses asks the same questions.'],
  },
  'reported-exploit': {
    score: 3,
    severity: 'medium',
    doubts: ['The signature may be wrong; look at what the alert matched.'],
  },
  'password-guessing': {
    score: 3,
    severity: 'medium',
    sureness: 0.4,
    doubts: ['A script that logs in again and again looks the same in flows.'],
  },
  'nxdomain-count': {
    score: 3,
    severity: 'high',
    doubts: ['A crawler of old links, or a tool that tests names, asks for many that do not exist.'],
  },
  'dga-score': {
    score: 2,
    severity: 'high',
    sureness: 0.7,
    doubts: [
      'Names of one country or trade can look drawn to one who does not read them; so do dead links of a crawler.',
      'A blocker that answers NXDOMAIN makes the names of advertising and tracking fail.',
    ],
  },
}
