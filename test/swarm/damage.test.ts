import { closeSync, openSync, readFileSync, renameSync, truncateSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { PublishedTorrent } from '../../src/operations/published-torrents.ts'
import { Head, until } from '../server/ltorrent/head.ts'
import { SwarmNode } from './node.ts'

const kib = 1024
const pieceBytes = 64 * kib

let head: Head
let torrent: PublishedTorrent
beforeEach(async () => {
  head = new Head()
  await head.open()
  torrent = await head.addTorrent('compute-1.tar.zst', 2)
})
afterEach(async () => {
  await head.close()
})

const image = () => join(torrent.dataDirectory, torrent.name)
const says = (words: string) => until(`ltorrent says: ${words}`, () => head.log.some(line => line.includes(words)))

/** Changes a byte where it lies, as a disk does that forgets. */
function damage(offset: number): void {
  const file = openSync(image(), 'r+')
  writeSync(file, Buffer.from([head.original(torrent)[offset]! ^ 1]), 0, 1, offset)
  closeSync(file)
}

describe('on the head', () => {
  test('a piece that is no longer what was packed is found out, named, and given to nobody else', async () => {
    const before = head.original(torrent)
    await head.start()
    await until('the head seeds', () => head.seederPort())
    damage(7 * pieceBytes + 5)
    const first = new SwarmNode(head, torrent, 1)
    await says(`${torrent.name}: piece 7 is not what was packed`)
    await until('the first one says so, too', () => first.errors.join().includes('hash'))
    const second = new SwarmNode(head, torrent, 2)
    await until('all but one piece is there', () => second.last?.have === torrent.sizeBytes - pieceBytes)
    expect(second.errors.join()).not.toMatch(/hash/)
    expect(head.log.filter(line => line.includes('piece 7'))).toHaveLength(1)

    writeFileSync(image(), before)
    await head.kill('SIGTERM')
    await head.start()
    for (const node of [first, second]) {
      await node.finish()
      expect(node.whole).toBe(true)
    }
  })

  test('an image that is cut short while it is seeded: its beginning is given', async () => {
    await head.start()
    await until('the head seeds', () => head.seederPort())
    truncateSync(image(), 20 * pieceBytes)
    const node = new SwarmNode(head, torrent, 1)
    await says('the file ends in piece 20; it was cut short')
    await until('what is left of it is there', () => node.last?.have === 20 * pieceBytes)
    await says('(no more pieces will be named)')
    expect(head.log.filter(line => line.includes('cut short'))).toHaveLength(5)
  })

  test('a torrent whose image is missing is tracked, and seeded as soon as the image is there', async () => {
    renameSync(image(), `${image()}.away`)
    await head.start()
    const node = new SwarmNode(head, torrent, 1)
    await says(`cannot seed ${torrent.name}: cannot read ${image()}`)
    await until('the node is there', () => head.peer(torrent, 'node001'))
    expect(await head.swarm(torrent)).toMatchObject({ seeding: false })
    renameSync(`${image()}.away`, image())
    await node.finish()
  })

  test('a .torrent that was cut short is not seeded, and nodes refuse it', async () => {
    const before = readFileSync(torrent.torrentPath)
    truncateSync(torrent.torrentPath, before.length - 100)
    await head.start()
    await says(`cannot seed ${torrent.name}: ${torrent.torrentPath} is not what was packed; pack the image again`)
    const node = new SwarmNode(head, torrent, 1)
    expect(await node.exited).toEqual([3, null])
    expect(node.errors.join()).toContain(torrent.torrentPath)
    writeFileSync(torrent.torrentPath, before)
    const second = new SwarmNode(head, torrent, 2)
    await second.finish()
  })
})

describe('on a node', () => {
  test('no room: it ends, says which file, and the others go on', async () => {
    head.state.uploadLimit = 1000 * kib
    await head.start()
    const others = [2, 3].map(number => new SwarmNode(head, torrent, number))
    const small = 'mount -t tmpfs -o size=1m small "$0" && exec "$@"'
    const inside = [
      'unshare',
      '--mount',
      '--propagation',
      'private',
      'sh',
      '-c',
      small,
      join(head.directory, 'node001'),
    ]
    const full = new SwarmNode(head, torrent, 1, { inside })
    expect(await full.exited).toEqual([4, null])
    expect(full.errors.at(-1)).toMatch(/node001\/compute-1.tar.zst: No space left on device/)
    for (const node of others) await node.finish()
  })

  test('nobody reads the stream any more: it ends and says so', async () => {
    await head.start()
    const reader = join(head.directory, 'reader')
    const inside = ['bash', '-c', 'exec 9> >(head -c 70000 >"$0"); exec "$@" --stream /dev/fd/9', reader]
    const node = new SwarmNode(head, torrent, 1, { inside })
    expect(await node.exited).toEqual([5, null])
    expect(node.errors.at(-1)).toMatch(/Broken pipe/)
  })
})
