import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { LunaError } from '../../src/errors.ts'
import { promoteCanary, rollBack } from '../../src/operations/current-generation.ts'
import { compareGenerations } from '../../src/operations/generation-diff.ts'
import { readHistory } from '../../src/operations/generations.ts'
import { packOsimage } from '../../src/operations/pack.ts'
import { pruneOsimage } from '../../src/operations/prune.ts'
import { insertBoots } from '../../src/store/boots.ts'
import { parseTorrent } from '../../src/torrent/metainfo.ts'
import { kernver, listTree, makeImage, setDracut, setInitrd } from './pack/image.ts'
import {
  currentGeneration,
  filesOfSite,
  makeSite,
  mountsOf,
  type PackSite,
  processesOf,
  publishOldPack,
  storedGenerations,
} from './pack/site.ts'
import { startPacker, until } from './pack/start-packer.ts'

const [image, boot, both] = [
  { image: true, boot: false },
  { image: false, boot: true },
  { image: true, boot: true },
]

let site: PackSite
let root: string

beforeEach(async () => {
  site = await makeSite()
  root = join(site.directory, 'image')
  makeImage(root)
})
afterEach(() => site.remove())

const pack = (parts = both) => packOsimage(site.luna, { name: 'compute', parts })

/** Also what the stand-in for dracut saw: how it was called, and what was mounted. */
async function packWatched() {
  const seen = { arguments: '', mounts: '' }
  const packFiles: typeof site.luna.packFiles = {
    ...site.luna.packFiles,
    join: async (sources, target) => {
      for (const name of ['arguments', 'mounts'] as const)
        seen[name] = readFileSync(join(site.path, '.packing/1/initrd', name), 'utf8')
      await site.luna.packFiles.join(sources, target)
    },
  }
  return { ...(await packOsimage({ ...site.luna, packFiles }, { name: 'compute', parts: both })), seen }
}

async function errorOf(packing: Promise<unknown>): Promise<LunaError> {
  const error = await packing.then(
    () => undefined,
    (reason: LunaError) => reason,
  )
  if (!error) throw new Error('nothing was thrown')
  return error
}

test('the first pack makes everything and leaves nothing else', async () => {
  const { pack: made, warnings } = await pack(image)
  expect(await currentGeneration(site)).toBe(made.id)
  expect(filesOfSite(site)).toEqual([
    '.packing/1.lock',
    'boot/compute-1-initrd',
    'boot/compute-1-vmlinuz',
    `boot/compute-initramfs-${kernver}`,
    `boot/compute-vmlinuz-${kernver}`,
    'torrents/compute-1.tar.zst',
    'torrents/compute-1.torrent',
  ])
  expect(made).toMatchObject({ kernver, distribution: 'Debian GNU/Linux 12 (bookworm)', networkWriter: 'networkd' })
  expect(warnings).toEqual([])
  for (const name of ['boot/compute-1-vmlinuz', 'boot/compute-1-initrd', 'torrents/compute-1.tar.zst'])
    expect(statSync(join(site.path, name)).mode & 0o777).toBe(0o644)
  expect(readFileSync(join(site.path, 'boot', `compute-vmlinuz-${kernver}`), 'utf8')).toBe('kernel')
  const torrent = parseTorrent(readFileSync(join(site.path, 'torrents', made.torrentFile)))
  expect(torrent).toMatchObject({
    announceUrl: 'http://10.30.255.254:7050/announce',
    name: 'compute-1.tar.zst',
    infoHash: made.infoHash,
    sizeBytes: statSync(join(site.path, 'torrents', made.tarballFile)).size,
  })
})

test('the initrd is that of dracut with the torrent client behind it', async () => {
  const { pack: made } = await pack()
  const unpacked = join(site.directory, 'initrd')
  mkdirSync(unpacked)
  const packed = readFileSync(join(site.path, 'boot', made.initrdFile))
  const bytes = execFileSync('zstd', ['-dcq', '--long=27'], { input: packed, maxBuffer: 1 << 28 })
  expect(bytes.subarray(0, 8).toString()).toBe('initrd\n\0')
  execFileSync('cpio', ['-idm', '--quiet'], { cwd: unpacked, input: bytes.subarray(8) })
  const client = join(unpacked, 'luna/client')
  const run = [
    join(client, 'ld.so'),
    '--library-path',
    join(client, 'lib'),
    join(client, 'luna-torrent'),
    '--help',
  ] as const
  expect(execFileSync(run[0], run.slice(1), { encoding: 'utf8' })).toMatch(/^usage: luna-torrent/)
})

