import { rmSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseDatabaseUrl } from '../../src/domain/database-url.ts'
import { openStore } from '../../src/store/store.ts'
import { pack1, publish } from '../boot-cluster.ts'
import { Session } from './session.ts'

let session: Session
beforeAll(async () => {
  session = new Session()
  const store = await openStore(parseDatabaseUrl(session.site.url))
  for (const number of [1, 2, 3]) {
    const names = {
      kernelFile: `compute-${number}-vmlinuz`,
      packagesFile: number === 1 ? '' : `compute-${number}.packages`,
      tarballFile: `compute-${number}.tar.zst`,
    }
    await publish(store, { ...pack1, ...names, packedBy: 'alice', createdAtMs: Date.UTC(2026, 2, number, 14, 5) })
    for (const name of ['boot/compute-1-initrd', 'torrents/compute-1.torrent']) session.site.write(`luna/${name}`, 'x')
    session.site.write(`luna/torrents/compute-${number}.packages`, `bash 5.${number} amd64\nzstd 1.5 amd64\n`)
    session.site.write(`luna/boot/${names.kernelFile}`, 'k'.repeat(1024))
    session.site.write(`luna/torrents/${names.tarballFile}`, 't'.repeat(10_240))
  }
  await store.close()
})
afterAll(() => session.site.remove())

const said = async (...words: string[]) => {
  const { status, stdout, stderr } = await session.luna(['osimage', ...words])
  expect([status, stderr]).toEqual([0, ''])
  return stdout
}
const numbers = async () =>
  (JSON.parse(await said('history', 'compute', '--json')) as { generations: { generation: number }[] }).generations.map(
    ({ generation }) => generation,
  )

test('history, for people and for scripts', async () => {
  expect(await said('history', 'compute')).toBe(`\
Generation  Packed                By     After  Kernel          Image     Kernel, initrd  State
3           2026-03-03 14:05 UTC  alice  -      6.1.0-18-amd64  10.0 KiB  1.0 KiB         current: compute
2           2026-03-02 14:05 UTC  alice  -      6.1.0-18-amd64  10.0 KiB  1.0 KiB         kept
1           2026-03-01 14:05 UTC  alice  -      6.1.0-18-amd64  10.0 KiB  1.0 KiB         kept
33.1 KiB on the disk, files that generations share counted once
`)
  const { generations, ...rest } = JSON.parse(await said('history', '-n', 'compute', '-R'))
  expect(rest).toEqual({
    name: 'compute',
    keep: 3,
    disk_bytes: 3 * (1024 + 10_240) + 2 + 2 * 'bash 5.2 amd64\nzstd 1.5 amd64\n'.length,
  })
  expect(generations[0]).toMatchObject({ generation: 3, current: true, groups: ['compute'], packed_by: 'alice' })
  expect(generations[1]).toMatchObject({ current: false, whole: true, kernel_bytes: 1024, tarball_bytes: 10_240 })
  expect(await said('show', 'compute')).toMatch(/^on disk +33.1 KiB in 3 generations$/m)
})

test('diff', async () => {
  expect(await said('diff', 'compute', '2', '3')).toBe(`\
kernel    6.1.0-18-amd64
image     151 MiB
system    Debian GNU/Linux 12 (bookworm)
packages  0 added, 0 removed, 1 changed

Package  Architecture  In 2  In 3
bash     amd64         5.2   5.3
`)
  expect(await said('diff', '-n', 'compute', '2')).toContain('0 added')
  expect(await said('diff', '-n', 'compute', '3', '3')).toMatch(/^packages +the same$/m)
  expect(await said('diff', 'compute', '1')).toMatch(/^packages +not known of 1$/m)
  expect(JSON.parse(await said('diff', 'compute', '2', '--json'))).toMatchObject({
    from: { generation: 2, kernver: '6.1.0-18-amd64' },
    to: { generation: 3 },
    packages: [{ name: 'bash', architecture: 'amd64', from: '5.2', to: '5.3' }],
  })
})

