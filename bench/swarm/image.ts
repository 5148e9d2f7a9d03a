import { randomBytes } from 'node:crypto'
import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { hashPieces } from '../../src/effects/piece-hashes.ts'
import type { PublishedTorrent } from '../../src/operations/published-torrents.ts'
import { buildTorrent } from '../../src/torrent/metainfo.ts'
import type { Scale } from './scale.ts'
import { announceUrl } from './shaped-network.ts'

/** An image that nothing can compress, and its torrent. */
export async function makeImage(directory: string, { sizeBytes, pieceLengthBytes }: Scale): Promise<PublishedTorrent> {
  const name = 'image.tar.zst'
  const dataDirectory = join(directory, 'image')
  mkdirSync(dataDirectory)
  const path = join(dataDirectory, name)
  const file = openSync(path, 'w')
  for (let at = 0; at < sizeBytes; at += pieceLengthBytes) writeSync(file, randomBytes(pieceLengthBytes))
  closeSync(file)
  const pieces = await hashPieces({ path, sizeBytes, pieceLengthBytes })
  const { bytes, infoHash } = buildTorrent({ announceUrl, name, sizeBytes, pieceLengthBytes, pieces })
  const torrentPath = join(directory, `${name}.torrent`)
  writeFileSync(torrentPath, bytes)
  return { infoHash, torrentPath, dataDirectory, name, sizeBytes, pieceLengthBytes }
}