test('an image of a machine that the client is not built for is refused in one line', async () => {
  const riscv = Buffer.alloc(64)
  riscv.writeUInt16LE(243, 18) // EM_RISCV, elf.h
  writeFileSync(join(root, 'bin', 'sh'), riscv)
  const { message } = await errorOf(pack())
  expect(message).toMatch(
    /^the torrent client is not built for the machine of osimage "compute"; .*make client-arm64 build$/,
  )
  expect(readdirSync(join(site.path, 'boot'))).toEqual([])
})

test('what dracut does in the image happens to a view of it, and nothing stays mounted', async () => {
  const before = listTree(root, { ctime: true })
  const { seen } = await packWatched()
  expect(seen.mounts).toMatch(/^luna \/ overlay rw,/m)
  expect(listTree(root, { ctime: true })).toBe(before)
  expect(mountsOf(site)).toEqual([])
  expect(processesOf(site)).toEqual([])
})

test('an image that cannot be under an overlay is shown to dracut read-only', async () => {
  // the kernel stacks two file systems at most (FILESYSTEM_MAX_STACK_DEPTH): a third overlay is refused
  const layers = join(site.directory, 'layers')
  const mount = (lower: string, at: string) => {
    for (const name of ['upper', 'work', 'merged']) mkdirSync(join(layers, at, name), { recursive: true })
    const directories = `lowerdir=${lower},upperdir=${layers}/${at}/upper,workdir=${layers}/${at}/work`
    execFileSync('mount', ['-t', 'overlay', '-o', directories, 'overlay', join(layers, at, 'merged')])
    return join(layers, at, 'merged')
  }
  const first = mount(root, 'first')
  const second = mount(first, 'second')
  try {
    await site.luna.exec.run({ argv: ['mount', '--bind', second, root] })
    const before = listTree(root, { ctime: true })
    const { seen } = await packWatched()
    expect(seen.mounts).toMatch(/^overlay \/ overlay ro,/m)
    expect(listTree(root, { ctime: true })).toBe(before)
  } finally {
    for (const path of [root, second, first]) spawnSync('umount', [path])
  }
  expect(mountsOf(site)).toEqual([])
})

test('a tarball brings back everything', async () => {
  execFileSync('python3', [join(import.meta.dirname, 'pack', 'make-oddities.py'), root])
  const { pack: made } = await pack()
  const unpacked = join(site.directory, 'unpacked')
  mkdirSync(unpacked)
  const tarball = join(site.path, 'torrents', made.tarballFile)
  const options = ['--acls', '--selinux', '--xattrs', '--xattrs-include=*', '--numeric-owner', '--same-permissions']
  execFileSync('tar', ['--extract', '--zstd', `--file=${tarball}`, `--directory=${unpacked}`, ...options])
  expect(listTree(unpacked, { ctime: false })).toBe(listTree(root, { ctime: false }))
  expect(listTree(root, { ctime: false })).toContain('security.capability')
})

test('what is mounted in the image stays out of the tarball', async () => {
  execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', join(root, 'proc')])
  try {
    writeFileSync(join(root, 'proc/mounted'), '')
    const { pack: made } = await pack()
    const names = execFileSync('tar', ['--list', '--zstd', `--file=${site.path}/torrents/${made.tarballFile}`])
    expect(names.toString()).toContain('./proc/\n')
    expect(names.toString()).not.toContain('mounted')
  } finally {
    execFileSync('umount', [join(root, 'proc')])
  }
})

test('--boot keeps the tarball, --image the kernel', async () => {
  const old = await publishOldPack(site)
  const first = (await pack(boot)).pack
  expect(first).toMatchObject({ tarballFile: old.tarballFile, torrentFile: old.torrentFile, infoHash: old.infoHash })
  expect(first.kernelFile).toBe(`compute-${first.id}-vmlinuz`)
  const second = (await pack(image)).pack
  expect(second).toMatchObject({ kernelFile: first.kernelFile, initrdFile: first.initrdFile, kernver })
  expect(second.tarballFile).toBe(`compute-${second.id}.tar.zst`)
  expect(filesOfSite(site)).toEqual([
    '.packing/1.lock',
    `boot/compute-${first.id}-initrd`,
    `boot/compute-${first.id}-vmlinuz`,
    `boot/compute-initramfs-${kernver}`,
    `boot/compute-vmlinuz-${kernver}`,
    `torrents/compute-${second.id}.tar.zst`,
    `torrents/compute-${second.id}.torrent`,
  ])
})

