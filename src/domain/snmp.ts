import { LunaError } from '../errors.ts'

/** How much of SNMPv3's user-based security is used (RFC 3414): nothing, messages that are proven, messages that are secret too. */
export const snmpLevels = ['noAuthNoPriv', 'authNoPriv', 'authPriv'] as const
export type SnmpLevel = (typeof snmpLevels)[number]

/** RFC 3414 6 and 7, RFC 7860. */
export const authProtocols = ['md5', 'sha', 'sha224', 'sha256', 'sha384', 'sha512'] as const
export type AuthProtocol = (typeof authProtocols)[number]

/**
 * RFC 3826; the two of 256 bits never became an RFC: `b` is Blumenthal's draft, `r` Reeder's, which Cisco has. Not DES (RFC 3414 8): OpenSSL
 * 3 has put it away.
 */
export const privProtocols = ['aes', 'aes256b', 'aes256r'] as const
export type PrivProtocol = (typeof privProtocols)[number]

/** SNMPv3 as far as a switch is asked by it; v2c when `user` is empty. */
export interface SnmpV3 {
  snmpUser: string
  snmpLevel: SnmpLevel
  authProtocol: AuthProtocol
  authPassword: string
  privProtocol: PrivProtocol
  privPassword: string
}

export const snmpV3Defaults: SnmpV3 = {
  snmpUser: '',
  snmpLevel: 'noAuthNoPriv',
  authProtocol: 'sha',
  authPassword: '',
  privProtocol: 'aes',
  privPassword: '',
}

/** A word of a list, whatever its case: `AuthPriv`, `SHA`. */
const parseWord =
  <Word extends string>(what: string, words: readonly Word[]) =>
  (text: string): Word => {
    const word = words.find(one => one.toLowerCase() === text.toLowerCase())
    if (word) return word
    throw new LunaError('invalid', `"${text}" is not ${what}; there are ${words.join(', ')}`)
  }

export const parseSnmpLevel = parseWord('a level of SNMPv3', snmpLevels)
export const parseAuthProtocol = parseWord('an authentication protocol', authProtocols)
export const parsePrivProtocol = parseWord('a privacy protocol', privProtocols)

/** RFC 3414 5: snmpAdminString of 1 to 32. */
export function parseSnmpUser(text: string): string {
  if (/^[\x21-\x7e]{1,32}$/.test(text)) return text
  throw new LunaError('invalid', 'an SNMP user has 1 to 32 printable ASCII characters without spaces')
}

/** RFC 3414 11.2: no password shorter than 8 is accepted. The message must not show it. */
export function parseSnmpPassword(text: string): string {
  if (/^[\x20-\x7e]{8,128}$/.test(text)) return text
  throw new LunaError('invalid', 'an SNMPv3 password has 8 to 128 printable ASCII characters')
}

/** RFC 3584 5: an octet string of at most 255; people type ASCII. The message must not show it. */
export function parseCommunity(text: string): string {
  if (/^[\x21-\x7e]{1,255}$/.test(text)) return text
  throw new LunaError('invalid', 'an SNMP community has 1 to 255 printable ASCII characters without spaces')
}

/** SMI (RFC 2578 3.5): at most 128 numbers of 32 bits. `1.3.6.1` and `.1.3.6.1` are both stored with the dot. */
export function parseOid(text: string): string {
  const numbers = /^\.?\d{1,10}(\.\d{1,10}){1,127}$/.test(text) ? text.replace(/^\./, '').split('.').map(Number) : []
  if (numbers.length > 0 && numbers[0]! <= 2 && numbers.every(number => number <= 0xffff_ffff))
    return `.${numbers.join('.')}`
  throw new LunaError('invalid', `"${text}" is not an OID (like .1.3.6.1.2.1.17.7.1.2.2.1.2)`)
}

/**
 * The settings after a change. Where it says no level, the level is the highest that there are passwords for; one that lacks its
 * passwords is refused. A user of '' is the way back to v2c and forgets the passwords.
 */
export function changeSnmp(present: SnmpV3, change: Partial<SnmpV3>): SnmpV3 {
  if (Object.keys(change).length === 0) return present
  const next = { ...present, ...change }
  if (next.snmpUser === '') {
    if (Object.keys(change).some(key => key !== 'snmpUser'))
      throw new LunaError('usage', 'SNMPv3 needs a user: --snmp_user NAME; without one the switch is asked by v2c')
    return snmpV3Defaults
  }
  const level = change.snmpLevel ?? levelFor(next)
  if (snmpLevels.indexOf(level) > snmpLevels.indexOf(levelFor(next)))
    throw new LunaError(
      'invalid',
      `level ${level} needs ${level === 'authPriv' ? '--auth_password and --priv_password' : '--auth_password'}`,
    )
  return { ...next, snmpLevel: level }
}

function levelFor({ authPassword, privPassword }: SnmpV3): SnmpLevel {
  if (authPassword === '') return 'noAuthNoPriv'
  return privPassword === '' ? 'authNoPriv' : 'authPriv'
}
