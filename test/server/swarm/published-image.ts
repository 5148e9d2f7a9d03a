import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { hashPieces } from '../../../src/effects/piece-hashes.ts'
import { buildTorrent } from '../../../src/torrent/metainfo.ts'
import { pack1, publish } from '../../boot-cluster.ts'
import type { Site } from '../lweb/site.ts'

export interface PublishedImage {
  path: string
  torrentPath: string
  infoHash: string
}

/** A generation of an osimage as `osimage pack` leaves it. @param content or so many bytes of any */
export async function publishImage(
  { cluster }: Site,
  content: Buffer | number,
  osimage = 'compute',
): Promise<PublishedImage> {
  const files = { tarballFile: `${osimage}-1.tar.zst`, torrentFile: `${osimage}-1.torrent` }
  const bytes = typeof content === 'number' ? randomBytes(content) : content
  const torrents = join(cluster.directory, 'torrents')
  const path = join(torrents, files.tarballFile)
  const torrentPath = join(torrents, files.torrentFile)
  writeFileSync(path, bytes)
  const layout = { sizeBytes: bytes.length, pieceLengthBytes: 64 * 1024 }
  const announceUrl = 'http://10.30.255.254:7050/announce'
  const pieces = await hashPieces({ path, ...layout })
  const { bytes: torrent, infoHash } = buildTorrent({ announceUrl, name: files.tarballFile, pieces, ...layout })
  writeFileSync(torrentPath, torrent)
  await publish(cluster.store, { ...pack1, ...files, ...layout, infoHash }, undefined, osimage)
  return { path, torrentPath, infoHash }
}
