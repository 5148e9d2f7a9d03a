import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createPackFiles } from '../../../src/effects/pack-files.ts'
import { removeGroup } from '../../../src/operations/groups.ts'
import { removeOsimage } from '../../../src/operations/osimages.ts'
import { getCluster, putCluster } from '../../../src/store/clusters.ts'
import { getOsimage } from '../../../src/store/osimages.ts'
import { insertPacking, listPacks, publishPack } from '../../../src/store/packs.ts'
import type { Store } from '../../../src/store/store.ts'
import { scratchDirectory, scratchStore } from '../../scratch.ts'
import { fillSmallCluster } from '../../small-cluster.ts'

/** A published generation of compute with files, and files of another osimage beside it. */
async function packed(store: Store, path: string): Promise<void> {
  for (const directory of ['boot', 'torrents']) mkdirSync(join(path, directory))
  const files = { kernelFile: 'compute-1-vmlinuz', initrdFile: 'compute-1-initrd' }
  const image = { tarballFile: 'compute-1.tar.zst', torrentFile: 'compute-1.torrent' }
  for (const name of [...Object.values(files), 'compute-gpu-2-vmlinuz']) writeFileSync(join(path, 'boot', name), '')
  for (const name of [...Object.values(image), 'compute-gpu-2.tar.zst']) writeFileSync(join(path, 'torrents', name), '')
  symlinkSync('compute-1-vmlinuz', join(path, 'boot', 'compute-vmlinuz-6.1'))
  await store.write(async tx => {
    await putCluster(tx, { ...(await getCluster(tx)), path })
    const osimage = await getOsimage(tx, 'compute')
    const about = {
      kernver: '6.1',
      infoHash: 'ab',
      sizeBytes: 1,
      pieceLengthBytes: 1,
      distribution: '',
      networkWriter: '',
      packagesFile: '',
      packedBy: '',
      madeFrom: undefined,
      currentAtMs: undefined,
    }
    const id = await insertPacking(tx, osimage.id, 0)
    await publishPack(tx, { id, osimageId: osimage.id, createdAtMs: 0, ...about, ...files, ...image })
  })
}

test('deleting an osimage removes the files of its generations, and nothing else', async () => {
  const store = await scratchStore()
  const path = scratchDirectory()
  await fillSmallCluster(store)
  await packed(store, path)
  await removeGroup({ store }, 'compute')
  await removeOsimage({ store, packFiles: createPackFiles() }, 'compute')
  expect(await store.read(tx => listPacks(tx))).toEqual([])
  expect(readdirSync(join(path, 'boot'))).toEqual(['compute-gpu-2-vmlinuz'])
  expect(readdirSync(join(path, 'torrents'))).toEqual(['compute-gpu-2.tar.zst'])
})
