import { findMac, type Mac } from './mac.ts'

/** A machine has a few NICs; more than this is an attempt to be anybody. */
const mostMacs = 64

/** What a machine says of itself at discovery. */
export interface Hardware {
  asset: string
  /** In the order of its firmware, doubles dropped. */
  macs: Mac[]
}

/** `ASSET|MAC|MAC|...`; fields may be empty, and what is no MAC of a NIC (InfiniBand's 20 bytes, say) is passed over. */
export function parseHardware(text: string): Hardware {
  const [asset = '', ...fields] = text.split('|')
  const macs = new Set(fields.map(findMac).filter(mac => mac !== undefined))
  return { asset, macs: [...macs].slice(0, mostMacs) }
}
