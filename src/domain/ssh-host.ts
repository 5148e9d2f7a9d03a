import { LunaError } from '../errors.ts'
import { findAddress } from './address.ts'

/** A machine as ssh(1) is told of it: a name of DNS or of its own configuration, or an address. */
export function parseSshHost(text: string): string {
  const isName = text.length <= 253 && /^[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?$/.test(text)
  if (isName || findAddress(text)) return text
  throw new LunaError('invalid', `"${text}" is neither a host's name nor an address`)
}
