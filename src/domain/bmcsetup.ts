import { LunaError } from '../errors.ts'

/** How the management controllers of a group's nodes are set up (IPMI 2.0: users, LAN channels). */
export interface Bmcsetup {
  id: number
  name: string
  user: string
  password: string
  userid: number
  netchannel: number
  mgmtchannel: number
  comment: string
}

export const bmcsetupDefaults = {
  user: 'ladmin',
  password: 'ladmin',
  userid: 3,
  netchannel: 1,
  mgmtchannel: 1,
} as const

/** IPMI 2.0 22.28: at most 16 bytes of printable ASCII. */
export function parseBmcUser(text: string): string {
  if (/^[A-Za-z0-9_.-]{1,16}$/.test(text)) return text
  throw new LunaError('invalid', `"${text}" cannot be a BMC user: 1 to 16 letters, digits and _ . -`)
}

/** IPMI 2.0 22.30: at most 20 bytes. */
export function parseBmcPassword(text: string): string {
  if (/^[\x21-\x7e]{1,20}$/.test(text)) return text
  throw new LunaError('invalid', 'a BMC password has 1 to 20 printable ASCII characters without spaces')
}
