import { expect, test } from 'vitest'
import { createApp } from '../../../src/http/app.ts'
import { changeGroup } from '../../../src/operations/groups.ts'
import { changeNode, createBootCluster, macs, publishWithFiles } from '../../boot-cluster.ts'

test('each node gets kernel, initrd and image of its generation: the pinned one, the canary', async () => {
  const cluster = await createBootCluster({ packed: false })
  const tracker = { forward: () => Promise.reject(new Error('not here')), close: () => {} }
  const neighbours = { find: async () => ({ own: true, macs: [...macs] }) }
  const app = await createApp(
    { ...cluster, neighbours, tracker, seeding: { now: async () => false } },
    { warn: () => {}, error: () => {} },
  )
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  const ask = async (query: string) => await (await fetch(`${url}/luna?${query}`)).text()
  try {
    await publishWithFiles(cluster)
    await publishWithFiles(cluster)
    await publishWithFiles(cluster, {}, ['node001'])
    await changeGroup(cluster, 'compute', { generation: 1 })
    await changeNode(cluster.store, 'node002', { mac: macs[1] })
    const filesOf = async (query: string) => [...new Set((await ask(query)).match(/compute-\d[.-]\w+/g))].sort()
    const wanted = [
      { node: 'node001', mac: macs[0], generation: 3 },
      { node: 'node002', mac: macs[1], generation: 1 },
    ]
    for (const { node, mac, generation } of wanted) {
      const named = (endings: readonly string[]) => endings.map(ending => `compute-${generation}${ending}`)
      expect(await filesOf(`step=discovery&hwdata=ASSET|${mac}`)).toEqual(named(['-initrd', '-vmlinuz']))
      expect(await filesOf(`step=install&node=${node}`)).toEqual(named(['.tar', '.torrent']))
    }
  } finally {
    await app.close()
    await cluster.close()
  }
})
