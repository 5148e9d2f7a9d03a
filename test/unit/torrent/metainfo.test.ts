import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { buildTorrent, type Metainfo, parseTorrent } from '../../../src/torrent/metainfo.ts'

const metainfo: Metainfo = {
  announceUrl: 'http://10.30.255.254:7050/announce',
  name: 'compute-17.tar.zst',
  sizeBytes: 40_000,
  pieceLengthBytes: 16_384,
  pieces: Buffer.concat(['a', 'b', 'c'].map(text => createHash('sha1').update(text).digest())),
}
const pieces = Buffer.from(metainfo.pieces).toString('latin1')
const info = `d6:lengthi40000e4:name18:compute-17.tar.zst12:piece lengthi16384e6:pieces60:${pieces}7:privatei1ee`

test('a torrent, byte for byte', () => {
  const { bytes, infoHash } = buildTorrent(metainfo)
  expect(bytes.toString('latin1')).toBe(`d8:announce34:http://10.30.255.254:7050/announce4:info${info}e`)
  expect(infoHash).toBe(createHash('sha1').update(info, 'latin1').digest('hex'))
})

test('what was built is parsed', () => {
  const { bytes, infoHash } = buildTorrent(metainfo)
  const parsed = parseTorrent(bytes)
  expect({ ...parsed, pieces: Buffer.from(parsed.pieces) }).toEqual({ ...metainfo, infoHash })
})

test('the info-hash is of all of info, members that we do not know included', () => {
  const foreign = info.replace(/e$/, '6:source4:lunae')
  const parsed = parseTorrent(Buffer.from(`d8:announce1:x4:info${foreign}e`, 'latin1'))
  expect(parsed.infoHash).toBe(createHash('sha1').update(foreign, 'latin1').digest('hex'))
})

describe('refused', () => {
  test.each([
    ['pieces that do not fit the size', { sizeBytes: 50_000 }, 'number of pieces'],
    ['an empty file', { sizeBytes: 0, pieces: Buffer.alloc(0) }, 'length'],
    ['a name with a path', { name: '../shadow' }, 'name "../shadow"'],
    ['no name', { name: '' }, 'name ""'],
    ['the directory above', { name: '..' }, 'name ".."'],
  ])('%s', (_, change, message) => {
    expect(() => buildTorrent({ ...metainfo, ...change })).toThrow(message)
  })
  test.each([
    ['d8:announce1:xe', 'info'],
    ['le', 'torrent'],
    [`d4:info${info}e`, 'announce'],
    ['d8:announce1:x4:infod5:filesle4:name1:aee', 'length'],
    ['<html>', 'not bencoded'],
  ])('%s', (text, message) => {
    expect(() => parseTorrent(Buffer.from(text, 'latin1'))).toThrow(message)
  })
})