describe('--copy_boot', () => {
  const copy = { image: false, boot: true, copyBoot: true }

  test.each([`initrd.img-${kernver}`, `initramfs-${kernver}.img`, `initrd-${kernver}`])(
    'takes boot/%s as it is',
    async name => {
      const old = await publishOldPack(site)
      setInitrd(root, `boot/${name}`, ['base', 'luna'])
      execFileSync('rm', ['-r', join(root, 'usr/lib/dracut'), join(root, 'usr/bin/dracut')])
      const before = listTree(root, { ctime: true })
      const { pack: made } = await pack(copy)
      const initrd = readFileSync(join(site.path, 'boot', made.initrdFile))
      expect(initrd.subarray(0, 10).toString()).toBe('base\nluna\n')
      expect(initrd.length).toBeGreaterThan(1e6) // the torrent client is behind it
      expect(made).toMatchObject({ tarballFile: old.tarballFile, kernver })
      expect(listTree(root, { ctime: true })).toBe(before)
      expect(mountsOf(site)).toEqual([])
    },
  )

  test('refuses one that was made without the module luna', async () => {
    setInitrd(root, `boot/initrd.img-${kernver}`, ['base', 'luna-alike'])
    expect((await errorOf(pack(copy))).message).toMatch(
      /^\/boot\/initrd.img-.* was made without dracut's module luna, .* one: luna osimage pack compute --boot$/,
    )
    expect(await storedGenerations(site)).toEqual({ published: [], packing: [] })
  })

  test('refuses an image without one for that kernel', async () => {
    setInitrd(root, 'boot/initrd.img-5.10.0-1-amd64', ['luna'])
    expect((await errorOf(pack(copy))).message).toMatch(
      new RegExp(`has no initrd for kernel ${kernver} in boot/; have Luna make one: luna osimage pack compute --boot$`),
    )
  })
})

test('when files of the previous generation are missing, everything is made', async () => {
  const old = await publishOldPack(site)
  rmSync(join(site.path, 'torrents', old.tarballFile))
  expect((await pack(boot)).pack.tarballFile).toBe('compute-2.tar.zst')
})

test('a kernel that the packed image does not have is worth a warning', async () => {
  await publishOldPack(site)
  for (const [from, to] of [
    [`boot/vmlinuz-${kernver}`, 'boot/vmlinuz-6.1.0-99-amd64'],
    [`usr/lib/modules/${kernver}`, 'usr/lib/modules/6.1.0-99-amd64'],
  ] as const)
    execFileSync('cp', ['-a', join(root, from), join(root, to)])
  const { warnings } = await pack(boot)
  expect(warnings).toEqual([
    `the kernel to boot is now 6.1.0-99-amd64, but the packed image is of when its kernel was ${kernver}; pack both: luna osimage pack compute`,
  ])
})

test('modules that the image lacks are left out with a warning', async () => {
  await site.store.write(tx =>
    tx
      .updateTable('osimage')
      .set({ kernmodules: 'virtio-net,ipmi_si,nosuch', dracutmodules: 'luna,bcache,-i18n' })
      .execute(),
  )
  const { warnings, seen } = await packWatched()
  expect(warnings).toEqual([
    "the image's dracut has no module bcache; the initrd goes without",
    `kernel ${kernver} has no nosuch; the initrd goes without`,
  ])
  expect(seen.arguments).toContain('--add-drivers virtio-net ipmi_si ')
  expect(seen.arguments).toContain('--modules base bash fs-lib udev-rules luna --omit')
})

test.each([
  [
    'without its directory',
    (image: string) => execFileSync('mv', [image, `${image}.away`]),
    /^the directory of osimage "compute", .*, is not there$/,
  ],
  [
    'without a kernel',
    (image: string) => execFileSync('rm', ['-r', join(image, 'boot')]),
    /has no kernel; install one: with its distribution's package manager$/,
  ],
  [
    'without dracut',
    (image: string) => {
      execFileSync('rm', ['-r', join(image, 'usr/lib/dracut')])
      mkdirSync(join(image, 'usr/bin'), { recursive: true })
      writeFileSync(join(image, 'usr/bin/apt-get'), '')
    },
    /has no dracut; install it: lchroot compute apt-get install dracut$/,
  ],
] as const)('an image %s is refused in one line', async (_, spoil, message) => {
  await publishOldPack(site)
  spoil(root)
  const error = await errorOf(pack())
  expect(error).toMatchObject({ name: 'LunaError', message: expect.stringMatching(message) })
  expect(await storedGenerations(site)).toEqual({ published: [1], packing: [] })
})

