import { isIPv4, isIPv6 } from 'node:net'
import { Address6 } from 'ip-address'
import { LunaError } from '../errors.ts'

/** An IP address as trackers hand it out. */
export interface PeerAddress {
  /** Dotted decimal, or RFC 5952. */
  text: string
  /** 4 bytes (BEP 23) or 16 (BEP 7), network byte order. */
  bytes: Buffer
}

/** IPv4 through an IPv6 socket is written ::ffff:10.30.0.1 (RFC 4291 2.5.5.2). */
const mappedPrefix = /^::ffff:(?=\d+\.)/i

/** @throws LunaError */
export function parsePeerAddress(text: string): PeerAddress {
  const plain = text.replace(mappedPrefix, '')
  if (isIPv4(plain)) return { text: plain, bytes: Buffer.from(plain.split('.').map(Number)) }
  // a zone (fe80::1%eth0) is the name of a NIC of this machine and means nothing to the other peers
  const address = plain.replace(/%.*$/, '')
  if (!isIPv6(address)) throw new LunaError('invalid', `"${text}" is not an IP address`)
  const number = new Address6(address)
  return { text: number.correctForm(), bytes: Buffer.from(number.canonicalForm().replaceAll(':', ''), 'hex') }
}

/** Address and port, as in compact answers: 6 bytes (BEP 23) or 18 (BEP 7). */
export const compactPeer = (address: PeerAddress, port: number): Buffer =>
  Buffer.concat([address.bytes, Buffer.from([port >> 8, port & 0xff])])

/** 32 hexadecimal digits, IPv4 as ::ffff:a.b.c.d (RFC 4291 2.5.5.2). */
export const peerAddressHex = ({ bytes }: PeerAddress): string =>
  (bytes.length === 4 ? 'ffff' : '').concat(bytes.toString('hex')).padStart(32, '0')
