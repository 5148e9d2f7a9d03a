import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { labPaths } from '../../lab/paths.ts'
import type { Pack } from '../../src/domain/osimage.ts'
import { runInOsimage } from '../../src/operations/chroot.ts'
import { packOsimage } from '../../src/operations/pack.ts'
import { listTree } from './pack/image.ts'
import { currentGeneration, makeSite, mountsOf, type PackSite, processesOf } from './pack/site.ts'
import { startPacker, until } from './pack/start-packer.ts'

const { image } = labPaths(process.env['LUNA_LAB_DIR'] ?? '/var/cache/luna-lab')

/** dracut itself needs a whole distribution: the one that `make lab` makes and keeps. */
describe.runIf(existsSync(join(image, 'usr/bin/dracut')))('a real Debian image', () => {
  let site: PackSite
  let before: string
  let pack: Pack
  /** Sizes of dracut's archive and of the client's. */
  let archives: number[]

  beforeAll(async () => {
    site = await makeSite(image)
    before = listTree(image, { ctime: true })
    const { luna } = site
    const packFiles: typeof luna.packFiles = {
      ...luna.packFiles,
      join: async (sources, target) => {
        archives = sources.map(source => statSync(source).size)
        await luna.packFiles.join(sources, target)
      },
    }
    pack = (await packOsimage({ ...luna, packFiles }, { name: 'compute', parts: { image: true, boot: true } })).pack
  })
  afterAll(() => site.remove())

  test('stays as it is, and nothing stays mounted or running', () => {
    expect(listTree(image, { ctime: true })).toBe(before)
    expect(mountsOf(site)).toEqual([])
    expect(processesOf(site)).toEqual([])
  })

  test('stays as it is when the packer is killed in the middle of dracut', async () => {
    const { packer, exited } = await startPacker(site, 'boot', 'initrd')
    packer.kill('SIGKILL')
    await exited
    await until(() => processesOf(site).length === 0)
    expect(mountsOf(site)).toEqual([])
    expect(listTree(image, { ctime: true })).toBe(before)
    expect(await currentGeneration(site)).toBe(pack.id)
  })

  test('comes back whole from its tarball', () => {
    const unpacked = join(site.directory, 'unpacked')
    mkdirSync(unpacked)
    const tarball = join(site.path, 'torrents', pack.tarballFile)
    const options = ['--acls', '--selinux', '--xattrs', '--xattrs-include=*', '--numeric-owner', '--same-permissions']
    execFileSync('tar', ['--extract', '--zstd', `--file=${tarball}`, `--directory=${unpacked}`, ...options])
    expect(listTree(unpacked, { ctime: false })).toBe(listTree(image, { ctime: false }))
  })

  test('gives an initrd below 27 MB with the luna module, drivers and the torrent client', () => {
    const packed = readFileSync(join(site.path, 'boot', pack.initrdFile))
    expect(packed.length).toBeLessThan(27_000_000)
    const bytes = execFileSync('zstd', ['-dcq', '--long=27'], { input: packed, maxBuffer: 1 << 28 })
    const namesIn = (archive: Buffer) =>
      execFileSync('cpio', ['-it', '--quiet'], { input: archive, encoding: 'utf8', maxBuffer: 1 << 28 })
    const [dracuts, client] = [bytes.subarray(0, archives[0]), bytes.subarray(Math.ceil(archives[0]! / 4) * 4)]
    const names = [dracuts, client].flatMap(archive => namesIn(archive).split('\n'))
    const wanted = [
      'usr/lib/luna/authorities.pem',
      'usr/lib/luna/luna-main',
      'usr/bin/luna-client',
      'luna/client/luna-torrent',
      'luna/client/ld.so',
    ]
    for (const name of wanted) expect(names).toContain(name)
    expect(names.filter(name => name.endsWith('/virtio_net.ko'))).toHaveLength(1)
  })

  test('knows its packages, and of an unchanged image makes the same kernel and initrd, which are kept once', async () => {
    const list = readFileSync(join(site.path, 'torrents', pack.packagesFile), 'utf8')
    for (const name of ['dracut', 'libc6', 'bash']) expect(list).toMatch(new RegExp(`^${name} \\S+ (amd64|all)$`, 'm'))
    const { pack: again } = await packOsimage(site.luna, { name: 'compute', parts: { image: false, boot: true } })
    expect([again.kernelFile, again.initrdFile]).toEqual([pack.kernelFile, pack.initrdFile])
  })

  test("packs an initrd that the image's own dracut made, and none without the module luna", async () => {
    const own = join(site.directory, 'image')
    execFileSync('cp', ['--archive', '--reflink=auto', image, own])
    execFileSync('cp', ['-r', 'dracut/95luna', join(own, 'usr/lib/dracut/modules.d')])
    await site.store.write(tx => tx.updateTable('osimage').set({ path: own }).execute())
    const initrd = `/boot/initrd.img-${pack.kernver}`
    const make = (...words: string[]) =>
      runInOsimage(site.luna, {
        osimage: 'compute',
        command: ['dracut', '--quiet', '--force', '--no-hostonly', '--kver', pack.kernver, ...words, initrd],
      })
    const copy = () => packOsimage(site.luna, { name: 'compute', parts: { image: false, boot: true, copyBoot: true } })
    expect(await make('--modules', 'base bash fs-lib udev-rules')).toBe(0)
    await expect(copy()).rejects.toThrow("made without dracut's module luna")
    expect(await make('--modules', 'base bash fs-lib udev-rules luna')).toBe(0)
    const { pack: made } = await copy()
    const packed = readFileSync(join(site.path, 'boot', made.initrdFile))
    const its = readFileSync(join(own, initrd))
    expect(packed.subarray(0, its.length).equals(its)).toBe(true)
  })
})
