/** What is not read, in words: its number, and its name where it has one. */
import { unread } from './place.ts'

const linkNames: Readonly<Record<number, string>> = {
  3: 'AX.25',
  7: 'ARCNET',
  99: 'Symantec Enterprise Firewall',
  114: 'LocalTalk',
  132: 'Juniper',
  137: 'Juniper',
  143: 'DOCSIS',
  144: 'Linux IrDA',
  147: 'USER0, private use',
  148: 'USER1, private use',
  150: 'USER3, private use',
  165: 'BACnet MS/TP',
  178: 'Juniper Ethernet',
  179: 'Juniper PPP',
  180: 'Juniper frame relay',
  181: 'Juniper C-HDLC',
  182: 'multi-link frame relay',
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
  235: 'DVB common interface',
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
  2053: 'X.25',
  8933: 'Gigamon header',
  8939: 'ERSPAN III outside of GRE',
  8940: 'reserved range of IEEE',
  34667: 'TCP/IP compression',
  34668: 'IP autonomous systems',
  34669: 'secure data',
  34997: 'local experimental',
  34998: 'local experimental',
  34999: 'OUI-extended',
  35006: 'ERSPAN outside of GRE',
  35036: 'WAVE short messages',
  35045: 'MACsec, encrypted',
  35151: 'NSH with something unknown in it',
  35143: 'GeoNetworking',
  39422: 'Linux devices',
  41197: '6LoWPAN',
  53899: 'Arista header of an unknown kind',
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
