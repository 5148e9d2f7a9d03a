import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { encodeHandshake } from '../../src/torrent/wire/handshake.ts'
import { Rubbish } from '../fuzz/rubbish.ts'
import { Head, until } from '../server/ltorrent/head.ts'
import { randomNumbers } from '../unit/torrent/random-numbers.ts'
import { SwarmNode } from './node.ts'
import { newPeerId, Peer } from './peer.ts'

const mib = 1024 * 1024
const pieceCount = 49

let head: Head
beforeEach(async () => {
  head = new Head()
  await head.open()
})
afterEach(async () => {
  await head.close()
})

/** Of ltorrent, bytes. */
const memory = (): number =>
  Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${head.daemon!.pid}/status`, 'utf8'))![1]) * 1024

test('rubbish over real connections for the time of a download: the node gets everything, ltorrent keeps nothing', async () => {
  const torrent = await head.addTorrent('compute-1.tar.zst', 3)
  head.state.uploadLimit = mib
  await head.start()
  const port = await until('the head seeds', () => head.seederPort())
  const rubbish = new Rubbish(randomNumbers(7), pieceCount, 64 * 1024)
  let [connections, messages, ending] = [0, 0, false]

  /** One connection after the other, each until it is closed: by the head, or for being long enough. */
  async function pester(): Promise<void> {
    while (!ending) {
      const peer = await Peer.connect(port)
      connections++
      const handshake = encodeHandshake({
        infoHash: torrent.infoHash,
        peerId: newPeerId(),
        fast: rubbish.random() < 0.8,
      })
      peer.socket.write(rubbish.random() < 0.1 ? rubbish.spoil(handshake) : handshake)
      for (let burst = 0; burst < 20 && peer.open && !ending; burst++) {
        const bytes = Array.from({ length: 20 }, () => rubbish.message())
        messages += bytes.length
        peer.socket.write(Buffer.concat(bytes))
        await new Promise(resolve => setTimeout(resolve, 1))
      }
      peer.socket.destroy()
    }
  }

  const pestering = Array.from({ length: 8 }, pester)
  await until('there has been some', () => connections > 200)
  const before = memory()
  const node = new SwarmNode(head, torrent, 1)
  await node.finish()
  await until('there has been plenty', () => connections > 1500)
  ending = true
  await Promise.all(pestering)
  expect(node.whole).toBe(true)
  expect(messages).toBeGreaterThan(10_000)
  expect(head.daemon!.exitCode).toBe(null)
  expect(memory() - before).toBeLessThan(64 * mib)
  expect(head.log.filter(line => /"level":(50|60)|Error:/.test(line))).toEqual([])
  const complaints = head.log.filter(line => line.includes('dropped '))
  expect(complaints.length).toBeGreaterThan(0)
  expect(complaints.length).toBeLessThan(5) // of each address one a minute
  await new SwarmNode(head, torrent, 2).finish()
})
