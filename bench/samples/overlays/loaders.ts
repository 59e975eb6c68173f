/** Bank Trojans and loaders: lists of bare addresses, TLS with certificates of their own. */
import { between, inventedName } from './draw.ts'
import { type Profile, rented } from './profile.ts'

export const loaderProfiles: readonly Profile[] = [
  {
    family: 'emotet',
    source:
      'https://attack.mitre.org/software/S0367/ (POST to a list of bare addresses on 80, 443, 7080, 8080, each 15 minutes or so)',
    draw: (random) => ({
      port: random.pick([80, 443, 7080, 8080, 990, 50000]),
      speaks: 'http',
      name: null,
      servers: 1 + random.integer(8),
      sleep: random.pick([60, 300, 900]),
      jitter: 0.3,
      sent: between(random, 500, 1500),
      received: between(random, 200, 3000),
      posts: 0.9,
      failing: random.pick([0, 0.3, 0.6]),
      padding: 0.4,
    }),
  },
  {
    family: 'trickbot',
    source:
      'https://attack.mitre.org/software/S0266/ (TLS with self-signed certificates to bare addresses on 443, 447, 449)',
    draw: (random) => ({
      port: random.pick([443, 447, 449, 449]),
      speaks: 'tls',
      name: null,
      servers: 1 + random.integer(5),
      sleep: random.pick([60, 600, 1200]),
      jitter: 0.2,
      sent: between(random, 600, 2000),
      received: between(random, 1500, 6000),
      selfSigned: true,
      failing: random.pick([0, 0.4]),
    }),
  },
  {
    family: 'qakbot',
    source:
      'https://attack.mitre.org/software/S0650/ (TLS to bare addresses of homes on 443, 995, 2222, 32100; every few minutes)',
    draw: (random) => ({
      port: random.pick([443, 443, 995, 2222, 993, 32100, 465]),
      speaks: 'tls',
      name: null,
      servers: 1 + random.integer(3),
      sleep: random.pick([180, 300, 600]),
      jitter: random.pick([0.1, 0.4]),
      drawn: 'bell',
      sent: between(random, 600, 2500),
      received: between(random, 500, 3000),
      ownClient: random.next() < 0.4,
      padding: 0.4,
    }),
  },
  {
    family: 'icedid',
    source:
      'https://attack.mitre.org/software/S0483/ (TLS to cheap names every 5 minutes; self-signed for localhost)',
    draw: (random) => ({
      ...rented(random),
      port: 443,
      speaks: 'tls',
      name: inventedName(random, ['top', 'xyz', 'club', 'pw', 'website', 'space', 'com']),
      sleep: random.pick([300, 300, 600]),
      jitter: 0.1,
      sent: between(random, 700, 1800),
      received: between(random, 1200, 4000),
      selfSigned: random.next() < 0.7,
    }),
  },
  {
    family: 'dridex',
    source:
      'https://attack.mitre.org/software/S0384/ (TLS to bare addresses on odd ports, certificates of its own)',
    draw: (random) => ({
      port: random.pick([443, 453, 3443, 4143, 8443, 691, 9676]),
      speaks: 'tls',
      name: null,
      servers: 1 + random.integer(4),
      sleep: between(random, 20, 300),
      jitter: 0.4,
      sent: between(random, 1000, 5000),
      received: between(random, 1500, 20_000),
      selfSigned: true,
      padding: 1,
    }),
  },
]
