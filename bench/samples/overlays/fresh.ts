/**
 * Programs that no weight was fitted on and no feature was made for: families and software that the other profiles do
 * not have, written down from public descriptions after the fit. For `bench -- fresh-behaviours` alone.
 */
import { between, inventedName } from './draw.ts'
import { dynamic, named, type Profile, rented, suffixes } from './profile.ts'

const own = ['com', 'net', 'org', 'de', 'fr', 'eu', 'io']

export const freshImplants: readonly Profile[] = [
  {
    family: 'brute-ratel',
    source:
      'https://attack.mitre.org/software/S1063/ (HTTPS, sleep 60 s with 30 % of jitter, a name of its own)',
    draw: (random) => ({
      ...rented(random),
      port: 443,
      speaks: 'tls',
      name: inventedName(random, suffixes),
      sleep: 60,
      jitter: 0.3,
      drawn: 'around',
      sent: between(random, 600, 1500),
      received: between(random, 300, 900),
      tasks: 0.03,
    }),
  },
  {
    family: 'pikabot',
    source:
      'https://attack.mitre.org/software/S1145/ (HTTPS POST to bare addresses on ports such as 2078, 2967, 13720)',
    draw: (random) => ({
      ...rented(random),
      port: random.pick([2078, 2967, 13_720, 5938, 2226, 23_399]),
      speaks: 'tls',
      name: null,
      servers: random.pick([1, 3]),
      sleep: between(random, 60, 240),
      jitter: 0.4,
      sent: between(random, 900, 3000),
      received: between(random, 300, 900),
      selfSigned: true,
    }),
  },
  {
    family: 'darkgate',
    source:
      'https://attack.mitre.org/software/S1111/ (HTTP POST every few seconds, ports such as 2351, 9999, 8094)',
    draw: (random) => ({
      ...rented(random),
      port: random.pick([2351, 9999, 8094, 80]),
      speaks: 'http',
      name: named(random),
      sleep: between(random, 8, 40),
      jitter: 0.2,
      sent: between(random, 250, 700),
      received: between(random, 150, 400),
      posts: 1,
    }),
  },
  {
    family: 'gh0st',
    source:
      'https://attack.mitre.org/software/S0032/ (raw TCP held to a bare address, a heartbeat each half minute)',
    draw: (random) => ({
      ...rented(random),
      port: random.pick([8000, 443, 6688, 2011]),
      speaks: 'raw',
      name: random.next() < 0.3 ? inventedName(random, suffixes) : null,
      sleep: between(random, 30, 60),
      sent: between(random, 60, 300),
      received: between(random, 40, 120),
      held: true,
      breaks: random.pick([0, 3600]),
    }),
  },
  {
    family: 'xworm',
    source: 'https://malpedia.caad.fkie.fraunhofer.de/details/win.xworm (raw TCP 7000, pings, dynamic names)',
    draw: (random) => ({
      ...rented(random),
      port: random.pick([7000, 7007, 5353, 8080]),
      speaks: 'raw',
      name: random.next() < 0.7 ? inventedName(random, dynamic) : null,
      sleep: between(random, 10, 20),
      sent: between(random, 50, 200),
      received: between(random, 30, 100),
      held: true,
      breaks: random.pick([0, 1200]),
    }),
  },
  {
    family: 'latrodectus',
    source:
      'https://attack.mitre.org/software/S1160/ (HTTPS POST to a name of its own, some twenty minutes apart)',
    draw: (random) => ({
      ...rented(random),
      port: 443,
      speaks: 'tls',
      name: inventedName(random, suffixes),
      sleep: between(random, 300, 1200),
      jitter: 0.3,
      sent: between(random, 700, 1600),
      received: between(random, 300, 700),
    }),
  },
  {
    family: 'systembc',
    source:
      'https://attack.mitre.org/software/S1116/ (a SOCKS channel held to a bare address on 4001, 4177 or 443)',
    draw: (random) => ({
      ...rented(random),
      port: random.pick([4001, 4177, 443]),
      speaks: 'raw',
      name: null,
      sleep: between(random, 20, 60),
      sent: between(random, 100, 3000),
      received: between(random, 100, 3000),
      padding: 2,
      held: true,
      breaks: random.pick([0, 900]),
    }),
  },
  {
    family: 'warmcookie',
    source:
      'https://www.elastic.co/security-labs/dipping-into-danger (HTTP GET to a bare address every ten minutes)',
    draw: (random) => ({
      ...rented(random),
      port: 80,
      speaks: 'http',
      name: null,
      sleep: 600,
      jitter: 0.02,
      sent: between(random, 300, 600),
      received: between(random, 200, 500),
      posts: 0.2,
    }),
  },
]

