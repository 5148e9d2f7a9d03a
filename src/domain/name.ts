import { LunaError } from '../errors.ts'
import { parseHostlist } from './hostlist.ts'

/**
 * Names of objects end up in shells, URLs, DNS zones and file names. A host's name is an RFC 1123 label (RFC 1123 2.1,
 * lower case, since DNS does not tell cases apart); others may have dots and underscores inside besides.
 */
const hostLabel = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/
const objectName = /^[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$/
/** netdevice(7): at most 15 bytes, no slash, no white space. */
const interfaceName = /^[A-Za-z0-9][A-Za-z0-9_.:-]{0,14}$/

/**
 * Parses the name of a node, switch or other device: one DNS label. Not digits alone, which inet_aton(3) takes for an address, and
 * not localhost (RFC 6761 6.3).
 */
export function parseHostName(text: string): string {
  if (hostLabel.test(text) && !/^\d+$/.test(text) && text !== 'localhost') return text
  throw new LunaError('invalid', `"${text}" cannot be a host's name: use a-z, 0-9 and inner hyphens, at most 63`)
}

/** Parses a hostlist of such names. */
export const parseHostNames = (text: string): string[] => parseHostlist(text).map(parseHostName)

/** Parses the name of a network, osimage, group ...; `what` names the noun in the message. */
export function parseObjectName(what: string, text: string): string {
  if (objectName.test(text) && !text.includes('..')) return text
  throw new LunaError(
    'invalid',
    `"${text}" cannot be the name of ${what}: use letters, digits and inner - _ . (at most 63)`,
  )
}

/** A network's name is a DNS zone's too: labels with dots between. */
export function parseNetworkName(text: string): string {
  if (/(^|\.)arpa$/.test(text))
    throw new LunaError('invalid', `"${text}" cannot be a network's name: below arpa are reverse zones (RFC 3172)`)
  if (text.length <= 200 && text.split('.').every(label => hostLabel.test(label))) return text
  throw new LunaError(
    'invalid',
    `"${text}" cannot be a network's name: it names a DNS zone, use a-z, 0-9, inner - and .`,
  )
}

export function parseInterfaceName(text: string): string {
  if (interfaceName.test(text)) return text
  throw new LunaError('invalid', `"${text}" cannot be an interface's name: at most 15 letters, digits and _ . : -`)
}
