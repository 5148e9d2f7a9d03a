import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, type TestContext, test } from 'vitest'
import { encodeHandshake } from '../../src/torrent/wire/handshake.ts'
import type { Block } from '../../src/torrent/wire/message.ts'
import { until } from '../server/ltorrent/head.ts'
import { newPeerId, Peer, Uploader } from './peer.ts'
import { Swarm } from './swarm.ts'

const kib = 1024
const pieceBytes = 64 * kib
const blockBytes = 16 * kib

test.concurrent('a peer that sends rubbish to the head is dropped, and the head goes on', async context => {
  const swarm = await Swarm.open(context, 2)
  const port = await swarm.start()
  const handshake = encodeHandshake({ infoHash: swarm.torrent.infoHash, peerId: newPeerId(), fast: true })
  const behind = (hex: string, more = 0) => Buffer.concat([handshake, Buffer.from(hex, 'hex'), randomBytes(more)])
  const wrong: Record<string, Buffer> = {
    noise: randomBytes(300 * kib),
    HTTP: Buffer.from(`GET / HTTP/1.1\r\nHost: head\r\n${'X: y\r\n'.repeat(20)}\r\n`),
    TLS: Buffer.concat([Buffer.from('160301020001', 'hex'), randomBytes(512)]),
    'another torrent': encodeHandshake({ infoHash: '00'.repeat(20), peerId: newPeerId(), fast: true }),
    'noise behind a handshake': behind('', 300 * kib),
    'a message of 4 GiB': behind('ffffffff07', kib),
    'a piece that is not there': behind('0000000504ffffffff'),
    'a bitfield of another length': behind('0000000305ffff'),
    'a request of 1 MiB': behind('0000000d06000000000000000000100000'),
  }
  for (const [what, bytes] of Object.entries(wrong)) {
    const peer = await Peer.connect(port)
    peer.socket.write(bytes)
    await until(`it is sent away: ${what}`, () => !peer.open)
  }
  await swarm.finish(swarm.node(1))
})

describe.concurrent('a node that gives bad pieces', () => {
  /** The bytes of a block as a bad node gives them; nothing when it does not answer. */
  type Spoil = (block: Block, truth: (block: Block) => Buffer) => Buffer | undefined

  /** A peer that everybody is sent to and that says it has everything, and nodes that write what they have while it comes. */
  async function fetchBeside(context: TestContext, spoil: Spoil) {
    const swarm = await Swarm.open(context, 2)
    const { head, torrent } = swarm
    const image = head.original(torrent)
    const truth = ({ piece, offset, length }: Block) =>
      image.subarray(piece * pieceBytes + offset, piece * pieceBytes + offset + length)
    const uploader = new Uploader(torrent.infoHash, block => spoil(block, truth))
    context.onTestFinished(() => uploader.close())
    await swarm.start(600 * kib)
    await head.announce(torrent.infoHash, '127.0.2.1', '&numwant=0', await uploader.listen('127.0.2.1'))
    const streamOf = (number: number) => `${head.directory}/stream${number}`
    const nodes = [1, 2, 3].map(number => swarm.node(number, { words: ['--stream', streamOf(number)] }))
    await swarm.finish(...nodes)
    for (const number of [1, 2, 3])
      await until('all is handed on, and nothing else', () => readFileSync(streamOf(number)).equals(image))
    return { uploader, errors: nodes.flatMap(node => node.errors).join('\n') }
  }

  test('bytes that are none of the image: not one of them is handed on, and the nodes say whose they were', async context => {
    const { uploader, errors } = await fetchBeside(context, ({ length }) => randomBytes(length))
    expect(uploader.sent.length).toBeGreaterThan(0)
    expect(errors).toMatch(/127\.0\.2\.1.*banned/)
  })

  test('one wrong byte in every piece', async context => {
    const { uploader } = await fetchBeside(context, (block, truth) => {
      const data = Buffer.from(truth(block))
      if (block.offset === 0) data[0]! ^= 1
      return data
    })
    expect(uploader.sent.length).toBeGreaterThan(0)
  })

  test('right bytes in the wrong place', async context => {
    const { uploader } = await fetchBeside(context, ({ piece, ...rest }, truth) =>
      truth({ piece: (piece + 1) % 32, ...rest }),
    )
    expect(uploader.sent.length).toBeGreaterThan(0)
  })

  test('nothing at all, though it said that it has everything', async context => {
    await fetchBeside(context, () => undefined)
  })
})

describe.concurrent('what the head gives one peer has bounds', () => {
  test('a peer that says that it has everything, and gives nothing, does not keep the head from feeding others', async context => {
    const swarm = await Swarm.open(context, 2)
    const port = await swarm.start(1000 * kib)
    const liar = () => Peer.join(port, swarm.torrent.infoHash, { have: { kind: 'haveAll' } })
    const liars = [await liar(), await liar(), await liar()]
    await swarm.finish(...swarm.nodes(1, 2))
    for (const { socket } of liars) socket.destroy()
  })

  test('a peer that asks for one block over and over is sent away', async context => {
    const swarm = await Swarm.open(context, 2)
    const port = await swarm.start()
    const greedy = await Peer.join(port, swarm.torrent.infoHash)
    await until('it is offered something', () => greedy.offered.length > 0)
    const piece = greedy.offered[0]!
    for (let round = 0; round < 1000; round++) greedy.request({ piece, offset: 0, length: blockBytes })
    await until('it is sent away', () => !greedy.open)
    expect(greedy.receivedBytes).toBeLessThan(10 * pieceBytes)
    await swarm.finish(swarm.node(1))
  })

  test('a peer that asks and asks and never reads does not fill the memory', async context => {
    const swarm = await Swarm.open(context, 2)
    const port = await swarm.start()
    const before = swarm.memory()
    const deaf = await Peer.join(port, swarm.torrent.infoHash)
    await until('it is offered something', () => deaf.offered.length > 0)
    deaf.socket.pause()
    const [piece] = deaf.offered
    for (let block = 0; block < 4; block++)
      deaf.request({ piece: piece!, offset: block * blockBytes, length: blockBytes })
    // refused, each with a word of its own: that piece was never offered
    const refused = Buffer.from('0000000d060000001f0000000000004000'.repeat(10_000), 'hex')
    for (let round = 0; round < 300; round++) deaf.socket.write(refused)
    let most = 0
    await until('it is sent away', () => {
      most = Math.max(most, deaf.open ? swarm.memory() : 0)
      return !deaf.open
    })
    expect(most - before).toBeLessThan(32 * kib * kib)
    await swarm.finish(swarm.node(1))
  })
})