test('a cluster without a frontend address is told how to set it', async () => {
  await site.store.write(tx => tx.updateTable('cluster').set({ frontendAddress: null }).execute())
  expect((await errorOf(pack())).message).toMatch(/no frontend address yet; run: luna cluster change/)
})

test('when dracut fails its last words are shown, and the previous generation stays', async () => {
  const old = await publishOldPack(site)
  setDracut(root, 'failing')
  const error = await errorOf(pack())
  expect(error.message).toBe('dracut failed (exit status 3)')
  expect(error.detail).toBe('dracut: no such device: the words of dracut')
  expect(await storedGenerations(site)).toEqual({ published: [old.id], packing: [] })
  expect(filesOfSite(site)).toEqual([
    '.packing/1.lock',
    'boot/compute-1-initrd',
    'boot/compute-1-vmlinuz',
    'torrents/compute-1.tar.zst',
    'torrents/compute-1.torrent',
  ])
})

test('programs that the image lacks are named', async () => {
  setDracut(root, 'lacking')
  expect((await errorOf(pack())).message).toMatch(
    /^osimage "compute": the image lacks programs .* tar sshd; install what they are in: with its distribution's package manager$/,
  )
})

test('an image that changes while it is packed is not published', async () => {
  await publishOldPack(site)
  execFileSync('dd', ['if=/dev/urandom', `of=${root}/growing`, 'bs=1M', 'count=64', 'status=none'])
  const writer = spawn('sh', ['-c', 'while :; do echo more; done'], {
    stdio: ['ignore', openSync(join(root, 'growing'), 'a'), 'ignore'],
  })
  try {
    const error = await errorOf(pack(image))
    expect(error.message).toMatch(/image was changed while it was read; pack again when nothing writes there/)
    expect(error.detail).toContain('./growing: file changed as we read it')
  } finally {
    writer.kill('SIGKILL')
    await once(writer, 'exit')
  }
  expect(await currentGeneration(site)).toBe(1)
})

test('a full disk is one clear error, and what was written goes again', async () => {
  await publishOldPack(site)
  execFileSync('dd', ['if=/dev/urandom', `of=${root}/large`, 'bs=1M', 'count=16', 'status=none'])
  const small = join(site.directory, 'small')
  mkdirSync(small)
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', small])
  try {
    await site.store.write(tx => tx.updateTable('cluster').set({ path: small }).execute())
    const error = await errorOf(pack(image))
    expect(error.message).toBe(`no space is left in ${small} for a new pack of osimage "compute"; nothing was changed`)
    const files = execFileSync('find', [small, '-type', 'f'], { encoding: 'utf8' })
    expect(files).toBe(`${small}/.packing/1.lock\n`)
  } finally {
    execFileSync('umount', [small])
  }
  expect(await storedGenerations(site)).toEqual({ published: [1], packing: [] })
})

test.each([
  ['image', 'image'],
  ['all', 'initrd'],
] as const)('a packer of %s that is killed in %s leaves only what the next one removes', async (parts, phase) => {
  await publishOldPack(site)
  setDracut(root, 'hanging')
  execFileSync('dd', ['if=/dev/urandom', `of=${root}/large`, 'bs=1M', 'count=256', 'status=none'])
  const { packer, exited } = await startPacker(site, parts, phase)
  packer.kill('SIGKILL')
  await exited
  await until(() => processesOf(site).length === 0)
  expect(mountsOf(site)).toEqual([])
  expect(await currentGeneration(site)).toBe(1)
  expect(await storedGenerations(site)).toEqual({ published: [1], packing: [2] })

  setDracut(root, 'busy')
  const { pack: made } = await pack()
  expect(await storedGenerations(site)).toEqual({ published: [made.id], packing: [] })
  expect(filesOfSite(site).filter(name => name.includes('-2'))).toEqual([])
  expect(readdirSync(join(site.path, '.packing'))).toEqual(['1.lock'])
})

