import { LunaError } from '../errors.ts'

/** A hardware address in its one stored form: `52:54:00:4c:00:01`. */
export type Mac = string & { readonly mac: unique symbol }

const forms = [
  /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/, // Linux, IEEE 802
  /^[0-9a-f]{2}(-[0-9a-f]{2}){5}$/, // pxelinux, Windows, iPXE's hexhyp
  /^[0-9a-f]{4}(\.[0-9a-f]{4}){2}$/, // Cisco
  /^[0-9a-f]{12}$/,
]

/** The MAC in `text`, in any usual notation, or undefined when it is none that a NIC can have. */
export function findMac(text: string): Mac | undefined {
  const lower = text.trim().toLowerCase()
  if (!forms.some(form => form.test(lower))) return undefined
  const digits = lower.replace(/[^0-9a-f]/g, '')
  const multicast = (Number.parseInt(digits.slice(0, 2), 16) & 1) === 1
  if (multicast || digits === '000000000000') return undefined
  return digits.match(/../g)!.join(':') as Mac
}

export function parseMac(text: string): Mac {
  const mac = findMac(text)
  if (mac) return mac
  throw new LunaError('invalid', `"${text}" is not the MAC address of a network card (like 52:54:00:12:34:56)`)
}
