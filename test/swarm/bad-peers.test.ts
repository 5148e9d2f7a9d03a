import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { PublishedTorrent } from '../../src/operations/published-torrents.ts'
import { encodeHandshake } from '../../src/torrent/wire/handshake.ts'
import type { Block } from '../../src/torrent/wire/message.ts'
import { Head, until } from '../server/ltorrent/head.ts'
import { SwarmNode } from './node.ts'
import { newPeerId, Peer, Uploader } from './peer.ts'

const kib = 1024
const blockBytes = 16 * kib

let head: Head
let torrent: PublishedTorrent
let port: number
const uploaders: Uploader[] = []
beforeEach(async () => {
  head = new Head()
  await head.open()
  torrent = await head.addTorrent('compute-1.tar.zst', 2)
})
afterEach(async () => {
  for (const uploader of uploaders.splice(0)) uploader.close()
  await head.close()
})

async function start(uploadLimit?: number): Promise<void> {
  head.state.uploadLimit = uploadLimit
  await head.start()
  port = await until('the head seeds', () => head.seederPort())
}

/** Resident memory of ltorrent, bytes. */
const memory = (): number =>
  Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${head.daemon!.pid}/status`, 'utf8'))![1]) * kib

async function anotherIsServed(number = 9): Promise<void> {
  const node = new SwarmNode(head, torrent, number)
  await node.finish()
  expect(node.whole).toBe(true)
}

describe('a peer that sends rubbish to the head is dropped, and the head goes on', () => {
  const handshake = () => encodeHandshake({ infoHash: torrent.infoHash, peerId: newPeerId(), fast: true })
  const wrong: [what: string, bytes: () => Buffer][] = [
    ['noise', () => randomBytes(300 * kib)],
    ['HTTP', () => Buffer.from(`GET / HTTP/1.1\r\nHost: head\r\n${'X: y\r\n'.repeat(20)}\r\n`)],
    ['TLS', () => Buffer.concat([Buffer.from('160301020001', 'hex'), randomBytes(512)])],
    ['another torrent', () => encodeHandshake({ infoHash: '00'.repeat(20), peerId: newPeerId(), fast: true })],
    ['noise behind a handshake', () => Buffer.concat([handshake(), randomBytes(300 * kib)])],
    ['a message of 4 GiB', () => Buffer.concat([handshake(), Buffer.from('ffffffff07', 'hex'), randomBytes(kib)])],
    ['a piece that is not there', () => Buffer.concat([handshake(), Buffer.from('0000000504ffffffff', 'hex')])],
    ['a bitfield of another length', () => Buffer.concat([handshake(), Buffer.from('0000000305ffff', 'hex')])],
    [
      'a request of 1 MiB',
      () => Buffer.concat([handshake(), Buffer.from('0000000d06000000000000000000100000', 'hex')]),
    ],
  ]

  test('one after the other', async () => {
    await start()
    for (const [what, bytes] of wrong) {
      const peer = await Peer.connect(port)
      peer.socket.write(bytes())
      await until(`it is sent away: ${what}`, () => !peer.open)
    }
    await anotherIsServed()
  })
})

describe('nodes that give bad pieces', () => {
  const truth = ({ piece, offset, length }: Block): Buffer =>
    head.original(torrent).subarray(piece * 64 * kib + offset, piece * 64 * kib + offset + length)

  /** A peer that everybody is sent to, and that says it has everything. */
  async function addUploader(address: string, dataOf: (block: Block) => Buffer | undefined): Promise<Uploader> {
    const uploader = new Uploader(torrent.infoHash, dataOf)
    uploaders.push(uploader)
    await head.announce(torrent.infoHash, address, '&numwant=0', await uploader.listen(address))
    return uploader
  }

  /** Nodes that write what they have while it comes. */
  const startNodes = (count: number) =>
    Array.from({ length: count }, (_, index) => {
      const words = ['--stream', `${head.directory}/stream${index + 1}`]
      return new SwarmNode(head, torrent, index + 1, { words })
    })

  async function finish(nodes: readonly SwarmNode[]): Promise<void> {
    for (const node of nodes) await node.finish()
    expect(nodes.map(node => node.whole)).toEqual(nodes.map(() => true))
    const image = head.original(torrent)
    for (const index of nodes.keys())
      await until('all is handed on, and nothing else', () =>
        readFileSync(`${head.directory}/stream${index + 1}`).equals(image),
      )
  }

  test('bytes that are none of the image: not one of them is handed on', async () => {
    await start(600 * kib)
    const uploader = await addUploader('127.0.2.1', ({ length }) => randomBytes(length))
    const nodes = startNodes(3)
    await finish(nodes)
    expect(uploader.sent.length).toBeGreaterThan(0)
    expect(nodes.flatMap(node => node.errors).join('\n')).toMatch(/127\.0\.2\.1.*banned/)
  })

  test('one wrong byte in every piece', async () => {
    await start(600 * kib)
    const uploader = await addUploader('127.0.2.1', block => {
      const data = Buffer.from(truth(block))
      if (block.offset === 0) data[0]! ^= 1
      return data
    })
    await finish(startNodes(3))
    expect(uploader.sent.length).toBeGreaterThan(0)
  })

  test('right bytes in the wrong place', async () => {
    await start(600 * kib)
    const uploader = await addUploader('127.0.2.1', ({ piece, ...rest }) => truth({ piece: (piece + 1) % 32, ...rest }))
    await finish(startNodes(3))
    expect(uploader.sent.length).toBeGreaterThan(0)
  })

  test('nothing at all, though it said that it has everything', async () => {
    await start(600 * kib)
    await addUploader('127.0.2.1', () => undefined)
    await finish(startNodes(3))
  })
})

describe('what the head gives one peer has bounds', () => {
  test('a peer that says that it has everything, and gives nothing, does not keep the head from feeding others', async () => {
    await start(1000 * kib)
    const liars = await Promise.all(
      [1, 2, 3].map(() => Peer.join(port, torrent.infoHash, { have: { kind: 'haveAll' } })),
    )
    const nodes = [1, 2].map(number => new SwarmNode(head, torrent, number))
    for (const node of nodes) await node.finish()
    for (const liar of liars) liar.socket.destroy()
  })

  test('a peer that asks for one block over and over is sent away', async () => {
    await start()
    const greedy = await Peer.join(port, torrent.infoHash)
    await until('it is offered something', () => greedy.offered.length > 0)
    const piece = greedy.offered[0]!
    for (let round = 0; round < 1000; round++) greedy.request({ piece, offset: 0, length: blockBytes })
    await until('it is sent away', () => !greedy.open)
    expect(greedy.receivedBytes).toBeLessThan(10 * 64 * kib)
    await anotherIsServed()
  })

  test('a peer that asks and asks and never reads does not fill the memory', async () => {
    await start()
    const before = memory()
    const deaf = await Peer.join(port, torrent.infoHash)
    await until('it is offered something', () => deaf.offered.length > 0)
    const piece = deaf.offered[0]!
    deaf.socket.pause()
    // refused, each with a word of its own, since they were never offered
    const refused = Buffer.concat(
      Array.from({ length: 10_000 }, () => Buffer.from('0000000d060000001f0000000000004000', 'hex')),
    )
    for (let block = 0; block < 4; block++) deaf.request({ piece, offset: block * blockBytes, length: blockBytes })
    for (let round = 0; round < 300; round++) deaf.socket.write(refused)
    const most = watchMemory()
    await until('it is sent away', () => !deaf.open)
    expect(most() - before).toBeLessThan(32 * kib * kib)
    await anotherIsServed()
  })

  /** @returns what gives the most memory that ltorrent had since */
  function watchMemory(): () => number {
    let most = 0
    const timer = setInterval(() => {
      most = Math.max(most, memory())
    }, 50)
    return () => {
      clearInterval(timer)
      return most
    }
  }
})
