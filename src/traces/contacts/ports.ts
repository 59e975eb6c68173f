/** What the ports of a contact say, and whether what is spoken there belongs there. */
import { medianKnown } from '../../math/stats.ts'
import type { ContactTrace } from './gather.ts'

/** Ports of common services, to which a program may call any server. */
const common = new Set([
  20, 21, 22, 25, 53, 80, 88, 110, 123, 135, 137, 138, 139, 143, 389, 443, 445, 465, 587, 636, 853, 993, 995,
  1194, 1701, 1723, 1883, 1935, 3389, 3478, 3479, 3480, 4500, 5060, 5061, 5222, 5223, 5228, 5229, 5230, 8080,
  8443, 8883, 19302,
])

/**
 * Ports that agents of managed machines call, at the site or at a provider; each is in the product's own manual.
 *
 * Monitoring and logs: Zabbix 10050 and 10051, Salt 4505 and 4506, Puppet 8140, Splunk 8089 and 9997, syslog 601 and
 * 6514, Wazuh 1514 and 1515, Beats 5044, AMQP 5671 and 5672, OpenTelemetry 4317 and 4318, Checkmk 6556, Icinga 5665,
 * NRPE 5666, NSCA 5667, Munin 4949, Graphite 2003, Graylog 12201, Fluentd 24224, PRTG 23560. Backups: Bacula 9101 to
 * 9103, NetBackup 1556 and 13724, Commvault 8400 and 8403, UrBackup 55414 and 55415, CrashPlan 4282, Acronis 7780 and
 * 9876, Veeam 6160, 6162 and 10006, rsync 873. Management: Kaseya 5721, ScreenConnect 8041, Tanium 17472, BigFix 52311,
 * Kaspersky 13000 and 14000, Sophos 8192 and 8194, Endpoint Central 8027 and 8383, Elastic Fleet 8220, Lansweeper 9524.
 */
const agentPorts = new Set([
  601, 873, 1514, 1515, 1556, 2003, 4282, 4317, 4318, 4505, 4506, 4949, 5044, 5665, 5666, 5667, 5671, 5672,
  5721, 6160, 6162, 6514, 6556, 7780, 8027, 8041, 8089, 8140, 8192, 8194, 8220, 8383, 8400, 8403, 9101, 9102,
  9103, 9524, 9876, 9997, 10006, 10050, 10051, 12201, 13000, 13724, 14000, 17472, 23560, 24224, 52311, 55414,
  55415,
])

/**
 * Ports of services that machines of one site serve each other: databases, brokers, metrics, media, printers, homes.
 */
const innerCommon = new Set([
  548, 554, 631, 873, 1400, 1433, 1521, 1688, 2049, 2375, 3000, 3128, 3306, 5000, 5001, 5432, 5601, 5672,
  5900, 6379, 7000, 7680, 8006, 8008, 8009, 8060, 8081, 8086, 8123, 9000, 9090, 9092, 9100, 9200, 9443, 10050,
  10051, 11211, 27017, 32400,
])

/**
 * Ports that remote-control tools and frameworks listen on unless told otherwise, and hardly anything else does:
 * Metasploit 4444, Caldera 7010 to 7012, Remcos 2404, AsyncRAT 6606, 7707, 8808, njRAT 1177 and 5552, DarkComet 1604,
 * NanoCore 54984, Poison Ivy 3460, Quasar 4782, AhMyth 22222 and 42474, AndroRAT 1337, TrickBot 447 and 449, Mirai
 * 48101, bots that wait on IRC 6667 (rbot, SDBot, Kaiten), and 31337. IRC networks of people have popular names.
 */
export const toolPorts = new Set([
  447, 449, 1177, 1337, 1604, 2404, 3460, 4444, 4782, 5552, 6606, 6667, 7010, 7011, 7012, 7707, 8808, 22222,
  31337, 42474, 48101, 54984,
])

/** Of the common ports, the ones by which a stranger's web server passes as well. */
const halfCommon = new Set([8000, 8080, 8443, 3389])

/** Mail boxes, telephony, time, ways through NAT, push, chat. */
const kept = new Set([
  110, 123, 143, 993, 995, 1883, 3478, 3479, 3480, 4500, 5060, 5061, 5222, 5223, 5228, 5229, 5230, 8883,
  19302,
])

/** Remote shells and desktops: a session of a person is held too. */
const sessions = new Set([22, 3389])

export const filePorts = new Set([21, 25, 465, 587])

/** Whether most programs may call any server there, or agents of managed machines do. */
export const isUsualPort = (port: number): boolean =>
  common.has(port) || halfCommon.has(port) || agentPorts.has(port)

/** TCP, and QUIC, which opens connections as well. */
export const isStream = ({ proto, serverPort }: Pick<ContactTrace, 'proto' | 'serverPort'>): boolean =>
  proto === 'tcp' || (proto === 'udp' && serverPort === 443)

/** What may be spoken on ports of the web and on those of remote shells, in Zeek's words. */
const belongs: Readonly<Record<number, RegExp>> = {
  80: /http|websocket/,
  443: /ssl|tls|quic|http.*ssl|ssl.*http/,
  22: /ssh/,
}

/** 1 for another protocol than belongs to the port, 0.5 for one not told where the records tell most, else 0. */
export function strangenessOf(
  { serverPort, service, via, answered, proto, midstream, connections, calls }: ContactTrace,
  { knownShare }: { readonly knownShare: number },
): number {
  const usual = belongs[serverPort]
  if (!usual || via === 'proxy' || answered === 0 || proto !== 'tcp' || midstream * 2 > connections) return 0
  if (service !== '') return usual.test(service) ? 0 : 1
  // A handshake that was broken off says nothing.
  return knownShare >= 0.8 && medianKnown(calls.received) >= 200 ? 0.5 : 0
}

/** 1 for a stream to a port of no common service, 0.7 for one that a second web server uses, else 0. */
export function oddnessOf(contact: Pick<ContactTrace, 'proto' | 'serverPort' | 'via'>): number {
  if (!isStream(contact)) return 0
  if (contact.via === 'inside' && innerCommon.has(contact.serverPort)) return 0
  if (halfCommon.has(contact.serverPort)) return 0.7
  return common.has(contact.serverPort) || agentPorts.has(contact.serverPort) ? 0 : 1
}

/** 1 for a port that honest programs call at regular intervals or hold open, a half for sessions of persons, else 0. */
export const customOf = ({ serverPort }: Pick<ContactTrace, 'serverPort'>): number =>
  kept.has(serverPort) ? 1 : sessions.has(serverPort) ? 0.5 : 0
