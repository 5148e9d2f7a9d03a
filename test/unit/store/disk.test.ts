import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, chownSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, onTestFinished, test } from 'vitest'
import { listNetworks } from '../../../src/store/networks.ts'
import { openStore, type Store } from '../../../src/store/store.ts'
import { scratchDirectory, scratchStore } from '../../scratch.ts'
import { fillSmallCluster } from '../../small-cluster.ts'

const isRoot = process.getuid?.() === 0
const nobody = 65534
const addNodesAsNobody = (path: string, count: number) =>
  spawnSync(
    process.execPath,
    [join(import.meta.dirname, 'add-nodes-process.ts'), `sqlite:${path}`, `${count}`, `${nobody}`],
    {
      encoding: 'utf8',
    },
  )
const file = (path: string) => ({ kind: 'sqlite' as const, path })

describe.runIf(isRoot)('as root', () => {
  test("its write leaves -wal and -shm to the database's owner", async () => {
    const directory = scratchDirectory()
    const path = join(directory, 'luna.db')
    await (await openStore(file(path), { create: true })).close()
    chownSync(path, nobody, nobody)
    const store = await scratchStore(`sqlite:${path}`)
    await fillSmallCluster(store)
    const owners = [path, `${path}-wal`, `${path}-shm`].map(file => statSync(file).uid)
    expect(owners).toEqual([nobody, nobody, nobody])
  })

  test('the daemons, as their user, write side by side with it', async () => {
    const directory = scratchDirectory()
    const path = join(directory, 'luna.db')
    const store = await scratchStore(`sqlite:${path}`)
    await fillSmallCluster(store)
    chownSync(directory, nobody, nobody)
    for (const file of [path, `${path}-wal`, `${path}-shm`]) chownSync(file, nobody, nobody)
    const child = addNodesAsNobody(path, 2)
    expect(child.stderr).toBe('')
    expect(await store.read(tx => tx.selectFrom('node').select('name').execute())).toHaveLength(2)
  })

  test('another user is told who may', async () => {
    const directory = scratchDirectory()
    const path = join(directory, 'luna.db')
    await (await openStore(file(path), { create: true })).close()
    chmodSync(directory, 0o700)
    const child = addNodesAsNobody(path, 0)
    expect(child.stderr).toContain(`this user may not use the database ${path}; run the command as root`)
  })

  test('a full disk changes nothing and says so', async () => {
    const directory = mountTmpfs('600k')
    const store = await openStore(file(join(directory, 'luna.db')), { create: true })
    await expect(fillWith(store, 1000)).rejects.toMatchObject({
      kind: 'failed',
      message: 'no space is left on the device of the database; nothing was changed',
    })
    expect(await store.read(listNetworks)).toEqual([])
    await fillWith(store, 1)
    expect(await store.read(listNetworks)).toHaveLength(1)
    await store.close()
  })

  test('a disk too full for an empty database says so', async () => {
    const path = join(mountTmpfs('40k'), 'luna.db')
    await expect(openStore(file(path), { create: true })).rejects.toThrow('no space is left on the device')
  })

  test('a read-only file system is named', async () => {
    const directory = mountTmpfs('1m')
    const path = join(directory, 'luna.db')
    await (await openStore(file(path), { create: true })).close()
    execFileSync('mount', ['-o', 'remount,ro', directory])
    await expect(openStore(file(path))).rejects.toThrow(
      `cannot open the database ${path}: EROFS: read-only file system`,
    )
  })
})

test('one that somebody locks for good says so', async () => {
  const path = join(scratchDirectory(), 'luna.db')
  const store = await scratchStore(`sqlite:${path}`, { busyTimeoutMs: 50 })
  const other = new DatabaseSync(path)
  other.exec('begin immediate')
  await expect(store.write(async () => {})).rejects.toMatchObject({
    kind: 'conflict',
    message: 'the database was busy for too long; is another luna command hanging?',
  })
  other.close()
})

function mountTmpfs(size: string): string {
  const directory = scratchDirectory()
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', directory])
  onTestFinished(() => void execFileSync('umount', [directory]))
  return directory
}

const fillWith = (store: Store, rows: number) =>
  store.write(async tx => {
    for (let index = 0; index < rows; index++) {
      const row = {
        name: `n${index}`,
        base: String(index).padStart(32, '0'),
        prefix: 8,
        nsHostname: 'ns',
        nsAddress: '0',
        include: '',
        revInclude: '',
      }
      await tx
        .insertInto('network')
        .values({ ...row, comment: 'x'.repeat(2000) })
        .execute()
    }
  })
