import { forgetMs } from '../domain/forwarding.ts'
import type { Luna } from '../luna.ts'
import { listGroups } from '../store/groups.ts'
import { listAddressesOfNodes, listSwitchesOfNodes } from '../store/node-places.ts'
import type { PeerPlace } from '../torrent/peer.ts'

/**
 * Where the nodes are in the network, by each of their addresses in 32 hexadecimal digits. None where no switch is known and no group has an
 * interface for the torrent.
 */
export const nodePlaces = ({ store, clock }: Pick<Luna, 'store' | 'clock'>): Promise<ReadonlyMap<string, PeerPlace>> =>
  store.read(async tx => {
    const switches = await listSwitchesOfNodes(tx, clock() - forgetMs)
    const isOfUse = switches.size > 0 || (await listGroups(tx)).some(({ torrentIf }) => torrentIf !== undefined)
    const addresses = isOfUse ? await listAddressesOfNodes(tx) : []
    return new Map(
      addresses.map(({ address, nodeId, forTorrent }) => [
        address,
        { nodeId, switchId: switches.get(nodeId), forTorrent },
      ]),
    )
  })
