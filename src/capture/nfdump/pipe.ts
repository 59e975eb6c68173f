/**
 * `nfdump -o pipe`: numbers with bars between. Family (2 or 10), first and last (milliseconds; before 1.7 seconds and
 * milliseconds apart), protocol, four words and port of the source, the same of the destination, both AS, both
 * interfaces, TCP flags, type of service, packets, bytes.
 */
import { ipv4Text, ipv6Text } from '../packets/address-text.ts'

export const isPipe = (text: string): boolean => /^(?:2|10)(?:\|\d+){21}(?:\|\d+){0,2}$/.test(text)

/** The fields of a line that `isPipe`, as text that the other formats have. */
export function pipeFields(text: string) {
  const numbers = text.split('|').map(Number)
  const apart = numbers.length === 24
  const millis = (at: number) => (apart ? numbers[at]! * 1000 + numbers[at + 1]! : numbers[at]!)
  const at = apart ? 5 : 3
  const [flags, , packets, bytes] = numbers.slice(at + 15)

  return {
    start: millisText(millis(1)),
    end: millisText(millis(apart ? 3 : 2)),
    proto: String(numbers[at]),
    sourceAddress: addressText(numbers[0]!, numbers.slice(at + 1, at + 5)),
    sourcePort: String(numbers[at + 5]),
    targetAddress: addressText(numbers[0]!, numbers.slice(at + 6, at + 10)),
    targetPort: String(numbers[at + 10]),
    flags: `0x${flags!.toString(16)}`,
    packets: String(packets),
    bytes: String(bytes),
  }
}

const millisText = (millis: number): string => String(millis).padStart(13, '0')

const addressText = (family: number, words: readonly number[]): string =>
  family === 2
    ? ipv4Text(words[3]! | 0)
    : ipv6Text(
        Int32Array.from(words, (word) => word | 0),
        0,
      )
