import { expect, test } from 'vitest'
import { encodeHandshake } from '../../src/torrent/wire/handshake.ts'
import { Rubbish } from '../fuzz/rubbish.ts'
import { until } from '../server/ltorrent/head.ts'
import { randomNumbers } from '../unit/torrent/random-numbers.ts'
import { newPeerId, Peer } from './peer.ts'
import { Swarm } from './swarm.ts'

const mib = 1024 * 1024
const pieceCount = 49

test('rubbish over real connections for the time of a download: the node gets everything, ltorrent keeps nothing', async context => {
  const swarm = await Swarm.open(context, 3)
  const { head, torrent } = swarm
  const port = await swarm.start(mib)
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
  const before = swarm.memory()
  await swarm.finish(swarm.node(1))
  await until('there has been plenty', () => connections > 1500)
  ending = true
  await Promise.all(pestering)
  expect(messages).toBeGreaterThan(10_000)
  expect(head.daemon!.exitCode).toBe(null)
  expect(swarm.memory() - before).toBeLessThan(64 * mib)
  expect(head.log.filter(line => /"level":(50|60)|Error:/.test(line))).toEqual([])
  const complaints = head.log.filter(line => line.includes('dropped '))
  expect(complaints.length).toBeGreaterThan(0)
  expect(complaints.length).toBeLessThan(5) // of each address one a minute
  await swarm.finish(swarm.node(2))
})
