import { encodeBencode, encodeBinaryDictionary } from './bencode.ts'

export interface ScrapedTorrent {
  /** 40 hexadecimal digits. */
  infoHash: string
  complete: number
  incomplete: number
  /** How often a client reported completion. */
  downloaded: number
}

/** BEP 48. Unknown torrents are simply not in it. */
export function renderScrapeAnswer(torrents: readonly ScrapedTorrent[]): Buffer {
  const files = encodeBinaryDictionary(
    torrents.map(({ infoHash, complete, incomplete, downloaded }) => [
      Buffer.from(infoHash, 'hex'),
      { complete, downloaded, incomplete },
    ]),
  )
  return Buffer.concat([Buffer.from('d'), encodeBencode('files'), files, Buffer.from('e')])
}
