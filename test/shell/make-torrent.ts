/** make-torrent.ts FILE ANNOUNCE-URL OUT: writes a .torrent in pieces of 256 KiB and prints its info-hash. */
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import { buildTorrent } from '../../src/torrent/metainfo.ts'

const [file = '', announceUrl = '', out = ''] = process.argv.slice(2)
const pieceLengthBytes = 256 * 1024
const bytes = readFileSync(file)
const hashes: Buffer[] = []
for (let at = 0; at < bytes.length; at += pieceLengthBytes)
  hashes.push(
    createHash('sha1')
      .update(bytes.subarray(at, at + pieceLengthBytes))
      .digest(),
  )

const torrent = buildTorrent({
  announceUrl,
  name: basename(file),
  sizeBytes: bytes.length,
  pieceLengthBytes,
  pieces: Buffer.concat(hashes),
})
writeFileSync(out, torrent.bytes)
console.log(torrent.infoHash)