test.each(['SIGINT', 'SIGTERM'] as const)('%s ends a pack at once and without a trace', async signal => {
  await publishOldPack(site)
  setDracut(root, 'hanging')
  const { packer, exited, said } = await startPacker(site, 'all', 'initrd')
  packer.kill(signal)
  expect(await exited).toEqual([1, null])
  expect(said()).toBe('luna: packing osimage "compute" was interrupted; nothing was changed\n')
  expect(processesOf(site)).toEqual([])
  expect(mountsOf(site)).toEqual([])
  expect(filesOfSite(site).filter(name => !name.endsWith('.lock'))).toEqual([
    'boot/compute-1-initrd',
    'boot/compute-1-vmlinuz',
    'torrents/compute-1.tar.zst',
    'torrents/compute-1.torrent',
  ])
  expect(await storedGenerations(site)).toEqual({ published: [1], packing: [] })
})

test('two packs of one osimage at once are refused, and the second says who is at it', async () => {
  await publishOldPack(site)
  setDracut(root, 'hanging')
  const { packer, exited } = await startPacker(site, 'all', 'initrd')
  try {
    const error = await errorOf(pack(image))
    expect(error.kind).toBe('conflict')
    expect(error.message).toMatch(
      new RegExp(`^osimage "compute" is being packed already by process ${packer.pid} since \\d\\d:\\d\\d:\\d\\d;`),
    )
  } finally {
    packer.kill('SIGTERM')
    await exited
  }
  await pack(image)
})

test('an osimage that is deleted meanwhile is not published', async () => {
  await publishOldPack(site)
  const hashPieces: typeof site.luna.hashPieces = async input => {
    await site.store.write(tx => tx.deleteFrom('osimage').execute())
    return site.luna.hashPieces(input)
  }
  const error = await errorOf(packOsimage({ ...site.luna, hashPieces }, { name: 'compute', parts: image }))
  expect(error.message).toBe('osimage "compute" was deleted while it was packed')
  expect(filesOfSite(site).filter(name => name.includes('-2'))).toEqual([])
})

test('old generations go when no boot and no peer needs them', async () => {
  const [unneeded, booting, traded, tooOld] = [
    await publishOldPack(site),
    await publishOldPack(site),
    await publishOldPack(site),
    await publishOldPack(site),
  ]
  const nodeId = await insertNode()
  const dayMs = 24 * 60 * 60 * 1000
  await site.store.write(async tx => {
    await insertBoots(tx, [{ nodeId, tokenHash: 'a', packId: booting.id, createdAtMs: Date.now() - dayMs / 2 }])
    await insertBoots(tx, [{ nodeId, tokenHash: 'b', packId: tooOld.id, createdAtMs: Date.now() - 2 * dayMs }])
  })
  const peer = {
    node: 'node001',
    ip: '10.30.0.1',
    port: 7052,
    left: 0,
    downloaded: 1,
    uploaded: 0,
    rate: 0,
    from_head: null,
    last_seen_ms: 0,
  }
  const torrentOf = (infoHash: string, peers: readonly (typeof peer)[]) => ({
    info_hash: infoHash,
    name: 'n',
    size: 1,
    seeding: true,
    peers,
  })
  const torrents = [torrentOf(traded.infoHash, [peer]), torrentOf(unneeded.infoHash, [])]
  const luna = { ...site.luna, swarm: { read: async () => ({ torrents }) } }
  const { pack: made } = await packOsimage(luna, { name: 'compute', parts: image })
  expect((await storedGenerations(site)).published).toEqual([made.id, traded.id, booting.id])
  const kept = (name: string) => existsSync(join(site.path, 'torrents', name))
  expect([unneeded, booting, traded, tooOld].map(one => kept(one.tarballFile))).toEqual([false, true, true, false])
  // the new generation boots the kernel of the one before it, whose own row is gone
  expect(made.kernelFile).toBe(tooOld.kernelFile)
  expect(existsSync(join(site.path, 'boot', tooOld.kernelFile))).toBe(true)
})

test('when nobody can say who trades what, old generations stay', async () => {
  const old = await publishOldPack(site)
  const read = async () => {
    throw new LunaError('failed', 'cannot ask ltorrent')
  }
  const { pack: made, warnings } = await packOsimage(
    { ...site.luna, swarm: { read } },
    { name: 'compute', parts: image },
  )
  expect(warnings).toEqual(['old generations stay until the next pack: cannot ask ltorrent'])
  expect((await storedGenerations(site)).published).toEqual([made.id, old.id])
})

