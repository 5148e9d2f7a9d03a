import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { hashPieces } from '../../../src/effects/piece-hashes.ts'
import { buildTorrent } from '../../../src/torrent/metainfo.ts'
import { pack1, publish } from '../../boot-cluster.ts'
import type { Site } from '../lweb/site.ts'

/** A generation of osimage "compute" as `osimage pack` leaves it. @param content or so many bytes of any @returns its path */
export async function publishImage(
  { cluster }: Site,
  content: Buffer | number,
): Promise<{ path: string; infoHash: string }> {
  const bytes = typeof content === 'number' ? randomBytes(content) : content
  const torrents = join(cluster.directory, 'torrents')
  const path = join(torrents, pack1.tarballFile)
  writeFileSync(path, bytes)
  const layout = { sizeBytes: bytes.length, pieceLengthBytes: 64 * 1024 }
  const announceUrl = 'http://10.30.255.254:7050/announce'
  const pieces = await hashPieces({ path, ...layout })
  const { bytes: torrent, infoHash } = buildTorrent({ announceUrl, name: pack1.tarballFile, pieces, ...layout })
  writeFileSync(join(torrents, pack1.torrentFile), torrent)
  await publish(cluster.store, { ...pack1, ...layout, infoHash })
  return { path, infoHash }
}
