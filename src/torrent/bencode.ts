import bencode from 'bencode'
import { LunaError } from '../errors.ts'

/** What can be bencoded (BEP 3): integers, byte strings, lists, dictionaries. Undefined members are left out. */
export type Bencodable = number | string | Uint8Array | readonly Bencodable[] | BencodableDictionary
export interface BencodableDictionary {
  readonly [key: string]: Bencodable | undefined
}

/** What comes out of decoding: every string is bytes. */
export type Bdecoded = number | Uint8Array | Bdecoded[] | { [key: string]: Bdecoded }

/** Text is written as UTF-8, dictionary keys in their order of bytes. */
export const encodeBencode = (value: Bencodable): Buffer => asBuffer(bencode.encode(value))

/** A dictionary whose keys are bytes and not text, such as the info-hashes of a scrape (BEP 48). */
export function encodeBinaryDictionary(entries: readonly (readonly [Buffer, Bencodable])[]): Buffer {
  const sorted = [...entries].sort(([a], [b]) => Buffer.compare(a, b))
  const members = sorted.flatMap(([key, value]) => [encodeBencode(key), encodeBencode(value)])
  return Buffer.concat([Buffer.from('d'), ...members, Buffer.from('e')])
}

/**
 * Decodes canonical bencoding only: what does not encode to the same bytes again (unsorted keys, leading zeros, bytes
 * behind the end) is refused, so that the hash of a decoded part is the hash of the part as it was written.
 * @throws LunaError
 */
export function decodeBencode(bytes: Uint8Array): Bdecoded {
  if (bytes.length === 0) throw new LunaError('invalid', 'not bencoded: empty')
  const value = decodeLoosely(bytes)
  if (!asBuffer(bencode.encode(value)).equals(bytes)) throw new LunaError('invalid', 'bencoding is not canonical')
  return value as Bdecoded
}

function decodeLoosely(bytes: Uint8Array): unknown {
  try {
    return bencode.decode(bytes)
  } catch (cause) {
    throw new LunaError('invalid', 'not bencoded', { cause })
  }
}

const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
