import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { clientIn, Head } from '../server/ltorrent/head.ts'
import { SwarmNode } from './node.ts'

const repository = join(import.meta.dirname, '../..')
/** What `make client-arm64` has built. */
const bundle = join(repository, 'client/bundle-arm64')
const emulator = 'qemu-aarch64-static'

describe.runIf(existsSync(bundle))('the client for arm64, emulated', () => {
  let head: Head
  beforeEach(async () => {
    head = new Head()
    await head.open()
  })
  afterEach(() => head.close())

  test('starts with its own loader and libraries', () => {
    expect(execFileSync(emulator, [...clientIn(bundle), '--help'], { encoding: 'utf8' })).toMatch(
      /^usage: luna-torrent/,
    )
    const zstd = [join(bundle, 'ld.so'), '--library-path', join(bundle, 'lib'), join(bundle, 'zstd')]
    expect(execFileSync(emulator, [...zstd, '--version'], { encoding: 'utf8' })).toContain('Zstandard')
  })

  test('is what the initrd of an image for arm64 gets', () => {
    const archive = join(head.directory, 'client')
    const script = join(repository, 'dracut/95luna/client-bundle.sh')
    execFileSync('bash', [script, archive, 'cat', join(bundle, 'zstd')])
    execFileSync('cpio', ['-idm', '--quiet', '-F', archive], { cwd: head.directory })
    const [packed, built] = [join(head.directory, 'luna/client'), bundle].map(directory =>
      readFileSync(join(directory, 'luna-torrent')),
    )
    expect(packed!.equals(built!)).toBe(true)
  })

  test('fetches an image from the head, and gives it to a node of this machine', async () => {
    const torrent = await head.addTorrent('compute-1.tar.zst', 8)
    await head.start()
    const node = new SwarmNode(head, torrent, 1, { inside: [emulator], bundle })
    await node.finish()
    expect(node.whole).toBe(true)
    const other = new SwarmNode(head, torrent, 2)
    await other.finish()
    expect(other.whole).toBe(true)
  })
})
