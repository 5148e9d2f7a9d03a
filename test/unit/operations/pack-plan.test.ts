import { expect, test } from 'vitest'
import { osimageDefaults } from '../../../src/domain/osimage.ts'
import { addGroup } from '../../../src/operations/groups.ts'
import { addNodes } from '../../../src/operations/nodes.ts'
import { readPackSubject } from '../../../src/operations/pack-plan.ts'
import { insertOsimage } from '../../../src/store/osimages.ts'
import { createBootCluster } from '../../boot-cluster.ts'

test('an image is packed for the nodes of the groups that use it, and for all while none does', async () => {
  const cluster = await createBootCluster()
  try {
    const { store } = cluster
    const login = { ...osimageDefaults, name: 'login', path: '/opt/luna/os/login', grabExcludeList: '', comment: '' }
    await store.write(tx => insertOsimage(tx, login))
    const nodesFor = async (name: string) => (await readPackSubject(cluster, name)).nodeCount
    expect([await nodesFor('compute'), await nodesFor('login')]).toEqual([3, 3])
    await addGroup({ store }, { name: 'login', osimage: 'login', network: 'cluster' })
    await addNodes({ store }, { names: ['login1', 'login2'], group: 'login' })
    expect([await nodesFor('compute'), await nodesFor('login')]).toEqual([3, 2])
  } finally {
    await cluster.close()
  }
})
