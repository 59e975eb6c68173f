/** C&C channels of malware families as reports describe them. */
import { between, inventedName } from './draw.ts'
import { dynamic, named, type Profile, rented, suffixes } from './profile.ts'

export const familyProfiles: readonly Profile[] = [
  {
    family: 'njrat',
    source:
      'https://attack.mitre.org/software/S0385/ (raw TCP on ports of the operator, dynamic names, keep-alives)',
    draw: (random) => ({
      ...rented(random),
      port: random.pick([1177, 5552, 8080, 15145, 6522, 2222, 9999]),
      speaks: 'raw',
      name: random.next() < 0.7 ? inventedName(random, dynamic) : null,
      sleep: between(random, 5, 30),
      sent: between(random, 40, 500),
      received: between(random, 20, 150),
      held: true,
      breaks: random.pick([0, 600, 3600]),
    }),
  },
  {
    family: 'asyncrat',
    source:
      'https://attack.mitre.org/software/S1087/ (TLS on 6606, 7707, 8808; a ping each 30 s; self-signed)',
    draw: (random) => ({
      ...rented(random),
      port: random.pick([6606, 7707, 8808, 4041, 8848, 443]),
      speaks: 'tls',
      name: random.next() < 0.6 ? inventedName(random, dynamic) : null,
      sleep: random.pick([10, 30, 60]),
      sent: between(random, 90, 250),
      received: between(random, 60, 120),
      held: true,
      breaks: random.pick([0, 1800]),
      selfSigned: true,
      ownClient: random.next() < 0.5,
    }),
  },
  {
    family: 'remcos',
    source:
      'https://attack.mitre.org/software/S0332/ (port 2404 and of the operator; TLS of its own; retries)',
    draw: (random) => ({
      ...rented(random),
      port: random.pick([2404, 2404, 4783, 5050, 52000]),
      speaks: 'tls',
      name: random.next() < 0.6 ? inventedName(random, dynamic) : null,
      sleep: random.pick([20, 30, 60]),
      jitter: 0.05,
      sent: between(random, 80, 900),
      received: between(random, 60, 600),
      ...(random.next() < 0.5 ? { held: true, breaks: 2400 } : { failing: 0.97 }),
    }),
  },
  {
    family: 'dead-rat',
    source:
      'https://attack.mitre.org/software/S0334/ (DarkComet, NanoCore and others that call a server that is gone)',
    draw: (random) => ({
      port: random.pick([1604, 54984, 3460, 6000, 8888, 443]),
      speaks: 'raw',
      name: random.next() < 0.6 ? inventedName(random, dynamic) : null,
      sleep: between(random, 5, 120),
      jitter: random.pick([0, 0.1]),
      sent: 0,
      received: 0,
      failing: 1,
    }),
  },
  {
    family: 'agenttesla',
    source:
      'https://attack.mitre.org/software/S0331/ (POST to a panel each 20 to 60 minutes; or mail and FTP, elsewhere)',
    draw: (random) => ({
      ...rented(random),
      port: random.pick([80, 80, 443]),
      speaks: 'http',
      name: random.next() < 0.5 ? inventedName(random, dynamic) : inventedName(random, suffixes),
      sleep: random.pick([120, 600, 1200, 3600]),
      jitter: 0.02,
      sent: between(random, 800, 8000),
      received: between(random, 200, 500),
      posts: 1,
      padding: 0.5,
      ownClient: true,
    }),
  },
  {
    family: 'lokibot',
    source:
      'https://attack.mitre.org/software/S0447/ (POST to a .php of a bare panel, then every 10 minutes; an agent of its own)',
    draw: (random) => ({
      ...rented(random),
      port: 80,
      speaks: 'http',
      name: named(random, 0.5),
      sleep: random.pick([60, 600]),
      sent: between(random, 300, 1200),
      received: between(random, 200, 400),
      posts: 1,
      agent: 'Mozilla/4.08 (Charon; Inferno)',
    }),
  },
  {
    family: 'redline',
    source:
      'https://attack.mitre.org/software/S1240/ (SOAP over raw TCP on a high port, one session with much sent)',
    draw: (random) => ({
      ...rented(random),
      port: 1024 + random.integer(60_000),
      speaks: 'raw',
      name: null,
      sleep: 5,
      jitter: 0.3,
      sent: between(random, 20_000, 800_000),
      received: between(random, 2000, 8000),
      most: 3 + random.integer(4),
    }),
  },
  {
    family: 'chat-bot',
    source:
      'https://attack.mitre.org/techniques/T1102/002/ (Telegram getUpdates, Slack, Discord; polls of seconds)',
    draw: (random) => ({
      port: 443,
      speaks: 'tls',
      name: random.pick(['api.telegram.org', 'slack.com', 'discord.com', 'api.telegram.org']),
      sleep: random.pick([2, 5, 10, 30, 60]),
      jitter: random.pick([0, 0.1, 0.3]),
      sent: between(random, 600, 1100),
      received: between(random, 4000, 7000),
      ownClient: random.next() < 0.5,
      at: 'cdn',
    }),
  },
  {
    family: 'doh',
    source:
      'https://attack.mitre.org/techniques/T1071/004/ (names over HTTPS to a public resolver, each 10 to 60 s)',
    draw: (random) => ({
      port: 443,
      speaks: 'tls',
      name: random.pick(['dns.google', 'cloudflare-dns.com', 'dns.quad9.net']),
      sleep: random.pick([10, 30, 60]),
      jitter: random.pick([0.05, 0.2]),
      sent: between(random, 700, 1000),
      received: between(random, 700, 1500),
      ownClient: random.next() < 0.5,
      at: 'cdn',
    }),
  },
  {
    family: 'irc',
    source: 'https://attack.mitre.org/techniques/T1071/003/ (one connection held, PING each minute or two)',
    draw: (random) => ({
      port: random.pick([6667, 6667, 6697, 7000, 51987, 8080, 443]),
      speaks: 'raw',
      name: random.next() < 0.5 ? inventedName(random, suffixes) : null,
      sleep: random.pick([60, 90, 120]),
      sent: between(random, 20, 60),
      received: between(random, 30, 120),
      held: true,
    }),
  },
  {
    family: 'mirai',
    source:
      'https://attack.mitre.org/software/S1203/ and its kin (one connection held on 23, 48101 or another; 2 bytes a minute)',
    draw: (random) => ({
      ...rented(random),
      port: random.pick([23, 48101, 6738, 9506, 5034, 666, 1312]),
      speaks: 'raw',
      name: random.next() < 0.3 ? inventedName(random, suffixes) : null,
      sleep: 60,
      sent: 2,
      received: 2,
      held: true,
      breaks: random.pick([0, 1200]),
    }),
  },
  {
    family: 'android-rat',
    source:
      'https://www.stratosphereips.org/android-mischief-dataset (controller held on a port of the operator)',
    draw: (random) => ({
      ...rented(random),
      port: random.pick([1337, 8000, 22222, 4444, 42474]),
      speaks: 'raw',
      name: random.next() < 0.3 ? inventedName(random, dynamic) : null,
      sleep: between(random, 10, 60),
      sent: between(random, 200, 20_000),
      received: between(random, 60, 400),
      held: true,
      breaks: random.pick([0, 300, 900]),
    }),
  },
  {
    family: 'inner-server',
    source:
      'https://caldera.readthedocs.io and https://attack.mitre.org/techniques/T1090/001/ (a server or relay inside the network)',
    draw: (random) => ({
      port: random.pick([7010, 8888, 4444, 8443, 443, 1234, 80, 1337]),
      speaks: random.pick(['raw', 'tls', 'http']),
      name: null,
      inside: true,
      sent: between(random, 100, 1500),
      received: between(random, 100, 1500),
      selfSigned: true,
      ...(random.next() < 0.5
        ? { held: true, sleep: between(random, 5, 60) }
        : { sleep: between(random, 5, 60), jitter: between(random, 0.02, 0.4) }),
    }),
  },
  {
    family: 'slow',
    source:
      'https://attack.mitre.org/software/S0559/ and reports of slow implants (an hour and more between calls, jitter)',
    draw: (random) => ({
      ...rented(random),
      port: 443,
      speaks: 'tls',
      name: named(random),
      sleep: between(random, 1800, 14_400),
      jitter: random.pick([0, 0.1, 0.3]),
      sent: between(random, 700, 2500),
      received: between(random, 500, 5000),
      ownClient: random.next() < 0.3,
    }),
  },
]
