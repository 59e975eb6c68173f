/** The features of a contact: which side each is on, what it measures, and how it is put in words. */

export interface FeatureEntry {
  /** Weight of a feature may not be negative (`for`) or not positive (`against`). */
  readonly side: 'for' | 'against'
  /** What it measures, for the reference. */
  readonly doc: string
  /** As a reason: "called at regular intervals". */
  readonly description: string
}

const feature = (side: FeatureEntry['side'], description: string, doc: string): FeatureEntry => ({
  side,
  doc,
  description,
})

export const contactFeatures = {
  // How it calls.
  clock: feature(
    'for',
    'called at regular intervals',
    'Evidence for a clock over no clock, log scale; 1 at 400 nats.',
  ),
  loose: feature(
    'for',
    'intervals drawn between two bounds, as implants do with jitter',
    'Intervals that spread by 10 to 32 % of the period, with evidence; 1 at 60 nats; none below 3 % and above 42 %.',
  ),
  often: feature(
    'for',
    'called often',
    'Period of the clock, log scale; 0 at 10 minutes, 1 at 10 seconds and less.',
  ),
  lasting: feature(
    'for',
    'in touch for as long as the machine is on',
    'Share of the time in which the host is on, from the first call, that the contact covers.',
  ),
  held: feature(
    'for',
    'a connection held open',
    'Longest answered connection over the time that the host is seen after its start; 1 minute at least.',
  ),
  alike: feature('for', 'the same amount sent each time', 'Sizes sent are alike; 5 calls at least.'),
  answersAlike: feature('for', 'the same answer each time', 'Sizes received are alike; 5 calls at least.'),
  polls: feature(
    'for',
    'the client sends as much as it gets',
    'Share of bytes that the client sent, from a third on.',
  ),
  retries: feature(
    'for',
    'tried again and again without answer',
    'Calls without answer by a clock, where few hosts are watched.',
  ),
  // Whom it calls.
  bare: feature(
    'for',
    'an address that no record names',
    'TCP to a server without a name, where servers are named; 1 where nearly all are.',
  ),
  bareDatagrams: feature('for', 'datagrams to an address that no record names', 'The same of UDP and ICMP.'),
  stranger: feature(
    'for',
    'an address of no known provider',
    'TCP to a server without a name and of no vendor, cloud or content network; also if no record names servers.',
  ),
  unlisted: feature(
    'for',
    'a name in no list of popular domains',
    'The name is known, and so rare that no list has it.',
  ),
  oddName: feature(
    'for',
    'a name of letters thrown together',
    'Digits among letters, or 6 consonants in a row, in the registered label; of names in no list of popular domains.',
  ),
  cheapSuffix: feature(
    'for',
    'a name under a suffix that costs next to nothing',
    'Top-level domain that reports of abuse name most; of names in no list of popular domains.',
  ),
  tenant: feature(
    'for',
    'a name under a suffix that anybody can rent',
    'Dynamic DNS and tunnels; 0.5 for serverless, 0.3 for hosting.',
  ),
  oddPort: feature(
    'for',
    'a port that belongs to no common service',
    'TCP; less where the host uses many such ports.',
  ),
  toolPort: feature(
    'for',
    'a port that remote-control tools listen on',
    'Default ports of frameworks and remote-control tools that hardly anything else uses; TCP.',
  ),
  rare: feature(
    'for',
    'hardly any other host here calls it',
    'One, or few, of many internal hosts, log scale.',
  ),
  alikeVictims: feature(
    'for',
    'a few hosts call it in the same way',
    'Two to a fifth of the hosts, with calls alike in size and pace.',
  ),
  threat: feature(
    'for',
    'known as Tor, a mining pool or a sinkhole',
    'A name or an address of the lists; a half for a port.',
  ),
  sinkholed: feature(
    'for',
    'a server that took the place of a C&C',
    'A sinkhole that answers, beside what it counts as known: 0.5 for one connection, 1 from 3 on.',
  ),
  abnormal: feature(
    'for',
    'used differently from other hosts here, and at regular intervals',
    'Periodic, in similar sizes, with 3 to 30 times the connections of other hosts; rented interfaces also alone.',
  ),
  // What a connection shows.
  namelessTls: feature(
    'for',
    'TLS to a bare address',
    'Handshakes without a server name to a server that nothing names.',
  ),
  wrongProtocol: feature(
    'for',
    'a protocol that does not belong to the port',
    'HTTP on the port of TLS, TLS on that of HTTP, or another; 0.5 for one not told where the records tell most.',
  ),
  toAddress: feature('for', 'HTTP requests to a bare address', 'Requests whose Host is an address.'),
  posts: feature(
    'for',
    'POST again and again',
    'Share of requests that are POST; a third of it for one, all from 3 on.',
  ),
  ownClient: feature(
    'for',
    'a client program that speaks to nobody else',
    'TLS fingerprint of this host and server alone (0.7 with up to 4 servers); 0.6 for such a user agent.',
  ),
  certificate: feature(
    'for',
    'a certificate that nobody vouches for',
    'Subject and issuer are the same, or what tools fill in by default.',
  ),
  misnamed: feature(
    'for',
    'a certificate made out to another name',
    'Subject of the certificate is no domain: 1; another domain: 0.4. Of names in no list of popular domains.',
  ),
  disguised: feature(
    'for',
    'a program that passes for a picture or a text',
    'Answers that are programs under a path of another kind; 0.5 for programs under their own, from no popular server.',
  ),
  deadList: feature(
    'for',
    'the host also calls many nameless addresses that do not answer',
    'Many nameless addresses on few ports did not answer, log scale.',
  ),
  icmpData: feature(
    'for',
    'ICMP that carries data',
    'Bytes by ICMP, log scale; 0 at 20 kB, 1 at 500 kB; of packets above 100 bytes on average.',
  ),
  upload: feature(
    'for',
    'files or mail handed to a server that is not popular',
    'FTP or mail to a server that is not popular; 1 with up to 2 such servers, 0 from 10 on, unless after a program.',
  ),
  afterProgram: feature(
    'for',
    'first called after a program was fetched',
    'First call after a program came from a server that is not popular; 1 within 5 minutes, 0 from 60 on, log scale.',
  ),
  afterCheck: feature(
    'for',
    'first called after the host asked which address it has',
    'First call within 10 minutes after one of few questions for its own address, of servers that are not popular.',
  ),
  // What clears.
  popular: feature(
    'against',
    'the domain is popular',
    'Rank of the registered domain; 1 within 10,000, 0.8 within 100,000; not for tenants, less for rented services.',
  ),
  service: feature(
    'against',
    'a known service looks like this',
    'Catalogue of periodic services; 1 by name or address, 0.4 by port alone, 0.7 where it is held as catalogued.',
  ),
  owned: feature(
    'against',
    'the address belongs to a known owner',
    'Vendor or resolver 1, content network 0.7, cloud 0.5; of servers without a name.',
  ),
  customary: feature('against', 'many hosts here use it', 'Share of the hosts that call it, log scale.'),
  peering: feature(
    'against',
    'the host exchanges with many peers',
    'The host uses many ports over 1023 outside, log scale; 0 at 4, 1 at 40.',
  ),
  vendorPort: feature(
    'against',
    'the port is one of mail boxes, telephony, push, time or remote login',
    'Ports that benign programs call at regular intervals or hold open; 0.5 for remote shells and desktops.',
  ),
  bulky: feature(
    'against',
    'much data per call',
    'Median bytes per call, or an hour of a longer one, log scale; 0 at 30 kB, 1 at 1 MB.',
  ),
  vainInCrowd: feature(
    'against',
    'calls without answer, as some program always makes',
    'Calls without answer where many hosts are watched: some program there waits for a server that is gone.',
  ),
  inside: feature(
    'against',
    'the server is inside',
    'A server of the network itself; less if the host meets nothing outside, or few hosts are watched.',
  ),
  strict: feature(
    'against',
    'a strict clock to a server with a name, as agents and devices have',
    'Intervals within 2 % of each other, to a server with a name; as far as there is a clock.',
  ),
  fleeting: feature(
    'against',
    'met a few times and then no more',
    'Fewer than 6 calls, not held, of a host that is on for long afterwards; 1 for one call.',
  ),
  relayed: feature('against', 'the host is a proxy and calls for others', 'The host is a proxy for others.'),
  crowd: feature(
    'against',
    'among many hosts, some program looks like this by chance',
    'Log scale; 0 at 3, 1 at 30: chance has more to choose from.',
  ),
} as const satisfies Readonly<Record<string, FeatureEntry>>

export type ContactFeature = keyof typeof contactFeatures
export type ContactFeatures = Readonly<Record<ContactFeature, number>>
export const contactFeatureNames = Object.keys(contactFeatures) as ContactFeature[]
