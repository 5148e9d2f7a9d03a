import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { closeSync, mkdtempSync, openSync, rmSync, truncateSync, writeFileSync, writeSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, onTestFinished, test, vi } from 'vitest'
import { readHandshake } from '../../../src/daemons/seeding/read-handshake.ts'
import { TorrentSeeding } from '../../../src/daemons/seeding/torrent-seeding.ts'
import { buildTorrent } from '../../../src/torrent/metainfo.ts'
import { encodeHandshake } from '../../../src/torrent/wire/handshake.ts'
import { newPeerId, Peer } from '../../swarm/peer.ts'

const mebibyte = 1024 * 1024
const pieceLengthBytes = mebibyte
const pieceCount = 128
const peerCount = 48

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void
const bufferBytes = () => {
  collectGarbage()
  return process.memoryUsage().arrayBuffers
}

/** An image of zeros, and what was published of it. */
function makeTorrent() {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'luna-seeding-'))
  const [name, torrentPath] = ['image', join(dataDirectory, 'image.torrent')]
  const sizeBytes = pieceCount * pieceLengthBytes
  writeFileSync(join(dataDirectory, name), '')
  truncateSync(join(dataDirectory, name), sizeBytes)
  const hash = createHash('sha1').update(Buffer.alloc(pieceLengthBytes)).digest()
  const pieces = Buffer.concat(Array.from({ length: pieceCount }, () => hash))
  const layout = { name, sizeBytes, pieceLengthBytes }
  const { bytes, infoHash } = buildTorrent({ ...layout, announceUrl: 'http://10.30.255.254:7050/announce', pieces })
  writeFileSync(torrentPath, bytes)
  return { ...layout, infoHash, torrentPath, dataDirectory }
}

test('what peers had been offered that left is looked at, and kept in memory for nobody', async () => {
  const torrent = makeTorrent()
  const said: string[] = []
  const hear = (_: object, words: string) => void said.push(words)
  const seeding = await TorrentSeeding.open(torrent, { info: hear, warn: hear, error: hear })
  const server = createServer(async socket => {
    const greeting = await readHandshake(socket)
    socket.write(encodeHandshake({ infoHash: torrent.infoHash, peerId: newPeerId(), fast: true }))
    seeding.serve(socket, greeting!.handshake, greeting!.rest)
  })
  onTestFinished(async () => {
    await seeding.close()
    server.close()
    rmSync(torrent.dataDirectory, { recursive: true })
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  const peers = await Promise.all(Array.from({ length: peerCount }, () => Peer.join(port, torrent.infoHash)))
  await vi.waitFor(() => expect(peers.every(peer => peer.offered.length > 0)).toBe(true), 20_000)

  const before = bufferBytes()
  // the last to be looked at is bad, so that the log says when all have been
  const file = openSync(join(torrent.dataDirectory, torrent.name), 'r+')
  writeSync(file, 'x', peers.at(-1)!.offered[0]! * pieceLengthBytes)
  closeSync(file)
  for (const peer of peers) {
    peer.socket.destroy()
    await peer.closed
  }
  await vi.waitFor(() => expect(said.join()).toContain('is not what was packed'), 20_000)
  expect(bufferBytes() - before).toBeLessThan(20 * mebibyte)
})