test('generations are kept by the osimage’s rule, and one of them comes back with the names that administrators know', async () => {
  await site.store.write(tx => tx.updateTable('osimage').set({ keep: 1 }).execute())
  const numbers = []
  for (const version of ['6.1.0-1-amd64', '6.1.0-2-amd64', '6.1.0-3-amd64']) {
    execFileSync('sh', ['-c', `cd ${root} && mv boot/vmlinuz-* boot/vmlinuz-${version}`])
    execFileSync('sh', ['-c', `cd ${root}/usr/lib/modules && mv * ${version}`])
    writeFileSync(join(root, 'boot', `vmlinuz-${version}`), `kernel ${version}`)
    numbers.push((await pack()).pack.id)
  }
  expect(numbers).toEqual([1, 2, 3])
  expect((await storedGenerations(site)).published).toEqual([3, 2])
  const { before, pack: previous } = await rollBack(site.luna, 'compute')
  const current = previous!
  expect([before, current.id, current.packedBy, current.madeFrom]).toEqual([3, 2, 'alice', 1])
  expect(await currentGeneration(site)).toBe(2)
  const kernel = (version: string) => readFileSync(join(site.path, 'boot', `compute-vmlinuz-${version}`), 'utf8')
  expect(kernel('6.1.0-2-amd64')).toBe('kernel 6.1.0-2-amd64')
  const again = (await pack(image)).pack
  expect(again).toMatchObject({ madeFrom: 2, kernelFile: current.kernelFile, kernver: '6.1.0-2-amd64' })
  expect((await storedGenerations(site)).published).toEqual([4, 3])
  expect((await pruneOsimage(site.luna, 'compute', 0)).map(({ id }) => id)).toEqual([3])
  expect(kernel('6.1.0-2-amd64')).toBe('kernel 6.1.0-2-amd64') // generation 4 boots it
  const { bytes, generations } = await readHistory(site.luna, 'compute')
  const files = filesOfSite(site).filter(name => /-\d+(-vmlinuz|-initrd|\.tar\.zst|\.torrent)$/.test(name))
  expect(files).toHaveLength(4)
  expect(bytes).toBe(files.map(name => statSync(join(site.path, name)).size).reduce((a, b) => a + b))
  expect(generations).toMatchObject([{ isCurrent: true, pack: { id: 4, packedBy: 'alice' } }])
})

test('a canary is packed for its nodes alone, from the one before it, and then promoted', async () => {
  await insertNode()
  const packFor = (parts: typeof both, canary?: string[]) => packOsimage(site.luna, { name: 'compute', parts, canary })
  const first = (await packFor(both)).pack
  const tried = (await packFor(both, ['node001'])).pack
  expect(await currentGeneration(site)).toBe(first.id)
  const mended = (await packFor(boot, ['node001'])).pack
  expect(mended).toMatchObject({ madeFrom: tried.id, tarballFile: tried.tarballFile })
  expect((await storedGenerations(site)).published).toEqual([mended.id, first.id])
  const link = join(site.path, 'boot', `compute-vmlinuz-${kernver}`)
  expect(readlinkSync(link)).toBe(first.kernelFile)
  expect((await packFor(image)).warnings).toEqual([
    `generation ${mended.id} stays with the nodes that try it; to end that: luna osimage promote compute, or luna osimage rollback compute`,
  ])
  await promoteCanary(site.luna, 'compute')
  expect(await currentGeneration(site)).toBe(mended.id)
  expect(readlinkSync(link)).toBe(mended.kernelFile)
  expect((await errorOf(packFor(both, ['node009']))).kind).toBe('notFound')
})

