import { LunaError } from '../errors.ts'

/** The ports of a switch: number (dot1dBasePort, RFC 4188) → name (ifName, RFC 2863). */
export type PortMap = ReadonlyMap<string, string>

/** Parses the port that a node is plugged in, by number or by name: `5`, `Gi1/0/5`, `Ethernet 1/5`. */
export function parsePort(text: string): string {
  if (/^[\x21-\x7e]([\x20-\x7e]{0,62}[\x21-\x7e])?$/.test(text)) return text
  throw new LunaError('invalid', `"${text}" is not the number or name of a switch's port`)
}

/**
 * One spelling for each port: its number when the map has the number, or the name in whatever case; as it is written when the map
 * does not know it.
 */
export function canonicalPort(map: PortMap, spelling: string): string {
  if (map.has(spelling)) return spelling
  const lower = spelling.toLowerCase()
  for (const [number, name] of map) if (name.toLowerCase() === lower) return number
  return lower
}
