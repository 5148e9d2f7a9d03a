import { join } from 'node:path'
import { type Cluster, getFrontendAddress } from '../domain/cluster.ts'
import type { Osimage, Pack } from '../domain/osimage.ts'
import { LunaError } from '../errors.ts'
import type { Luna } from '../luna.ts'
import { getCluster } from '../store/clusters.ts'
import { countNodes } from '../store/nodes.ts'
import { getOsimage } from '../store/osimages.ts'
import { findPack } from '../store/packs.ts'
import { dracutModulesDirectory } from '../tools/dracut.ts'
import { adviseOnCanary, getCanaryNodes } from './canary.ts'

/** Where packs of all osimages work, below the cluster's path; nothing in it is of use to nodes. */
export const packingDirectory = '.packing'

export interface PackParts {
  image: boolean
  boot: boolean
  /** The initrd is not made: the one that was made in the image is taken as it is. */
  copyBoot?: boolean
}

export interface PackWish {
  name: string
  /** What to make anew; both or none: everything. The first pack of an osimage makes everything. */
  parts: PackParts
  /** Names of the nodes that alone are to get it; undefined: all. */
  canary?: readonly string[] | undefined
}

/** Where a pack of one osimage works and what it makes ends up. */
export interface PackDirectories {
  boot: string
  torrents: string
  /** Of this osimage's packs alone, and of root's. */
  work: string
  lockFile: string
  /** There while the image's directory is grabbed, and after a grab that was not finished: says from which host. */
  grabMark: string
}

export function packDirectories(cluster: Pick<Cluster, 'path'>, osimage: Pick<Osimage, 'id'>): PackDirectories {
  const packing = join(cluster.path, packingDirectory)
  return {
    boot: join(cluster.path, 'boot'),
    torrents: join(cluster.path, 'torrents'),
    work: join(packing, `${osimage.id}`),
    lockFile: join(packing, `${osimage.id}.lock`),
    grabMark: join(packing, `${osimage.id}.grabbing`),
  }
}

/** The files of one generation without which nodes cannot boot; another may share some. */
export const filesByPart = (pack: Pack, { boot, torrents }: Pick<PackDirectories, 'boot' | 'torrents'>) => ({
  kernel: join(boot, pack.kernelFile),
  initrd: join(boot, pack.initrdFile),
  tarball: join(torrents, pack.tarballFile),
  torrent: join(torrents, pack.torrentFile),
})

export const packagesFileOf = ({ packagesFile }: Pack, { torrents }: Pick<PackDirectories, 'torrents'>) =>
  packagesFile === '' ? undefined : join(torrents, packagesFile)

export const filesOf = (...pack: Parameters<typeof filesByPart>): string[] => [
  ...Object.values(filesByPart(...pack)),
  ...[packagesFileOf(...pack) ?? []].flat(),
]

/** What is to be packed, when everything that can be known before has been looked at. */
export interface PackPlan {
  cluster: Cluster
  osimage: Osimage
  directories: PackDirectories
  /** The generation that nodes get now, or those that try one; what is not made anew is taken from it. */
  previous: Pack | undefined
  /** Nodes that may fetch it: those of the groups that use it, or all while none does. */
  nodeCount: number
  parts: PackParts
  /** Names of the nodes that alone are to get it. */
  canary: readonly string[] | undefined
  kernver: string
  /** The head's path of the kernel in the image. */
  kernelPath: string
  /** The image's own path of the initrd, where none is to be made. */
  initrdPath: string | undefined
  warnings: string[]
}

type Needs = Pick<Luna, 'store' | 'imageTree' | 'packFiles'>

export const readPackSubject = ({ store }: Pick<Luna, 'store'>, name: string, canary?: readonly string[]) =>
  store.read(async tx => {
    const osimage = await getOsimage(tx, name)
    if (canary) await getCanaryNodes(tx, osimage, canary)
    const before = (canary && osimage.canaryId) ?? osimage.packId
    const previous = before === undefined ? undefined : await findPack(tx, before)
    const nodeCount = (await countNodes(tx, osimage.id)) || (await countNodes(tx))
    return { cluster: await getCluster(tx), osimage, previous, nodeCount }
  })