describe('packages', () => {
  const writeStatus = (...packages: string[]) => {
    mkdirSync(join(root, 'var/lib/dpkg'), { recursive: true })
    const paragraphs = packages.map(one => one.split(' '))
    const text = paragraphs.map(
      ([name, version]) => `Package: ${name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: ${version}\n`,
    )
    writeFileSync(join(root, 'var/lib/dpkg/status'), text.join('\n'))
  }
  const diff = (...numbers: [number, number | undefined]) => compareGenerations(site.luna, 'compute', numbers)

  test('of a Debian image are kept with each generation, and compared', async () => {
    await site.store.write(tx => tx.updateTable('osimage').set({ keep: 2 }).execute())
    writeStatus('bash 5.2', 'nano 7.2')
    const { pack: first } = await pack()
    expect(readFileSync(join(site.path, 'torrents/compute-1.packages'), 'utf8')).toBe(
      'bash 5.2 amd64\nnano 7.2 amd64\n',
    )
    writeStatus('bash 5.3', 'tmux 3.3a')
    const { pack: second } = await pack(boot)
    expect(second.packagesFile).toBe(first.packagesFile) // the image is that of the first
    expect(await diff(1, 2)).toMatchObject({ packages: [], unknown: [] })
    await pack(image)
    expect((await diff(1, undefined)).packages).toEqual([
      { name: 'bash', architecture: 'amd64', from: '5.2', to: '5.3' },
      { name: 'nano', architecture: 'amd64', from: '7.2', to: undefined },
      { name: 'tmux', architecture: 'amd64', from: undefined, to: '3.3a' },
    ])
    await pruneOsimage(site.luna, 'compute', 0)
    expect(existsSync(join(site.path, 'torrents/compute-1.packages'))).toBe(false)
    rmSync(join(site.path, 'torrents/compute-3.packages'))
    expect(await diff(3, 3)).toMatchObject({ packages: undefined, unknown: [3, 3] })
    await rollBack(site.luna, 'compute', 3) // nodes boot without it
  })

  test("of rpm's family are what the image's own rpm says, which changes nothing in the image", async () => {
    const rpm = `#!/bin/bash
[ "$1 $2 $3" = "--query --all --queryformat" ] || exit 9
echo changed >>/etc/os-release
echo 'kernel-core 5.14.0-1.el9 x86_64'
echo 'bind-libs 32:9.16.23-1.el9 x86_64'`
    writeFileSync(join(root, 'usr/bin/rpm'), rpm, { mode: 0o755 })
    const before = listTree(root, { ctime: true })
    const { pack: made } = await pack()
    expect(readFileSync(join(site.path, 'torrents', made.packagesFile), 'utf8')).toBe(
      'bind-libs 32:9.16.23-1.el9 x86_64\nkernel-core 5.14.0-1.el9 x86_64\n',
    )
    expect(listTree(root, { ctime: true })).toBe(before)
  })

  test('that rpm cannot list are no reason to fail', async () => {
    writeFileSync(join(root, 'usr/bin/rpm'), '#!/bin/bash\nexit 1', { mode: 0o755 })
    const { pack: made, warnings } = await pack()
    expect([made.packagesFile, warnings]).toEqual([
      '',
      [`which packages are in ${root} is not known: rpm failed (exit status 1)`],
    ])
  })
})

test('a kernel and an initrd that are those of the generation before are one file', async () => {
  await site.store.write(tx => tx.updateTable('osimage').set({ keep: 1 }).execute())
  const { pack: first } = await pack()
  const { pack: second } = await pack()
  expect(second).toMatchObject({ kernelFile: first.kernelFile, initrdFile: first.initrdFile, madeFrom: first.id })
  expect(second.tarballFile).not.toBe(first.tarballFile)
  writeFileSync(join(root, 'boot', `vmlinuz-${kernver}`), 'KERNEL')
  const { pack: third } = await pack(boot)
  expect([third.kernelFile, third.initrdFile]).toEqual(['compute-3-vmlinuz', first.initrdFile])
  await pruneOsimage(site.luna, 'compute', 0)
  expect(readFileSync(join(site.path, 'boot', third.initrdFile)).length).toBeGreaterThan(1e6)
  expect(existsSync(join(site.path, 'boot', first.kernelFile))).toBe(false)
})

async function insertNode(): Promise<number> {
  return site.store.write(async tx => {
    const { id: osimageId } = await tx.selectFrom('osimage').select('id').executeTakeFirstOrThrow()
    const scripts = { prescript: '', partscript: '', postscript: '', comment: '' }
    const { id: groupId } = await tx
      .insertInto('nodeGroup')
      .values({ name: 'compute', osimageId, bmcsetupId: null, domainId: null, torrentIf: null, ...scripts })
      .returning('id')
      .executeTakeFirstOrThrow()
    const { id } = await tx
      .insertInto('node')
      .values({ name: 'node001', groupId, mac: null, localboot: 0, setupbmc: 0, service: 0, comment: '' })
      .returning('id')
      .executeTakeFirstOrThrow()
    return id
  })
}