export const freshHonest: readonly Profile[] = [
  {
    family: 'own-nextcloud',
    source: 'https://docs.nextcloud.com/desktop (asks its own server every 30 s)',
    draw: (random) => ({
      port: 443,
      speaks: 'tls',
      name: inventedName(random, own),
      sleep: 30,
      jitter: 0.03,
      sent: between(random, 700, 1400),
      received: between(random, 900, 2500),
      padding: 0.2,
      tasks: 0.02,
      at: 'cloud',
    }),
  },
  {
    family: 'backup-agent',
    source:
      'a backup or monitoring agent set up for an address of the provider, each five minutes on a port of its own',
    draw: (random) => ({
      port: 9000 + random.integer(20_000),
      speaks: 'raw',
      name: null,
      sleep: 300,
      jitter: 0.005,
      sent: between(random, 500, 60_000),
      received: between(random, 200, 1500),
      padding: 0.2,
      at: 'cloud',
    }),
  },
  {
    family: 'imap-idle',
    source: 'RFC 2177 (a mail box held open at an own or a small server)',
    draw: (random) => ({
      port: 993,
      speaks: 'tls',
      name: inventedName(random, own),
      sleep: 540,
      sent: between(random, 60, 200),
      received: between(random, 80, 300),
      held: true,
      at: 'cloud',
    }),
  },
  {
    family: 'matrix-client',
    source:
      'https://spec.matrix.org (a long poll of 30 s to the server of one’s own, shorter as people write)',
    draw: (random) => ({
      port: random.pick([443, 8448]),
      speaks: 'tls',
      name: inventedName(random, own),
      sleep: 30,
      jitter: 0.5,
      drawn: 'below',
      sent: between(random, 700, 1200),
      received: between(random, 500, 3000),
      padding: 1.5,
      at: 'cloud',
    }),
  },
  {
    family: 'company-vpn',
    source:
      'https://openvpn.net (TCP 443 or 1194 held to a bare address, all that a person does passes there)',
    draw: (random) => ({
      port: random.pick([443, 1194, 1194]),
      speaks: 'raw',
      name: random.next() < 0.5 ? inventedName(random, own) : null,
      sleep: 10,
      sent: between(random, 2000, 40_000),
      received: between(random, 5000, 200_000),
      padding: 3,
      held: true,
      at: 'cloud',
    }),
  },
  {
    family: 'solar-inverter',
    source:
      'vendors’ manuals (state sent each one to five minutes to the vendor’s address, raw on a port of its own)',
    draw: (random) => ({
      port: random.pick([5279, 10_000, 22_222, 7777]),
      speaks: 'raw',
      name: random.next() < 0.5 ? inventedName(random, own) : null,
      sleep: random.pick([60, 300]),
      jitter: 0.01,
      sent: between(random, 150, 600),
      received: between(random, 60, 200),
      at: 'cloud',
    }),
  },
  {
    family: 'build-runner',
    source: 'https://docs.gitlab.com/runner (asks its own server for work every three seconds)',
    draw: (random) => ({
      port: 443,
      speaks: 'tls',
      name: inventedName(random, own),
      sleep: 3,
      jitter: 0.02,
      sent: between(random, 600, 900),
      received: between(random, 300, 600),
      at: 'cloud',
    }),
  },
  {
    family: 'media-at-home',
    source: 'https://support.plex.tv (32400 at home: a film for an hour, held, much data)',
    draw: (random) => ({
      port: 32_400,
      speaks: 'tls',
      name: random.next() < 0.5 ? inventedName(random, dynamic) : null,
      sleep: 5,
      sent: between(random, 500, 1500),
      received: between(random, 500_000, 2_000_000),
      held: true,
      breaks: 3600,
    }),
  },
]
