import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { until } from '../server/ltorrent/head.ts'
import { copiesOf } from './node.ts'
import { Peer } from './peer.ts'
import { Swarm } from './swarm.ts'

const kib = 1024

describe.concurrent('outages', () => {
  test('the tracker is away for many of its intervals: who is there goes on, who comes meanwhile gets there', async context => {
    const swarm = await Swarm.open(context, 4)
    const { head, torrent } = swarm
    const port = await swarm.start(400 * kib)
    const nodes = swarm.nodes(1, 2, 3, 4)
    const idle = await Peer.join(port, torrent.infoHash)
    await Promise.all(nodes.map(node => node.has(0.1)))
    head.closeFront()
    const late = swarm.node(5)
    await until('the late one has heard that there is no tracker', () => late.errors.length > 0)
    const { intervalSeconds } = head.state.settings
    await Promise.all([swarm.finish(...nodes), sleep(6 * intervalSeconds * 1000)])
    expect(late.complete).toBe(false)
    await head.openFront()
    await swarm.finish(late)
    // nodes drop who is silent for half a minute
    await until('the head has said that it is there', () => idle.keepAlives > 0)
    expect(idle.open).toBe(true)
    idle.socket.destroy()
  })

  test('the seeder is killed and started again midway: it goes on where it was', async context => {
    const swarm = await Swarm.open(context, 4)
    await swarm.start(600 * kib)
    const nodes = swarm.nodes(1, 2, 3, 4)
    await Promise.all(nodes.map(node => node.has(0.3)))
    await swarm.head.kill('SIGKILL')
    const before = copiesOf(nodes)
    await swarm.head.start()
    await swarm.finish(...nodes)
    // what nodes had told of before they were asked to take it again
    expect(copiesOf(nodes)).toBeLessThan(1.6)
    expect(copiesOf(nodes)).toBeGreaterThan(before)
  })

  test('an image is withdrawn and published again midway: nobody is sent it meanwhile, then all go on', async context => {
    const swarm = await Swarm.open(context, 4)
    const { head, torrent } = swarm
    await swarm.start(600 * kib)
    const nodes = swarm.nodes(1, 2)
    await Promise.all(nodes.map(node => node.has(0.3)))
    head.state.torrents = []
    head.publish()
    await until('it is withdrawn', async () => !(await head.swarm(torrent)))
    expect(await head.announce(torrent.infoHash, '127.0.9.1')).toContain('is not published here')
    const copies = copiesOf(nodes)
    expect(copies).toBeLessThan(1)
    head.state.torrents = [torrent]
    head.publish()
    await swarm.finish(...nodes)
    expect(copiesOf(nodes)).toBeGreaterThan(copies)
  })

  test('a node that took what it was offered and then says nothing keeps nobody waiting', async context => {
    const swarm = await Swarm.open(context, 4)
    const port = await swarm.start(1500 * kib)
    const silent = await Promise.all([1, 2, 3].map(() => Peer.join(port, swarm.torrent.infoHash)))
    await until('each has been offered pieces of its own', () => silent.every(peer => peer.offered.length === 2))
    expect(new Set(silent.flatMap(peer => peer.offered)).size).toBe(6)
    for (const peer of silent) peer.request({ piece: peer.offered[0]!, offset: 0, length: 16_384 })
    await swarm.finish(...swarm.nodes(1, 2))
    expect(silent.map(peer => peer.open)).toEqual([true, true, true])
    for (const peer of silent) peer.socket.destroy()
  })
})