/** To be called with the lock, since another pack may have ended just before. */
export async function planPack(luna: Needs, input: PackWish): Promise<PackPlan> {
  const { canary } = input
  const { cluster, osimage, previous, nodeCount } = await readPackSubject(luna, input.name, canary)
  getFrontendAddress(cluster)
  const { image, boot } = input.parts
  const directories = packDirectories(cluster, osimage)
  await checkWhole(luna, osimage, directories)
  const isReusable = previous && (await luna.packFiles.exist(Object.values(filesByPart(previous, directories))))
  const parts = { ...input.parts, ...(isReusable && image !== boot ? {} : { image: true, boot: true }) }
  const kernel = await findKernel(luna, osimage)
  const initrdPath = parts.copyBoot ? await findInitrd(luna, osimage, kernel.kernver) : undefined
  if (parts.boot && !parts.copyBoot) await checkDracut(luna, osimage)
  const warnings = [
    ...(previous ? mismatches(osimage, previous, kernel.kernver, parts) : []),
    ...(canary ? [] : adviseOnCanary(osimage)),
  ]
  return { cluster, osimage, directories, previous, nodeCount, parts, canary, ...kernel, initrdPath, warnings }
}

/** @throws LunaError notReady after a grab that was not finished */
export async function checkWhole(
  { packFiles }: Pick<Luna, 'packFiles'>,
  { name, path }: Osimage,
  { grabMark }: PackDirectories,
): Promise<void> {
  if (!(await packFiles.exist([grabMark]))) return
  throw new LunaError(
    'notReady',
    `a grab of osimage "${name}" was not finished, and ${path} is neither what it was nor what the host is; grab it again, or mend it and remove ${grabMark}`,
  )
}

async function findKernel({ imageTree }: Needs, osimage: Osimage) {
  const { name, path, kernver } = osimage
  if (!(await imageTree.isDirectory(path)))
    throw new LunaError('invalid', `the directory of osimage "${name}", ${path}, is not there`)
  const kernels = await imageTree.findKernels(path)
  const found = kernver === 'ANY' ? kernels.at(-1) : kernels.find(version => version === kernver)
  const kernelPath = found === undefined ? undefined : await imageTree.findKernelFile(path, found)
  if (found !== undefined && kernelPath !== undefined) return { kernver: found, kernelPath }
  if (kernels.length === 0)
    throw new LunaError(
      'invalid',
      `${path} has no kernel; install one: ${await installHint(imageTree, osimage, 'kernel')}`,
    )
  throw new LunaError(
    'invalid',
    `${path} has no kernel ${kernver}; it has ${kernels.join(', ')}; choose with: luna osimage change ${name} --kernver ANY`,
  )
}

async function findInitrd({ imageTree }: Needs, { path, name }: Osimage, kernver: string): Promise<string> {
  const found = await imageTree.findInitrdFile(path, kernver)
  if (found !== undefined) return found
  throw new LunaError(
    'invalid',
    `${path} has no initrd for kernel ${kernver} in boot/; have Luna make one: luna osimage pack ${name} --boot`,
  )
}

async function checkDracut({ imageTree }: Needs, osimage: Osimage): Promise<void> {
  const { path } = osimage
  if ((await imageTree.list(path, dracutModulesDirectory)).length > 0) return
  const hint = await installHint(imageTree, osimage, 'dracut')
  throw new LunaError('invalid', `${path} has no dracut; install it: ${hint}`)
}

/** Package managers and what they call things, by the program that shows that an image uses them. */
const packageManagers = [
  { program: '/usr/bin/apt-get', install: 'apt-get install', kernel: 'linux-image-amd64' },
  { program: '/usr/bin/dnf', install: 'dnf install', kernel: 'kernel' },
  { program: '/usr/bin/yum', install: 'yum install', kernel: 'kernel' },
  { program: '/usr/bin/zypper', install: 'zypper install', kernel: 'kernel-default' },
] as const

/** The command that installs a package into the image. */
export async function installHint(
  imageTree: Luna['imageTree'],
  { name: osimage, path }: Pick<Osimage, 'name' | 'path'>,
  wanted: 'kernel' | string,
): Promise<string> {
  const present = await imageTree.findPresent(
    path,
    packageManagers.map(({ program }) => program),
  )
  const manager = packageManagers.find(({ program }) => present.has(program))
  const name = wanted === 'kernel' ? (manager?.kernel ?? 'kernel') : wanted
  return manager ? `lchroot ${osimage} ${manager.install} ${name}` : "with its distribution's package manager"
}

/** A kernel of one pack and an image of another fit as long as both have the same version of the kernel. */
function mismatches({ name }: Osimage, previous: Pack, kernver: string, parts: PackParts): string[] {
  if (previous.kernver === kernver || parts.image === parts.boot) return []
  const other = parts.boot
    ? `the packed image is of when its kernel was ${previous.kernver}`
    : `nodes go on booting kernel ${previous.kernver}`
  return [`the kernel to boot is now ${kernver}, but ${other}; pack both: luna osimage pack ${name}`]
}
