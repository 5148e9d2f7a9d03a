import { createHash } from 'node:crypto'
import { LunaError } from '../errors.ts'
import { type Bdecoded, decodeBencode, encodeBencode } from './bencode.ts'

/** Bytes of a SHA-1, of which the piece list and the info-hash are made. */
export const hashBytes = 20

/** The .torrent of one file (BEP 3). */
export interface Metainfo {
  announceUrl: string
  /** File name, without directory. */
  name: string
  sizeBytes: number
  pieceLengthBytes: number
  /** The SHA-1 of every piece, 20 bytes each, one behind the other. */
  pieces: Uint8Array
}

export interface Torrent {
  /** The .torrent file's bytes. The same metainfo gives the same bytes. */
  bytes: Buffer
  /** 40 hexadecimal digits, lower case: SHA-1 of the bencoded info dictionary. */
  infoHash: string
}

/**
 * It is private (BEP 27): peers come from the tracker alone, since clients that look for them elsewhere would find none and be found.
 * @throws LunaError when the piece list does not fit the size
 */
export function buildTorrent(metainfo: Metainfo): Torrent {
  checkPieces(metainfo)
  const info = {
    length: metainfo.sizeBytes,
    name: metainfo.name,
    'piece length': metainfo.pieceLengthBytes,
    pieces: metainfo.pieces,
    private: 1,
  }
  return { bytes: encodeBencode({ announce: metainfo.announceUrl, info }), infoHash: infoHashOf(encodeBencode(info)) }
}

/**
 * Reads a .torrent of one file.
 * @throws LunaError when it is not canonical bencoding, lacks a member, has several files, or contradicts itself
 */
export function parseTorrent(bytes: Uint8Array): Metainfo & { infoHash: string } {
  const torrent = asDictionary(decodeBencode(bytes), 'torrent')
  const info = asDictionary(torrent['info'], 'info')
  const metainfo = {
    announceUrl: asText(torrent['announce'], 'announce'),
    name: asText(info['name'], 'name'),
    sizeBytes: asSize(info['length'], 'length'),
    pieceLengthBytes: asSize(info['piece length'], 'piece length'),
    pieces: asBytes(info['pieces'], 'pieces'),
  }
  checkPieces(metainfo)
  return { ...metainfo, infoHash: infoHashOf(encodeBencode(info)) }
}

const infoHashOf = (info: Buffer): string => createHash('sha1').update(info).digest('hex')

function checkPieces({ name, sizeBytes, pieceLengthBytes, pieces }: Metainfo): void {
  // the name becomes a file name on every node
  if (name === '' || name === '.' || name === '..' || /[/\\\0]/.test(name)) throw refused(`name "${name}"`)
  if (sizeBytes < 1 || pieceLengthBytes < 1) throw refused('length')
  if (pieces.length !== Math.ceil(sizeBytes / pieceLengthBytes) * hashBytes) throw refused('number of pieces')
}

function asDictionary(value: Bdecoded | undefined, what: string): { [key: string]: Bdecoded } {
  if (typeof value === 'object' && !Array.isArray(value) && !(value instanceof Uint8Array)) return value
  throw refused(what)
}

function asBytes(value: Bdecoded | undefined, what: string): Uint8Array {
  if (value instanceof Uint8Array) return value
  throw refused(what)
}

const asText = (value: Bdecoded | undefined, what: string): string => Buffer.from(asBytes(value, what)).toString()

function asSize(value: Bdecoded | undefined, what: string): number {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value
  throw refused(what)
}

const refused = (what: string): LunaError =>
  new LunaError('invalid', `not a torrent of one file: bad or missing ${what}`)
