/** Datagrams of senders that mean harm; each flood depends on its seed alone. */
import {
  type Field,
  ipfix,
  optionsTemplate,
  records,
  sflow,
  template,
  usual,
  usualRow,
  version5,
  version9,
} from '../../test/fixtures/export-datagrams.ts'
import { framed, ipv4, udp } from '../../test/frames.ts'
import type { Random } from '../../test/fuzz-random.ts'

export interface Sent {
  readonly bytes: Buffer
  readonly from: string
  readonly port: number
}

interface Flood {
  readonly name: string
  /** The datagrams, without an end. */
  readonly datagrams: (random: Random) => Generator<Sent>
}

const anywhere = (random: Random): Pick<Sent, 'from' | 'port'> => ({
  from: `${1 + random(223)}.${random(256)}.${random(256)}.${random(256)}`,
  port: 1024 + random(60_000),
})

/** Templates of as many fields as go into a datagram, made once: making them costs more than reading them. */
const wide = (random: Random): Field[] =>
  Array.from({ length: 330 }, () => [1 + random(400), 1 + random(8)] as Field)

function* templates(random: Random, who: (random: Random) => Pick<Sent, 'from' | 'port'>): Generator<Sent> {
  const pool = Array.from({ length: 40 }, () => [
    version9([template(0, 256 + random(60_000), wide(random))], { source: 1 }),
    ipfix([template(2, 256 + random(60_000), wide(random))], { domain: 1 }),
  ]).flat()
  for (;;) {
    const bytes = pool[random(pool.length)]!
    // Another domain and another template each time.
    bytes.writeUInt32BE(random(2 ** 32), bytes.readUInt16BE(0) === 9 ? 16 : 12)
    bytes.writeUInt16BE(256 + random(60_000), (bytes.readUInt16BE(0) === 9 ? 20 : 16) + 4)
    yield { bytes, ...who(random) }
  }
}

const one = { from: '198.51.100.1', port: 2055 }
const call = (random: Random) =>
  usualRow({ source: `10.${random(256)}.${random(256)}.${random(256)}`, sourcePort: random(65_536) })

export const floods: readonly Flood[] = [
  {
    name: 'templates from a million senders and domains',
    datagrams: (random) => templates(random, anywhere),
  },
  { name: 'templates without an end from one sender', datagrams: (random) => templates(random, () => one) },
  {
    name: 'data without a template from a million senders',
    *datagrams(random) {
      for (;;)
        yield {
          bytes: version9([records(256 + random(60_000), usual, [call(random)])], {
            source: random(2 ** 32),
          }),
          ...anywhere(random),
        }
    },
  },
  {
    name: 'templates that contradict those of the exporter, forged among its data',
    *datagrams(random) {
      for (;;) {
        const fields = [...usual].sort(() => random(3) - 1).slice(0, 1 + random(usual.length))
        yield {
          bytes: version9([template(0, 256, random(2) ? usual : fields)], { sequence: random(2 ** 32) }),
          ...one,
        }
        yield {
          bytes: version9([records(256, usual, [call(random), call(random)])], { sequence: random(2 ** 32) }),
          ...one,
        }
      }
    },
  },
  {
    name: 'options that lie about sampling, clocks and samplers',
    *datagrams(random) {
      const fields: Field[] = [
        [48, 4],
        [50, 4],
        [34, 4],
        [305, 4],
        [306, 4],
        [160, 8],
      ]
      const head = optionsTemplate(9, 300, { scopes: [[1, 4]], fields })
      for (;;) {
        const row = [
          random(2 ** 32),
          random(2 ** 32),
          random(2 ** 32),
          random(2 ** 32),
          random(2 ** 32),
          random(2 ** 32),
          random(2 ** 32),
        ]
        yield {
          bytes: version9([head, records(300, [[1, 4], ...fields], [row])], {
            source: random(3000),
            sequence: random(2 ** 32),
          }),
          from: `198.51.${random(20)}.1`,
          port: 2055,
        }
      }
    },
  },
  {
    name: 'flows of which none is like another',
    *datagrams(random) {
      for (let sequence = 0; ; sequence += 30)
        yield {
          bytes: version5(
            Array.from({ length: 30 }, () => ({
              source: `${1 + random(223)}.${random(256)}.${random(256)}.${random(256)}`,
              target: `${1 + random(223)}.${random(256)}.${random(256)}.${random(256)}`,
              sourcePort: random(65_536),
            })),
            { sequence },
          ),
          ...one,
        }
    },
  },
  {
    name: 'numbering that jumps, turns and repeats',
    *datagrams(random) {
      for (;;) {
        const bytes = version5([{ sourcePort: random(65_536) }], {
          sequence: random(4) ? random(2 ** 32) : random(50),
        })
        yield { bytes, ...one }
        if (random(3) === 0) yield { bytes, ...one }
      }
    },
  },
  {
    name: 'sFlow of a million agents',
    *datagrams(random) {
      const frame = framed(ipv4('10.0.0.1', '192.0.2.1', udp(5000, 53)))
      const bytes = sflow([frame, frame])
      for (;;) {
        bytes.writeUInt32BE(random(2 ** 32), 8)
        bytes.writeUInt32BE(random(2 ** 32), 16)
        yield { bytes, ...anywhere(random) }
      }
    },
  },
]

/** Datagrams of each kind, cut at every length, and anything at every length. */
export function* atEveryLength(random: Random): Generator<Sent> {
  const frame = framed(ipv4('10.0.0.1', '192.0.2.1', udp(5000, 53)))
  const whole = [
    version5([{}, {}]),
    version9([template(0, 256, usual), records(256, usual, [call(random)], 3)]),
    ipfix([template(2, 256, usual), records(256, usual, [call(random)])]),
    version9([optionsTemplate(9, 300, { scopes: [[1, 4]], fields: [[34, 4]] })]),
    sflow([frame, frame]),
  ]
  for (const bytes of whole)
    for (let length = 0; length <= bytes.length; length++) yield { bytes: bytes.subarray(0, length), ...one }
  const noise = Buffer.from(Array.from({ length: 65_507 }, () => random(256)))
  for (let length = 0; length <= noise.length; length += 1 + (length >> 6)) {
    for (const start of whole) {
      const bytes = Buffer.from(noise.subarray(0, length))
      start.copy(bytes, 0, 0, Math.min(24, length))
      yield { bytes, ...one }
    }
  }
}
