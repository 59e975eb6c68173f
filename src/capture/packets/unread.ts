/** What is not read, in words: its number, and its name where it has one. */
import { unread } from './place.ts'

const linkNames: Readonly<Record<number, string>> = {
  3: 'AX.25',
  7: 'ARCNET',
  99: 'Symantec Enterprise Firewall',
  114: 'LocalTalk',
  143: 'DOCSIS',
  144: 'Linux IrDA',
  147: 'USER0, private use',
  148: 'USER1, private use',
  150: 'USER3, private use',
  165: 'BACnet MS/TP',
  187: 'Bluetooth HCI',
  189: 'Linux USB',
  190: 'CAN bus',
  195: 'IEEE 802.15.4',
  196: 'SITA',
  197: 'Endace ERF',
  201: 'Bluetooth HCI',
  202: 'AX.25 KISS',
  215: 'IEEE 802.15.4',
  220: 'Linux USB',
  224: 'Fibre Channel',
  225: 'Fibre Channel',
  227: 'SocketCAN',
  230: 'IEEE 802.15.4',
  231: 'D-Bus',
  243: 'MPEG transport stream',
  245: 'NFC',
  247: 'InfiniBand',
  248: 'SCTP',
  249: 'USBPcap',
  251: 'Bluetooth Low Energy',
  252: 'Wireshark upper PDUs',
  253: 'Linux netlink',
  254: 'Bluetooth monitor',
  256: 'Bluetooth Low Energy',
  265: 'USB of macOS',
  266: 'USB of macOS',
  271: 'vSockets',
  272: 'Nordic BLE',
  283: 'IEEE 802.15.4 TAP',
  288: 'USB 2.0',
  290: 'Windows event tracing',
}

const typeNames: Readonly<Record<number, string>> = {
  0x0805: 'X.25',
  0x22e5: 'Gigamon header',
  0x22eb: 'ERSPAN III outside of GRE',
  0x22ec: 'reserved range of IEEE',
  0x876b: 'TCP/IP compression',
  0x876c: 'IP autonomous systems',
  0x876d: 'secure data',
  0x88b5: 'local experimental',
  0x88b6: 'local experimental',
  0x88b7: 'OUI-extended',
  0x88be: 'ERSPAN outside of GRE',
  0x88dc: 'WAVE short messages',
  0x88e5: 'MACsec, encrypted',
  0x894f: 'NSH with something unknown in it',
  0x8947: 'GeoNetworking',
  0x99fe: 'Linux devices',
  0xa0ed: '6LoWPAN',
  0xd28b: 'Arista header of an unknown kind',
}

const hexadecimal = (number: number): string => `0x${number.toString(16).padStart(4, '0')}`
const named = (name: string | undefined): string => (name === undefined ? '' : ` (${name})`)

/** A phrase for what `Place` holds: one of `unread`, and its number. */
export function unreadText(what: number, number: number): string {
  switch (what) {
    case unread.link:
      return `link type ${number}${named(linkNames[number])} is not read`
    case unread.etherType:
      return `EtherType ${hexadecimal(number)}${named(typeNames[number])} is not read`
    case unread.ppp:
      return `PPP protocol ${hexadecimal(number)} is not read`
    case unread.family:
      return `address family ${number} is not read`
    case unread.encrypted:
      return 'encrypted IEEE 802.11 frames are not read'
    default:
      return 'frames of more than 16 layers are not read'
  }
}
