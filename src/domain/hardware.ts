import { findMac, type Mac } from './mac.ts'

/** A machine has a few NICs; more than this is an attempt to be anybody. */
const mostMacs = 64
/** Characters kept of a text of the firmware; SMBIOS knows no bound (DSP0134 6.1.3). */
const mostCharacters = 64

/** What a machine says of itself at discovery; texts that it does not send are empty. */
export interface Hardware extends Identity {
  /** In the order of its firmware, doubles dropped. */
  macs: Mac[]
  /** Of the NIC that it boots from, when it says so. */
  bootMac: Mac | undefined
}

/** SMBIOS' words for a machine (DSP0134 7.2, 7.4). */
export interface Identity {
  asset: string
  serial: string
  uuid: string
  manufacturer: string
  product: string
}

/** Parameters of the query beside `hwdata`, and what Luna's own menu sends in each. */
export interface HardwareParameters {
  mac?: string | undefined
  serial?: string | undefined
  uuid?: string | undefined
  manufacturer?: string | undefined
  product?: string | undefined
}

/** `ASSET|MAC|MAC|...`; fields may be empty, and what is no MAC of a NIC (InfiniBand's 20 bytes, say) is passed over. */
export function parseHardware(hwdata: string, more: HardwareParameters = {}): Hardware {
  const [asset = '', ...fields] = hwdata.split('|')
  const macs = new Set(fields.map(findMac).filter(mac => mac !== undefined))
  return {
    macs: [...macs].slice(0, mostMacs),
    bootMac: findMac(more.mac ?? ''),
    asset: identifying(asset),
    serial: identifying(more.serial ?? ''),
    uuid: parseUuid(more.uuid ?? ''),
    manufacturer: identifying(more.manufacturer ?? ''),
    product: identifying(more.product ?? ''),
  }
}

/** What makers leave where nobody filled in the machine's own. */
const fillers =
  /^(to be filled by o\.?e\.?m\.?|default string|not (specified|available|applicable)|(system|chassis) serial number|no asset (tag|information)|none|n\/?a|unknown|[0x.-]+|0?123456789)$/i

/** A text of the firmware, or nothing where it says nothing of this one machine. Controls and bidirectional marks have no place in it. */
function identifying(text: string): string {
  const one = text.trim()
  return /[\p{C}\p{Zl}\p{Zp}]/u.test(one) || fillers.test(one) ? '' : [...one].slice(0, mostCharacters).join('')
}

/** A UUID in lower case (RFC 9562 4); all zeros or all ones mean that there is none (DSP0134 7.2.1). */
function parseUuid(text: string): string {
  const lower = text.trim().toLowerCase()
  const isUuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(lower)
  return isUuid && !/^[0-]+$|^[f-]+$/.test(lower) ? lower : ''
}