describe('a dry run', () => {
  test('of a rollback', async () => {
    const files = session.files()
    const told = await said('rollback', 'compute', '1', '--dry-run')
    expect(told).toContain('-generation: 3\n+generation: 1\n')
    expect(told).toContain(
      `would point ${session.site.directory}/luna/boot/compute-vmlinuz-6.1.0-18-amd64 to compute-1`,
    )
    expect(session.files()).toEqual(files)
    expect(await said('history', 'compute')).toContain('current: compute\n2 ')
  })

  test('of a prune', async () => {
    const told = await said('prune', 'compute', '--keep', '1', '--dry-run')
    expect(told).toContain(`would remove ${session.site.directory}/luna/torrents/compute-1.tar.zst`)
    expect(told).toContain('\n-generation 1: ')
    expect(told).not.toMatch(/would remove .*compute-[23]/)
    expect(await numbers()).toEqual([3, 2, 1])
  })
})

test('back, once and twice, and then only what is in use is kept', async () => {
  expect(await said('rollback', 'compute')).toBe(
    'compute: nodes get generation 2 at their next boot, kernel 6.1.0-18-amd64, instead of 3\n',
  )
  expect(await said('rollback', 'compute', '2')).toBe('compute: generation 2 is the current one already\n')
  await said('change', 'compute', '--keep', '1')
  expect(await said('prune', 'compute')).toBe('compute: removed 1\n')
  expect(await said('prune', 'compute')).toBe('nothing to remove\n')
  expect(await numbers()).toEqual([3, 2])
})

test('groups and nodes have a generation of their own, and show it', async () => {
  const luna = async (...words: string[]) => {
    const { status, stdout, stderr } = await session.luna(words)
    expect([status, stderr]).toEqual([0, ''])
    return stdout
  }
  await luna('node', 'add', 'node[001-003]', '-g', 'compute')
  await luna('group', 'change', 'compute', '--generation', '3')
  expect(await luna('group', 'show', 'compute')).toMatch(/^generation +3$/m)
  expect(await luna('group', 'list')).toContain('compute, generation 3')
  await luna('node', 'change', 'node[002-003]', '--generation', '2')
  expect(await said('history', 'compute')).toMatch(/pinned: compute\n2 .*current: node\[002-003\]\n/)
  expect(await luna('node', 'show', 'node002')).toMatch(/^generation +next 2$/m)
  const [first] = JSON.parse(await luna('node', 'list', '--status', '--json'))
  expect(first).toMatchObject({ name: 'node001', next_generation: 3, booted_generation: null, canary: false })
  expect(await luna('node', 'list', '--status')).toMatch(/^node003 .* next 2$/m)
  await luna('node', 'change', 'node[002-003]', '--generation', 'current')
  await luna('group', 'change', 'compute', '--generation', 'current')
  expect(await luna('node', 'show', 'node[001-003]', '--json')).not.toContain('"next_generation": 3')
})

test('a dry run of a canary says whose it would be', async () => {
  session.site.write('os/compute/usr/lib/dracut/modules.d/99base/module-setup.sh', '')
  const told = await said('pack', 'compute', '--canary', 'node[001-002]', '--dry-run')
  expect(told).toMatch(/^would make a new generation of osimage "compute" for node\[001-002\] alone with the image /m)
})

test('a generation without its files is not pinned', async () => {
  rmSync(`${session.site.directory}/luna/torrents/compute-3.tar.zst`)
  for (const words of ['group change compute', 'node change node001']) {
    const { status, stderr } = await session.luna([...words.split(' '), '--generation', '3'])
    expect([status, stderr]).toEqual([6, expect.stringMatching(/^luna: generation 3 of .* is gone\n$/)])
  }
  expect(await said('history', 'compute')).toMatch(/^3 .*files gone$/m)
})
