import { Address4, Address6 } from 'ip-address'
import { LunaError } from '../errors.ts'

/** 4 or 6, as in IPv4 and IPv6. */
export type IpVersion = 4 | 6

/**
 * An IP address: its number and its version. IPv4 and IPv6 are kept apart by `version`; `toHex` writes both as 32 hexadecimal
 * digits (IPv4 as ::ffff:a.b.c.d, RFC 4291 2.5.5.2), so that every database sorts them alike.
 */
export interface Address {
  readonly version: IpVersion
  readonly value: bigint
}

const mapped = 0xffff_0000_0000n
const bits = { 4: 32, 6: 128 } as const

/** Number of bits in an address of that version. */
export const widthOf = (version: IpVersion): number => bits[version]

export function findAddress(text: string): Address | undefined {
  if (/^\d{1,3}(\.\d{1,3}){3}$/.test(text)) {
    // a leading zero is octal to some programs (inet_aton(3)) and decimal to others: refused
    if (/(^|\.)0\d/.test(text) || !Address4.isValid(text)) return undefined
    return { version: 4, value: new Address4(text).bigInt() }
  }
  if (!text.includes(':') || /[%/\s]/.test(text) || !Address6.isValid(text)) return undefined
  const value = new Address6(text).bigInt()
  // a dual-stack socket says ::ffff:10.30.0.1 of an IPv4 caller (RFC 3493 3.7)
  return value >> 32n === 0xffffn ? { version: 4, value: value & 0xffff_ffffn } : { version: 6, value }
}

/** Parses one address, without prefix length or zone. */
export function parseAddress(text: string): Address {
  const address = findAddress(text)
  if (address) return address
  throw new LunaError('invalid', `"${text}" is not an IP address (like 10.30.0.1 or fd00::1)`)
}

/** Whether one machine can have it: not a multicast, unspecified or reserved address (RFC 6890, RFC 4291 2.4). */
export const isUnicast = ({ version, value }: Address): boolean =>
  version === 4 ? value >> 24n > 0n && value >> 24n < 224n : value > 0n && value >> 120n !== 0xffn

/** Parses the address of a machine. */
export function parseHostAddress(text: string): Address {
  const address = parseAddress(text)
  if (isUnicast(address)) return address
  throw new LunaError('invalid', `"${text}" is not an address that a machine can have`)
}

/** Canonical text: dotted decimal, or RFC 5952. */
export const formatAddress = (address: Address): string =>
  address.version === 4
    ? Address4.fromBigInt(address.value).correctForm()
    : Address6.fromBigInt(address.value).correctForm()

/** 32 hexadecimal digits, as stored. */
export const toHex = (address: Address): string =>
  (address.version === 4 ? mapped + address.value : address.value).toString(16).padStart(32, '0')

export function fromHex(hex: string): Address {
  const value = BigInt(`0x${hex}`)
  return value >> 32n === 0xffffn ? { version: 4, value: value & 0xffff_ffffn } : { version: 6, value }
}

/** The address that 32 hexadecimal digits are; undefined for any other text. */
export const findAddressOfHex = (text: string): Address | undefined =>
  /^[0-9a-f]{32}$/.test(text) ? fromHex(text) : undefined

export const sameAddress = (a: Address, b: Address): boolean => a.version === b.version && a.value === b.value
