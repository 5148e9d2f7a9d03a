import { parseAddress } from '../src/domain/address.ts'
import { type Mac, parseMac } from '../src/domain/mac.ts'
import { putMachine } from '../src/store/machines.ts'
import type { Store } from '../src/store/store.ts'

/** 02:00:00:00:00:01 and so on. */
export const macNumber = (number: number): Mac => parseMac((0x0200_0000_0000 + number).toString(16).padStart(12, '0'))

/** A machine that asked at that time, alone in its way unless something is said. */
export const seeMachine = (
  store: Store,
  macs: readonly [Mac, ...Mac[]],
  atMs: number,
  more: { serial?: string; asset?: string } = {},
): Promise<boolean> => {
  const identity = { asset: '', serial: '', uuid: '', manufacturer: 'Maker', product: 'R740', ...more }
  const address = parseAddress(`10.30.200.${Number.parseInt(macs[0].slice(-2), 16)}`)
  return store.write(tx => putMachine(tx, { sighting: { macs, address, ...identity }, atMs, asked: 1 }))
}
