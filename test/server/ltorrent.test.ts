import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { statSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { isSwarmFed, readSwarm } from '../../src/effects/swarm-client.ts'
import { Head, until } from './ltorrent/head.ts'

let head: Head
beforeEach(async () => {
  head = new Head()
  await head.open()
})
afterEach(async () => {
  await head.close()
})

test('aria2 reads the torrent as we mean it', async () => {
  const torrent = await head.addTorrent('compute-1.tar.zst', 1)
  const shown = execFileSync('aria2c', ['--show-files', torrent.torrentPath], { encoding: 'utf8' })
  expect(shown).toContain(`Info Hash: ${torrent.infoHash}`)
  expect(shown).toContain(`Name: ${torrent.name}`)
  expect(shown).toContain(head.announceUrl())
})

test('a node gets the image from the head, and the next one from that node too', async () => {
  const torrent = await head.addTorrent('compute-1.tar.zst', 6)
  head.state.uploadLimit = 1024 * 1024
  await head.start()
  const first = head.leech(torrent, 'node001', { seedMinutes: 10 })
  await until('lweb and nginx can see that a node is fed', () => isSwarmFed(head.runDirectory))
  await until('node001 has it all', async () => (await head.peer(torrent, 'node001'))?.left === 0)
  await until('no node is fed any more', async () => !(await isSwarmFed(head.runDirectory)))
  expect(head.received(torrent, 'node001').equals(head.original(torrent))).toBe(true)

  const [status] = await once(head.leech(torrent, 'node002'), 'exit')
  expect(status).toBe(0)
  expect(head.received(torrent, 'node002').equals(head.original(torrent))).toBe(true)
  const peer = await until('node001 says what it gave', async () => {
    const found = await head.peer(torrent, 'node001')
    return found && found.uploaded > 0 && found
  })
  expect(peer).toMatchObject({ ip: '127.0.0.1', left: 0 })
  expect(peer.downloaded).toBeGreaterThanOrEqual(torrent.sizeBytes)
  // node002 said goodbye when it ended
  await until('node002 is gone', async () => !(await head.peer(torrent, 'node002')))
  expect(await head.swarm(torrent)).toMatchObject({ name: torrent.name, size: torrent.sizeBytes, seeding: true })
  first.kill('SIGKILL')
  await until('node001, which could not say goodbye, is forgotten', async () => !(await head.peer(torrent, 'node001')))
})

test('kill -9 in the middle: after a restart the node finishes', async () => {
  const torrent = await head.addTorrent('compute-1.tar.zst', 8)
  head.state.uploadLimit = 1024 * 1024
  await head.start()
  const ended = once(head.leech(torrent, 'node001'), 'exit')
  await until('node001 has some of it', async () => ((await head.peer(torrent, 'node001'))?.downloaded ?? 0) > 0)
  await head.kill('SIGKILL')
  expect(await readSwarm(head.runDirectory)).toBeUndefined()

  await head.start() // over the socket that the killed one left
  await until('it seeds again', async () => (await head.swarm(torrent))?.seeding)
  expect(await ended).toEqual([0, null])
  expect(head.received(torrent, 'node001').equals(head.original(torrent))).toBe(true)
})

describe('publications are followed live', () => {
  test('a new one is seeded at once, a withdrawn one no longer', async () => {
    const old = await head.addTorrent('compute-1.tar.zst', 1)
    await head.start()
    const fresh = await head.addTorrent('compute-2.tar.zst', 1)
    head.publish()
    // announced before the daemon has looked again: it looks, and waits for its seeder
    const answer = await head.announce(fresh.infoHash, '127.0.0.1')
    expect(answer).toContain('d8:completei1e')
    expect(answer).toContain('5:peers6:\x7f\x00\x00\x01')
    expect(await once(head.leech(fresh, 'node001'), 'exit')).toEqual([0, null])
    expect((await head.swarm(old))?.seeding).toBe(true)

    head.state.torrents = [fresh]
    head.publish()
    await until('the old one is withdrawn', async () => !(await head.swarm(old)))
    expect(await head.announce(old.infoHash, '127.0.0.1')).toContain(`torrent ${old.infoHash} is not published here`)
    expect((await head.swarm(fresh))?.seeding).toBe(true)
  })

  test('a file that is not what was packed is not seeded', async () => {
    const torrent = await head.addTorrent('compute-1.tar.zst', 1)
    truncateSync(join(torrent.dataDirectory, torrent.name), 1000)
    await head.start()
    const reason = 'has 1000 bytes, and was packed with 1052897; pack the image again'
    await until('it says why', () => head.log.some(line => line.includes(reason)))
    expect((await head.swarm(torrent))?.seeding).toBe(false)
  })
})

test('IPv6: announced, named and fetched', async () => {
  const torrent = await head.addTorrent('compute-1.tar.zst', 1)
  head.state.settings.headAddresses = ['::1']
  await head.start()
  expect(await once(head.leech(torrent, 'node001', { version: 6, seedMinutes: 0 }), 'exit')).toEqual([0, null])
  expect(head.received(torrent, 'node001').equals(head.original(torrent))).toBe(true)
  await until('node001 is forgotten', async () => !(await head.peer(torrent, 'node001')))
  await head.announce(torrent.infoHash, 'fd00::7', '&node=node007')
  const answer = await head.announce(torrent.infoHash, '127.0.0.1')
  expect(answer).toContain('5:peers0:6:peers636:')
  expect(answer).toContain(`${'\x00'.repeat(15)}\x01`) // the head
  expect(answer).toContain(`\xfd\x00${'\x00'.repeat(13)}\x07\x04\xd2`)
})

describe('the socket', () => {
  test('is for its owner and group, and one daemon at a time', async () => {
    await head.start()
    const path = join(head.runDirectory, 'ltorrent.sock')
    expect((statSync(path).mode & 0o777).toString(8)).toBe('660')
    const second = head.spawn()
    expect((await once(second, 'close'))[0]).not.toBe(0)
    expect(head.log.join()).toContain(`another process listens on ${path}; stop it first`)
    expect(await readSwarm(head.runDirectory)).toEqual({ torrents: [] })
  })

  test('answers scrapes, and refuses in the words of the protocol', async () => {
    const torrent = await head.addTorrent('compute-1.tar.zst', 1)
    await head.start()
    await head.announce(torrent.infoHash, '10.30.0.1')
    const scrape = await fetch(head.announceUrl().replace('announce', 'scrape'))
    const hash = Buffer.from(torrent.infoHash, 'hex').toString('latin1')
    expect(Buffer.from(await scrape.arrayBuffer()).toString('latin1')).toBe(
      `d5:filesd20:${hash}d8:completei1e10:downloadedi0e10:incompletei1eeee`,
    )
    const refused = await fetch(`${head.announceUrl()}?info_hash=abc`)
    expect([refused.status, await refused.text()]).toEqual([
      200,
      'd14:failure reason35:info_hash has 3 bytes instead of 20e',
    ])
    expect((await fetch(head.announceUrl().replace('announce', 'luna'))).status).toBe(404)
  })
})
