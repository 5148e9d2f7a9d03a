import { parseAddress } from '../src/domain/address.ts'
import { parseCidr } from '../src/domain/cidr.ts'
import { clusterDefaults } from '../src/domain/cluster.ts'
import { osimageDefaults } from '../src/domain/osimage.ts'
import { addGroup } from '../src/operations/groups.ts'
import { addNetwork } from '../src/operations/networks.ts'
import { putCluster } from '../src/store/clusters.ts'
import { insertOsimage } from '../src/store/osimages.ts'
import type { Store } from '../src/store/store.ts'

/**
 * The READMEs' cluster: networks `cluster` (10.30.0.0/16, the head at 10.30.255.254) and `ipmi` (10.31.0.0/16), osimage and group
 * `compute` with BOOTIF in the one and BMC in the other.
 */
export async function fillSmallCluster(store: Store): Promise<void> {
  await store.write(async tx => {
    await putCluster(tx, { ...clusterDefaults, frontendAddress: parseAddress('10.30.255.254') })
    const rest = { grabExcludeList: '', comment: '' }
    await insertOsimage(tx, { ...osimageDefaults, ...rest, name: 'compute', path: '/opt/luna/os/compute' })
  })
  await addNetwork({ store }, { name: 'cluster', cidr: parseCidr('10.30.0.0', '16') })
  await addNetwork({ store }, { name: 'ipmi', cidr: parseCidr('10.31.0.0', '16') })
  await addGroup({ store }, { name: 'compute', osimage: 'compute', network: 'cluster', bmcnetwork: 'ipmi' })
}
