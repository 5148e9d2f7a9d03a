import { describe, expect, test } from 'vitest'
import { parseAnnounce, parseScrape } from '../../../src/torrent/announce.ts'
import { decodePercent, parseRawQuery } from '../../../src/torrent/raw-query.ts'

// as aria2 1.36 sends it: whatever is a letter or digit stays, everything else is encoded
const fromAria2 =
  'node=node001&info_hash=%A8%7Blh%9F-1%B8%B5AtY%DD%F3%2A%C3%8D%96-%C0&peer_id=A2-1-36-0-%ABa%FCBF%93%F4Z%A0%24' +
  '&uploaded=0&downloaded=1048576&left=18951424&compact=1&key=%FCBF%93%F4Z%A0%24&numwant=50&no_peer_id=1&port=7056' +
  '&event=started&supportcrypto=1'

const query = (changes: Record<string, string | undefined> = {}) =>
  Object.entries({
    info_hash: '%00'.repeat(20),
    peer_id: 'p'.repeat(20),
    port: '7052',
    uploaded: '0',
    downloaded: '0',
    left: '5',
    ...changes,
  })
    .flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`]))
    .join('&')

describe('parseAnnounce', () => {
  test('aria2', () => {
    const { peerId, ...rest } = parseAnnounce(fromAria2)
    expect(peerId.toString('latin1')).toBe('A2-1-36-0-\xaba\xfcBF\x93\xf4Z\xa0$')
    expect(rest).toEqual({
      infoHash: 'a87b6c689f2d31b8b5417459ddf32ac38d962dc0',
      port: 7056,
      uploaded: 0,
      downloaded: 1_048_576,
      left: 18_951_424,
      event: 'started',
      numWant: 50,
      compact: true,
      noPeerId: true,
      node: 'node001',
    })
  })

  test('every byte survives, encoded or not', () => {
    for (let first = 0; first < 256; first += 20) {
      const bytes = Buffer.from(Array.from({ length: 20 }, (_, index) => (first + index) % 256))
      const encoded = [...bytes].map(byte => `%${byte.toString(16).padStart(2, '0')}`).join('')
      expect(parseAnnounce(query({ info_hash: encoded })).infoHash).toBe(bytes.toString('hex'))
      expect(parseAnnounce(query({ info_hash: encoded.toUpperCase() })).infoHash).toBe(bytes.toString('hex'))
      const bare = bytes.toString('latin1').replace(/[%&]/g, character => encodeURIComponent(character))
      expect(parseAnnounce(query({ info_hash: bare })).infoHash).toBe(bytes.toString('hex'))
    }
  })

  test.each([
    ['10.40.0.1', '10.40.0.1'],
    ['fd00::0:1', 'fd00::1'],
    ['node001', undefined],
    ['', undefined],
    ['10.40.0.1:80', undefined],
  ])('ip=%s', (ip, expected) => {
    expect(parseAnnounce(query({ ip })).ip?.text).toBe(expected)
  })

  test.each([
    ['event', 'paused', { event: undefined }],
    ['event', '', { event: undefined }],
    ['event', 'stopped', { event: 'stopped' }],
    ['numwant', '-1', { numWant: undefined }],
    ['numwant', '0', { numWant: 0 }],
    ['compact', '0', { compact: false }],
    ['node', 'login-1.cluster', { node: 'login-1.cluster' }],
    ['node', '%3Cscript%3E', { node: undefined }],
    ['node', '', { node: undefined }],
  ])('%s=%s', (name, value, expected) => {
    expect(parseAnnounce(query({ [name]: value }))).toMatchObject(expected)
  })

  test.each([
    [{ info_hash: undefined }, 'info_hash is missing'],
    [{ info_hash: '%00'.repeat(19) }, 'info_hash has 19 bytes instead of 20'],
    [{ info_hash: '%C3%A9'.repeat(20) }, 'info_hash has 40 bytes instead of 20'],
    [{ peer_id: 'short' }, 'peer_id has 5 bytes instead of 20'],
    [{ port: '0' }, 'port 0 is not a TCP port'],
    [{ port: '65536' }, 'port 65536 is not a TCP port'],
    [{ port: undefined }, 'port is missing'],
    [{ left: undefined }, 'left is missing'],
    [{ left: '-1' }, 'left is not a number'],
    [{ left: '1e3' }, 'left is not a number'],
    [{ left: '18446744073709551615' }, 'left is not a number'],
    [{ downloaded: 'x' }, 'downloaded is not a number'],
    [{ peer_id: '%zz' }, 'broken percent-encoding'],
    [{ peer_id: '%a' }, 'broken percent-encoding'],
  ])('refuses %j', (changes, message) => {
    expect(() => parseAnnounce(query(changes))).toThrow(message)
  })
})

test('parseScrape takes any number of hashes', () => {
  expect(parseScrape('')).toEqual([])
  expect(parseScrape(`info_hash=${'%FF'.repeat(20)}&info_hash=${'a'.repeat(20)}`)).toEqual([
    'ff'.repeat(20),
    '61'.repeat(20),
  ])
  expect(() => parseScrape('info_hash=abc')).toThrow('info_hash has 3 bytes')
})

test('a plus is a plus, and no value is an empty one', () => {
  expect(decodePercent('a+b%2b%25').toString()).toBe('a+b+%')
  expect(parseRawQuery('a&b=&c=1=2&&c=3')).toEqual(
    new Map([
      ['a', [Buffer.from('')]],
      ['b', [Buffer.from('')]],
      ['c', [Buffer.from('1=2'), Buffer.from('3')]],
    ]),
  )
})
