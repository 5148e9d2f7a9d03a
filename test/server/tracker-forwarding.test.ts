import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { pack1, publish } from '../boot-cluster.ts'
import type { Machine } from './lweb/namespace.ts'
import { type Daemon, Site } from './lweb/site.ts'

/** Bytes that a decoded query would spoil: NUL, %, &, =, +, and what is no UTF-8. */
const infoHash = '00252627203d2b80ff0afe0d3f23c3284142e282'
const announce = (port: number, extra = '') =>
  `/announce?node=node001&info_hash=${infoHash.replace(/../g, '%$&')}&peer_id=${'x'.repeat(16)}${port}` +
  `&port=${port}&uploaded=0&downloaded=0&left=1&compact=1${extra}`

describe.each(['lweb', 'nginx'] as const)('the tracker behind %s', front => {
  let site: Site
  let ltorrent: Daemon
  let node: Machine
  let stranger: Machine

  beforeAll(async () => {
    site = await Site.open({ frontend: front })
    await publish(site.cluster.store, { ...pack1, infoHash })
    node = await site.node()
    stranger = await site.stranger()
    ltorrent = await site.daemon('ltorrent', /ltorrent is listening/)
    await site.daemon('lweb', /lweb listens on/)
    if (front === 'nginx') await site.nginx()
  })
  afterAll(() => site.close())

  test('hears the bytes as they were sent, and knows who sent them', async () => {
    const first = await site.ask(node, announce(7101))
    expect(first.status).toBe(200)
    expect(first.body).toMatch(/^d.*8:intervali10e/s)
    // node001 is 10.30.0.1, port 7101 (BEP 23)
    const second = await site.ask(stranger, announce(7102))
    expect(second.body).toContain(String.fromCharCode(10, 30, 0, 1, 7101 >> 8, 7101 & 0xff))
    const scrape = await site.ask(node, `/scrape?info_hash=${infoHash.replace(/../g, '%$&')}`)
    expect(scrape.body).toContain(`5:filesd20:${Buffer.from(infoHash, 'hex').toString('latin1')}d`)
  })

  test('does not take the word of a header', async () => {
    await site.ask(stranger, announce(7103), { headers: { 'X-Real-IP': '10.30.0.55' } })
    const answer = await site.ask(node, announce(7101))
    expect(answer.body).not.toContain(String.fromCharCode(10, 30, 0, 55))
    expect(answer.body).toContain(String.fromCharCode(10, 30, 0, 99, 7103 >> 8, 7103 & 0xff))
  })

  test('may be killed: announces wait for the next one', async () => {
    await ltorrent.end('SIGKILL')
    const waiting = site.ask(node, announce(7101))
    await site.daemon('ltorrent', /ltorrent is listening/)
    expect((await waiting).body).toMatch(/8:intervali10e/)
  })
})
