import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseAddress } from '../src/domain/address.ts'
import { parseCidr } from '../src/domain/cidr.ts'
import { type Cluster, clusterDefaults } from '../src/domain/cluster.ts'
import { parseDatabaseUrl } from '../src/domain/database-url.ts'
import { type Mac, parseMac } from '../src/domain/mac.ts'
import type { Node } from '../src/domain/node.ts'
import { osimageDefaults, type Pack } from '../src/domain/osimage.ts'
import { createTemplates, type Templates } from '../src/effects/templates.ts'
import { type Boots, createBoots } from '../src/operations/begin-boots.ts'
import { beginCanary } from '../src/operations/canary.ts'
import { addGroup } from '../src/operations/groups.ts'
import { addNetwork } from '../src/operations/networks.ts'
import { addNodes } from '../src/operations/nodes.ts'
import { createUnknownMachines, type UnknownMachines } from '../src/operations/unknown-machines.ts'
import { putCluster } from '../src/store/clusters.ts'
import { getNode, updateNode } from '../src/store/nodes.ts'
import { getOsimage, insertOsimage } from '../src/store/osimages.ts'
import { insertPacking, makePackCurrent, publishPack } from '../src/store/packs.ts'
import { openStore, type Store } from '../src/store/store.ts'
import { createMigratedDatabase } from './database.ts'

/** A cluster in a real database of a temporary directory: nodes that can boot as soon as they have MACs. */
export interface BootCluster {
  directory: string
  store: Store
  /** Of its database, as luna.conf has it. */
  url: string
  templates: Templates
  boots: Boots
  unknownMachines: UnknownMachines
  /** What the clock of operations says; tests set it. */
  now: number
  clock: () => number
  close(): Promise<void>
}

export const macs = [1, 2, 3, 4].map(number => parseMac(`52:54:00:00:00:0${number}`)) as [Mac, Mac, Mac, Mac]
export const pack1: Omit<Pack, 'id' | 'osimageId'> = {
  createdAtMs: 1,
  kernver: '6.1.0-18-amd64',
  kernelFile: 'compute-1-vmlinuz',
  initrdFile: 'compute-1-initrd',
  tarballFile: 'compute-1.tar.zst',
  torrentFile: 'compute-1.torrent',
  infoHash: '0123456789abcdef0123456789abcdef01234567',
  sizeBytes: 158_000_000,
  pieceLengthBytes: 262_144,
  distribution: 'Debian GNU/Linux 12 (bookworm)',
  networkWriter: 'ifupdown',
  packagesFile: '',
  packedBy: 'root',
  madeFrom: undefined,
  currentAtMs: undefined,
}

/** node001 to node003 in group compute, image packed; node001 has the first MAC. `packed: false` leaves the image as it was added. */
export async function createBootCluster(options: Partial<Cluster> & { packed?: boolean } = {}): Promise<BootCluster> {
  const { packed = true, ...settings } = options
  const directory = mkdtempSync(join(tmpdir(), 'luna-boot-'))
  chmodSync(directory, 0o755) // daemons are another user's
  for (const name of ['boot', 'torrents', 'db']) mkdirSync(join(directory, name))
  const { url, drop } = await createMigratedDatabase(join(directory, 'db'))
  const store = await openStore(parseDatabaseUrl(url), { create: true })
  const frontendAddress = parseAddress('10.30.255.254')
  await store.write(tx => putCluster(tx, { ...clusterDefaults, frontendAddress, path: directory, ...settings }))
  await addNetwork({ store }, { name: 'cluster', cidr: parseCidr('10.30.0.0', '16') })
  await addNetwork({ store }, { name: 'ipmi', cidr: parseCidr('10.31.0.0', '16') })
  const osimage = {
    ...osimageDefaults,
    name: 'compute',
    path: '/opt/luna/os/compute',
    grabExcludeList: '',
    comment: '',
  }
  await store.write(tx => insertOsimage(tx, { ...osimage, kernopts: 'quiet console=ttyS0' }))
  if (packed) await publish(store, pack1)
  await addGroup({ store }, { name: 'compute', osimage: 'compute', network: 'cluster' })
  await addNodes({ store }, { names: ['node001', 'node002', 'node003'], group: 'compute' })
  await changeNode(store, 'node001', { mac: macs[0] })
  const cluster: BootCluster = {
    directory,
    store,
    url,
    templates: createTemplates({ directories: [join(import.meta.dirname, '..', 'templates')] }),
    boots: createBoots({ store, clock: () => cluster.now }),
    unknownMachines: createUnknownMachines({ store, clock: () => cluster.now }, { warn: () => {} }),
    now: 1_800_000_000_000,
    clock: () => cluster.now,
    close: async () => {
      await store.close()
      drop()
      rmSync(directory, { recursive: true })
    },
  }
  return cluster
}

/** Publishes a generation of an osimage and returns its number; `canary`: for these nodes alone. */
export async function publish(
  store: Store,
  pack: Omit<Pack, 'id' | 'osimageId'>,
  more: (number: number) => Partial<Pack> = () => ({}),
  name = 'compute',
  canary?: readonly string[],
): Promise<number> {
  return store.write(async tx => {
    const osimage = await getOsimage(tx, name)
    const id = await insertPacking(tx, osimage.id, pack.createdAtMs)
    await publishPack(tx, { id, osimageId: osimage.id, ...pack, ...more(id) })
    if (canary) await beginCanary(tx, osimage, { id }, canary)
    else await makePackCurrent(tx, { id, osimageId: osimage.id }, pack.createdAtMs)
    return id
  })
}

export const changeNode = (store: Store, name: string, change: Partial<Node>): Promise<void> =>
  store.write(async tx => updateNode(tx, { ...(await getNode(tx, name)), ...change }))

export const writeBootFile = (cluster: BootCluster, path: string, content: string | Buffer): void =>
  writeFileSync(join(cluster.directory, path), content)

/** Publishes a generation of osimage "compute" with names of its own, and files that hold their names. Returns its number. */
export async function publishWithFiles(
  cluster: BootCluster,
  differing: Partial<Pack> = {},
  canary?: readonly string[],
): Promise<number> {
  const id = await publish(cluster.store, pack1, number => ({ ...ownFiles(number), ...differing }), 'compute', canary)
  for (const [part, name] of Object.entries(ownFiles(id))) {
    if (part === 'infoHash') continue
    writeBootFile(cluster, `${/kernel|initrd/.test(part) ? 'boot' : 'torrents'}/${name}`, name)
  }
  return id
}

const ownFiles = (number: number) => ({
  kernelFile: `compute-${number}-vmlinuz`,
  initrdFile: `compute-${number}-initrd`,
  tarballFile: `compute-${number}.tar.zst`,
  torrentFile: `compute-${number}.torrent`,
  infoHash: `${number}`.padStart(40, '0'),
})
