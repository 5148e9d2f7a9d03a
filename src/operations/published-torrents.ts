import { join } from 'node:path'
import type { Luna } from '../luna.ts'
import { getCluster } from '../store/clusters.ts'
import { listNeededPacks, listPacks } from '../store/packs.ts'
import { tokenLifetimeMs } from './boot-tokens.ts'

/** A torrent that the head seeds. */
export interface PublishedTorrent {
  /** 40 hexadecimal digits. */
  infoHash: string
  torrentPath: string
  /** Where the file that it is of lies. */
  dataDirectory: string
  /** Name of that file. */
  name: string
  sizeBytes: number
  pieceLengthBytes: number
}

/** Those of every present generation, and of the ones that boots in progress began with. */
export async function publishedTorrents({ store, clock }: Pick<Luna, 'store' | 'clock'>): Promise<PublishedTorrent[]> {
  const { path, packs } = await store.read(async tx => {
    const needed = await listNeededPacks(tx, clock() - tokenLifetimeMs)
    return { path: (await getCluster(tx)).path, packs: (await listPacks(tx)).filter(pack => needed.has(pack.id)) }
  })
  const dataDirectory = join(path, 'torrents')
  const torrents = packs.map(({ infoHash, torrentFile, tarballFile, sizeBytes, pieceLengthBytes }) => ({
    infoHash,
    torrentPath: join(dataDirectory, torrentFile),
    dataDirectory,
    name: tarballFile,
    sizeBytes,
    pieceLengthBytes,
  }))
  return [...new Map(torrents.map(torrent => [torrent.infoHash, torrent])).values()]
}
