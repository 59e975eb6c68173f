/**
 * Honest software that calls at regular intervals or holds connections, by its documented behaviour: the same drawing
 * as implants.
 */
import type { Random } from '../../../src/math/random.ts'
import { between, inventedName } from './draw.ts'
import type { Profile } from './profile.ts'

const vendors = ['com', 'com', 'com', 'net', 'io', 'de', 'co.uk', 'fr', 'nl']
const vendor = (random: Random): string => inventedName(random, vendors)
const popular = (random: Random): string =>
  random.pick([
    'settings-win.data.microsoft.com',
    'clients4.google.com',
    'www.dropbox.com',
    'api.github.com',
    'gateway.icloud.com',
    'www.bbc.co.uk',
    'self.events.data.microsoft.com',
    'outlook.office365.com',
  ])

export const honestProfiles: readonly Profile[] = [
  {
    family: 'agent-of-a-vendor',
    source:
      'https://docs.elastic.co, https://docs.zabbix.com (agents: a strict interval of 10 to 60 s to a server by name)',
    draw: (random) => ({
      port: random.pick([443, 443, 8220, 10051, 8443]),
      speaks: 'tls',
      name: vendor(random),
      sleep: random.pick([10, 30, 60, 60, 300]),
      sent: between(random, 800, 6000),
      received: between(random, 300, 1500),
      at: 'cloud',
      padding: 0.1,
    }),
  },
  {
    family: 'telemetry',
    source: 'https://learn.microsoft.com/windows/privacy (batches when there is something, a known name)',
    draw: (random) => ({
      port: 443,
      speaks: 'tls',
      name: popular(random),
      sleep: between(random, 60, 900),
      drawn: 'exponential',
      sent: between(random, 1500, 9000),
      received: between(random, 500, 5000),
      padding: 1.5,
      at: 'cdn',
    }),
  },
  {
    family: 'update-check',
    source:
      'https://learn.microsoft.com/windows/deployment, apt and vendors’ updaters (hours apart, a name of the vendor)',
    draw: (random) => ({
      port: random.pick([443, 443, 80]),
      speaks: random.pick(['tls', 'http']),
      name: random.next() < 0.5 ? vendor(random) : popular(random),
      sleep: between(random, 1200, 14_400),
      jitter: random.pick([0, 0.2, 0.5]),
      sent: between(random, 500, 1500),
      received: between(random, 1000, 200_000),
      at: 'cdn',
    }),
  },
  {
    family: 'push',
    source: 'https://firebase.google.com/docs/cloud-messaging (one connection held, a heartbeat of minutes)',
    draw: (random) => ({
      port: random.pick([5228, 443, 8883, 5223]),
      speaks: 'tls',
      name:
        random.next() < 0.5 ? vendor(random) : random.pick(['mtalk.google.com', 'client.wns.windows.com']),
      sleep: between(random, 60, 900),
      sent: between(random, 30, 120),
      received: between(random, 30, 150),
      held: true,
      at: 'cloud',
    }),
  },
  {
    family: 'iot-cloud',
    source:
      'IoT Sentinel and vendors’ documents (MQTT or TLS to the vendor’s cloud, held, a ping each minute)',
    draw: (random) => ({
      port: random.pick([8883, 1883, 443, 8443, 5671]),
      speaks: random.pick(['tls', 'raw']),
      name: vendor(random),
      sleep: between(random, 20, 120),
      sent: between(random, 2, 90),
      received: between(random, 2, 90),
      held: true,
      breaks: random.pick([0, 3600]),
      at: 'cloud',
    }),
  },
  {
    family: 'iot-poll',
    source: 'IoT Sentinel (a device that asks its vendor’s cloud, HTTP, strict, POST of its state)',
    draw: (random) => ({
      port: random.pick([80, 80, 8080]),
      speaks: 'http',
      name: vendor(random),
      sleep: random.pick([30, 60, 300]),
      jitter: 0.01,
      sent: between(random, 200, 900),
      received: between(random, 200, 900),
      posts: random.pick([0, 0.5, 1]),
      at: 'cloud',
      agent: 'device/1.0',
    }),
  },
  {
    family: 'vpn',
    source: 'https://www.wireguard.com/protocol/ (UDP to a bare address, keep-alives of 25 s)',
    draw: (random) => ({
      port: random.pick([51820, 1194, 4500, 41641]),
      proto: 'udp',
      speaks: 'raw',
      name: random.next() < 0.4 ? vendor(random) : null,
      sleep: 25,
      sent: between(random, 60, 3000),
      received: between(random, 60, 9000),
      held: true,
    }),
  },
  {
    family: 'remote-help',
    source: 'https://www.teamviewer.com, https://rustdesk.com (a connection held to a relay of the vendor)',
    draw: (random) => ({
      port: random.pick([5938, 21116, 443, 6568, 7070]),
      speaks: random.pick(['raw', 'tls']),
      name: vendor(random),
      sleep: 30,
      sent: between(random, 30, 200),
      received: between(random, 30, 200),
      held: true,
      at: 'cloud',
    }),
  },
  {
    family: 'remote-shell',
    source: 'https://man.openbsd.org/ssh (a person’s session: held while somebody works)',
    draw: (random) => ({
      port: random.pick([22, 22, 3389]),
      speaks: 'ssh',
      name: random.next() < 0.5 ? vendor(random) : null,
      sleep: 20,
      sent: between(random, 200, 2000),
      received: between(random, 500, 20_000),
      held: true,
      breaks: between(random, 600, 5000),
      at: 'cloud',
    }),
  },
  {
    family: 'game',
    source: 'https://wiki.vg (a game’s session on a port of its own, much data both ways)',
    draw: (random) => ({
      port: random.pick([25565, 27015, 3074, 1119, 9339, 3724]),
      speaks: 'raw',
      name: random.next() < 0.5 ? vendor(random) : null,
      sleep: 1,
      sent: between(random, 100, 600),
      received: between(random, 500, 4000),
      held: true,
      breaks: between(random, 900, 4000),
    }),
  },
  {
    family: 'dashboard',
    source: 'https://grafana.com/docs (a page left open that asks again each 5 to 60 s)',
    draw: (random) => ({
      port: 443,
      speaks: 'tls',
      name: vendor(random),
      sleep: random.pick([5, 10, 30, 60]),
      jitter: random.pick([0, 0.05]),
      sent: between(random, 800, 2500),
      received: between(random, 3000, 90_000),
      padding: 0.4,
      at: 'cloud',
    }),
  },
  {
    family: 'gone-server',
    source: 'case 26 of the office (a printer, a licence or mail server that is no more)',
    draw: (random) => ({
      port: random.pick([9100, 631, 445, 1688, 27000, 143]),
      speaks: 'raw',
      name: null,
      inside: true,
      sleep: between(random, 30, 300),
      sent: 0,
      received: 0,
      failing: 1,
    }),
  },
  {
    family: 'inner-service',
    source:
      'https://docs.influxdata.com, https://www.postgresql.org/docs (a service of the site: metrics, databases, brokers)',
    draw: (random) => ({
      port: random.pick([5432, 3306, 8086, 1883, 9200, 8080, 443, 5672, 1433, 8123]),
      speaks: random.pick(['raw', 'http', 'tls']),
      name: null,
      inside: true,
      sent: between(random, 200, 6000),
      received: between(random, 200, 20_000),
      ...(random.next() < 0.5
        ? { held: true, sleep: between(random, 10, 60) }
        : { sleep: random.pick([10, 30, 60, 300]), jitter: 0.02 }),
    }),
  },
  {
    family: 'chat-client',
    source:
      'https://api.slack.com/apis, https://core.telegram.org (a person’s client: held, and requests as people write)',
    draw: (random) => ({
      port: 443,
      speaks: 'tls',
      name: random.pick(['slack.com', 'api.telegram.org', 'discord.com', 'graph.facebook.com']),
      sleep: between(random, 60, 400),
      drawn: 'exponential',
      sent: between(random, 800, 5000),
      received: between(random, 2000, 60_000),
      padding: 2,
      at: 'cdn',
    }),
  },
  {
    family: 'small-site',
    source: 'a person reading a site or forum that no list has',
    draw: (random) => ({
      port: random.pick([443, 443, 80]),
      speaks: random.pick(['tls', 'http']),
      name: vendor(random),
      sleep: between(random, 20, 400),
      drawn: 'exponential',
      sent: between(random, 500, 2500),
      received: between(random, 3000, 300_000),
      padding: 4,
      posts: 0.1,
      most: 10 + random.integer(60),
    }),
  },
  {
    family: 'cloud-backup',
    source: 'https://restic.readthedocs.io (hourly or by night; much sent, to storage or an own server)',
    draw: (random) => ({
      port: random.pick([443, 22, 8000]),
      speaks: random.pick(['tls', 'ssh']),
      name: vendor(random),
      sleep: random.pick([900, 3600, 7200]),
      sent: between(random, 200_000, 9_000_000),
      received: between(random, 5000, 60_000),
      padding: 3,
      at: 'cloud',
    }),
  },
]
