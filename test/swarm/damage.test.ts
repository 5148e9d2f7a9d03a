import { execFileSync } from 'node:child_process'
import {
  closeSync,
  existsSync,
  openSync,
  readFileSync,
  renameSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { PublishedTorrent } from '../../src/operations/published-torrents.ts'
import { until } from '../server/ltorrent/head.ts'
import { Swarm } from './swarm.ts'

const kib = 1024
const pieceBytes = 64 * kib

const imageOf = ({ dataDirectory, name }: PublishedTorrent): string => join(dataDirectory, name)

describe.concurrent('on the head', () => {
  test('a piece that is no longer what was packed is found out, named, and given to nobody else', async context => {
    const swarm = await Swarm.open(context, 2)
    const { head, torrent } = swarm
    const before = head.original(torrent)
    await swarm.start()
    damage(imageOf(torrent), 7 * pieceBytes + 5)
    const first = swarm.node(1)
    await swarm.says(`${torrent.name}: piece 7 is not what was packed`)
    await until('the first one says so, too', () => first.errors.join().includes('hash'))
    const second = swarm.node(2)
    await until('all but one piece is there', () => second.last?.have === torrent.sizeBytes - pieceBytes)
    expect(second.errors.join()).not.toMatch(/hash/)
    expect(head.log.filter(line => line.includes('piece 7'))).toHaveLength(1)

    writeFileSync(imageOf(torrent), before)
    await head.kill('SIGTERM')
    await head.start()
    await swarm.finish(first, second)
  })

  /** Changes a byte where it lies, as a disk does that forgets. */
  function damage(path: string, offset: number): void {
    const file = openSync(path, 'r+')
    writeSync(file, Buffer.from([readFileSync(path)[offset]! ^ 1]), 0, 1, offset)
    closeSync(file)
  }

  test('an image that is cut short while it is seeded: its beginning is given', async context => {
    const swarm = await Swarm.open(context, 2)
    await swarm.start()
    truncateSync(imageOf(swarm.torrent), 20 * pieceBytes)
    const node = swarm.node(1)
    await swarm.says('the file ends in piece 20; it was cut short')
    await until('what is left of it is there', () => node.last?.have === 20 * pieceBytes)
    await swarm.says('(no more pieces will be named)')
    expect(swarm.head.log.filter(line => line.includes('cut short'))).toHaveLength(5)
  })

  test.skipIf(!existsSync('/dev/loop-control'))(
    'a disk that cannot read a part of the image: it is named, and all the rest is given',
    async context => {
      const swarm = await Swarm.open(context, 2)
      const { head, torrent } = swarm
      const disk = join(head.directory, 'disk')
      execFileSync('truncate', ['-s', '16M', disk])
      execFileSync('mkfs.ext4', ['-q', '-b', '4096', '-d', head.torrents, disk])
      const mount = 'mount -o ro,loop "$0" "$1" && shift && exec "$@"'
      head.inside = ['unshare', '--mount', '--propagation', 'private', 'sh', '-c', mount, disk, head.torrents]
      await swarm.start()
      // a loop device fails to read what its file has no longer
      const block = execFileSync('debugfs', ['-R', `bmap ${torrent.name} ${(20 * pieceBytes) / 4096}`, disk], {
        stdio: 'pipe',
      })
      truncateSync(disk, Number(block.toString()) * 4096)
      const node = swarm.node(1)
      await swarm.says(`${torrent.name}: EIO: i/o error, read; nodes get it from each other or not at all`)
      await until('what can be read is there', () => node.last?.have === 20 * pieceBytes)
      await swarm.says('(no more pieces will be named)')
      expect(swarm.head.log.filter(line => line.includes('EIO'))).toHaveLength(5)
      expect(head.daemon!.exitCode).toBeNull()
    },
  )

  test('a torrent whose image is missing is tracked, and seeded as soon as the image is there', async context => {
    const swarm = await Swarm.open(context, 2)
    const { head, torrent } = swarm
    const image = imageOf(torrent)
    renameSync(image, `${image}.away`)
    await head.start()
    const node = swarm.node(1)
    await swarm.says(`cannot seed ${torrent.name}: cannot read ${image}`)
    await until('the node is there', () => head.peer(torrent, 'node001'))
    expect(await head.swarm(torrent)).toMatchObject({ seeding: false })
    renameSync(`${image}.away`, image)
    await swarm.finish(node)
  })

  test('a .torrent that was cut short is not seeded, and nodes refuse it', async context => {
    const swarm = await Swarm.open(context, 2)
    const { torrentPath, name } = swarm.torrent
    const before = readFileSync(torrentPath)
    truncateSync(torrentPath, before.length - 100)
    await swarm.head.start()
    await swarm.says(`cannot seed ${name}: ${torrentPath} is not what was packed; pack the image again`)
    const refusing = swarm.node(1)
    expect(await refusing.exited).toEqual([3, null])
    expect(refusing.errors.join()).toContain(torrentPath)
    writeFileSync(torrentPath, before)
    await swarm.finish(swarm.node(2))
  })
})

describe.concurrent('on a node', () => {
  test('no room: it ends, says which file, and the others go on', async context => {
    const swarm = await Swarm.open(context, 2)
    await swarm.start(1000 * kib)
    const others = swarm.nodes(2, 3)
    const own = join(swarm.head.directory, 'node001')
    const small = 'mount -t tmpfs -o size=1m small "$0" && exec "$@"'
    const full = swarm.node(1, { inside: ['unshare', '--mount', '--propagation', 'private', 'sh', '-c', small, own] })
    expect(await full.exited).toEqual([4, null])
    expect(full.errors.at(-1)).toMatch(/node001\/compute-1.tar.zst: No space left on device/)
    await swarm.finish(...others)
  })

  test.skipIf(!existsSync('/dev/loop-control'))(
    'a disk that breaks: it ends, says which file, and the others go on',
    async context => {
      const swarm = await Swarm.open(context, 2)
      await swarm.start(1000 * kib)
      const others = swarm.nodes(2, 3)
      const [own, disk] = ['node001', 'disk'].map(name => join(swarm.head.directory, name)) as [string, string]
      execFileSync('truncate', ['-s', '16M', disk])
      execFileSync('mkfs.ext4', ['-q', disk])
      const breaking = '(sleep 1; exec xfs_io -x -c shutdown "$0") & mount -o loop "$1" "$0" && shift && exec "$@"'
      const inside = ['unshare', '--mount', '--propagation', 'private', 'sh', '-c', breaking, own, disk]
      const broken = swarm.node(1, { inside })
      expect(await broken.exited).toEqual([4, null])
      expect(broken.errors.at(-1)).toMatch(/node001\/compute-1.tar.zst: Input\/output error/)
      await swarm.finish(...others)
    },
  )

  test('nobody reads the stream any more: it ends and says so', async context => {
    const swarm = await Swarm.open(context, 2)
    await swarm.start()
    const reader = join(swarm.head.directory, 'reader')
    const inside = ['bash', '-c', 'exec 9> >(head -c 70000 >"$0"); exec "$@" --stream /dev/fd/9', reader]
    const node = swarm.node(1, { inside })
    expect(await node.exited).toEqual([5, null])
    expect(node.errors.at(-1)).toMatch(/Broken pipe/)
  })
})
