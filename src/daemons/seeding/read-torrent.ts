import { readFile } from 'node:fs/promises'
import { LunaError } from '../../errors.ts'
import type { PublishedTorrent } from '../../operations/published-torrents.ts'
import { type Metainfo, parseTorrent } from '../../torrent/metainfo.ts'

/** @throws LunaError when the .torrent cannot be read, or is not the one that was published: nodes would refuse it, too */
export async function readTorrent({ torrentPath, infoHash }: PublishedTorrent): Promise<Metainfo> {
  const bytes = await readFile(torrentPath).catch(cause => {
    throw new LunaError('failed', `cannot read ${torrentPath}: ${cause.message}`, { cause })
  })
  const broken = `${torrentPath} is not what was packed; pack the image again`
  try {
    const torrent = parseTorrent(bytes)
    if (torrent.infoHash === infoHash) return torrent
  } catch (cause) {
    throw new LunaError('failed', broken, { cause })
  }
  throw new LunaError('failed', broken)
}
