import type { Address } from '../domain/address.ts'
import type { Caller } from '../domain/caller.ts'
import type { Luna } from '../luna.ts'

/** Looks up who is at that address and port. */
export async function identifyCaller(
  { neighbours }: Pick<Luna, 'neighbours'>,
  address: Address,
  port: number,
): Promise<Caller> {
  const { own, macs } = await neighbours.find(address)
  return { address, port, own, neighbours: macs }
}
