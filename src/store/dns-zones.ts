import type { Tx } from './store.ts'

/** What was last written of a zone. */
export interface DnsZone {
  name: string
  serial: number
  /** SHA-256 of its file, hexadecimal. */
  digest: string
}

/** All that were ever written, those of networks that are gone too. */
export async function listDnsZones(tx: Tx): Promise<DnsZone[]> {
  return tx.selectFrom('dnsZone').select(['name', 'serial', 'digest']).execute()
}

export async function putDnsZone(tx: Tx, { name, ...zone }: DnsZone): Promise<void> {
  await tx
    .insertInto('dnsZone')
    .values({ name, ...zone })
    .onConflict(conflict => conflict.column('name').doUpdateSet(zone))
    .execute()
}
