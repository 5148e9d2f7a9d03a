import { describe, expect, test } from 'vitest'
import { renderAnnounceAnswer, renderFailure } from '../../../src/torrent/announce-answer.ts'
import { endpointOf } from '../../../src/torrent/peer.ts'
import { parsePeerAddress } from '../../../src/torrent/peer-address.ts'
import { renderScrapeAnswer } from '../../../src/torrent/scrape-answer.ts'

const numbers = { intervalSeconds: 10, minIntervalSeconds: 5, complete: 2, incomplete: 11 }
const v4 = endpointOf(parsePeerAddress('10.30.0.1'), 7052)
const v6 = { ...endpointOf(parsePeerAddress('fd00::1'), 7053), peerId: Buffer.from('p'.repeat(20)) }
const head = 'd8:completei2e10:incompletei11e8:intervali10e12:min intervali5e'
const bytes = (text: string) => Buffer.from(text, 'latin1')

describe('announce', () => {
  test('compact (BEP 23)', () => {
    const answer = renderAnnounceAnswer({ ...numbers, peers: [v4] }, { compact: true, noPeerId: false })
    expect(answer).toEqual(bytes(`${head}5:peers6:\x0a\x1e\x00\x01\x1b\x8ce`))
  })
  test('compact with IPv6 (BEP 7)', () => {
    const answer = renderAnnounceAnswer({ ...numbers, peers: [v6, v4] }, { compact: true, noPeerId: false })
    const six = `\xfd\x00${'\x00'.repeat(13)}\x01\x1b\x8d`
    expect(answer).toEqual(bytes(`${head}5:peers6:\x0a\x1e\x00\x01\x1b\x8c6:peers618:${six}e`))
  })
  test('compact without anybody', () => {
    const answer = renderAnnounceAnswer({ ...numbers, peers: [] }, { compact: true, noPeerId: false })
    expect(answer).toEqual(bytes(`${head}5:peers0:e`))
  })
  test('dictionaries (BEP 3)', () => {
    const answer = renderAnnounceAnswer({ ...numbers, peers: [v4, v6] }, { compact: false, noPeerId: false })
    const first = 'd2:ip9:10.30.0.14:porti7052ee'
    expect(answer).toEqual(bytes(`${head}5:peersl${first}d2:ip7:fd00::17:peer id20:${'p'.repeat(20)}4:porti7053eeee`))
  })
  test('dictionaries without peer ids', () => {
    const answer = renderAnnounceAnswer({ ...numbers, peers: [v6] }, { compact: false, noPeerId: true })
    expect(answer).toEqual(bytes(`${head}5:peersld2:ip7:fd00::14:porti7053eeee`))
  })
  test('refused', () => {
    expect(renderFailure('not published here').toString()).toBe('d14:failure reason18:not published heree')
  })
})

test('scrape (BEP 48), sorted by the bytes of the hashes', () => {
  const torrents = [
    { infoHash: 'f0'.repeat(20), complete: 1, incomplete: 2, downloaded: 3 },
    { infoHash: '0f'.repeat(20), complete: 4, incomplete: 5, downloaded: 6 },
  ]
  expect(renderScrapeAnswer(torrents)).toEqual(
    bytes(
      `d5:filesd20:${'\x0f'.repeat(20)}d8:completei4e10:downloadedi6e10:incompletei5ee` +
        `20:${'\xf0'.repeat(20)}d8:completei1e10:downloadedi3e10:incompletei2eeee`,
    ),
  )
  expect(renderScrapeAnswer([]).toString()).toBe('d5:filesdee')
})

describe('parsePeerAddress', () => {
  test.each([
    ['10.30.0.1', '10.30.0.1', '0a1e0001'],
    ['::ffff:10.30.0.1', '10.30.0.1', '0a1e0001'],
    ['::1', '::1', '00000000000000000000000000000001'],
    ['FD00:0:0:1:0:0:0:22', 'fd00:0:0:1::22', 'fd000000000000010000000000000022'],
    ['fe80::1%eth0', 'fe80::1', 'fe800000000000000000000000000001'],
  ])('%s', (text, canonical, hex) => {
    const address = parsePeerAddress(text)
    expect([address.text, address.bytes.toString('hex')]).toEqual([canonical, hex])
  })
  test.each(['', 'node001', '10.30.0', '10.30.0.256', '010.1.1.1', '1::2::3', ':', '::1/64'])('refuses "%s"', text => {
    expect(() => parsePeerAddress(text)).toThrow('is not an IP address')
  })
})
