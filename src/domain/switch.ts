import type { Address } from './address.ts'
import type { SnmpV3 } from './snmp.ts'

/** A network switch that is asked which MAC is behind which of its ports. */
export interface Switch extends SnmpV3 {
  id: number
  name: string
  network: string
  address: Address
  /** Communities of SNMP v2c: who knows them may read, and write. */
  read: string
  rw: string
  /** Root of the table that tells which MAC is behind which port, with a leading dot. */
  oid: string
  comment: string
  /** When it last answered, to the minute; undefined when it never did. */
  polledAtMs: number | undefined
  /** Why it does not answer now; empty when it does. */
  trouble: string
}

export const switchDefaults = {
  read: 'public',
  rw: 'private',
  /** Q-BRIDGE-MIB dot1qTpFdbPort (RFC 4363). */
  oid: '.1.3.6.1.2.1.17.7.1.2.2.1.2',
} as const
