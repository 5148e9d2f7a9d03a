import type { Address } from './address.ts'

/** A device that has a name and addresses, and nothing else that Luna cares for: a storage box, a PDU. */
export interface Otherdev {
  id: number
  name: string
  /** At most one in each network. */
  addresses: { network: string; address: Address }[]
  comment: string
}
