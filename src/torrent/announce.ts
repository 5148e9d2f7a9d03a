import { isIP } from 'node:net'
import { LunaError } from '../errors.ts'
import { hashBytes } from './metainfo.ts'
import { type PeerAddress, parsePeerAddress } from './peer-address.ts'
import { parseRawQuery } from './raw-query.ts'

export type AnnounceEvent = 'started' | 'stopped' | 'completed'

/** A peer telling the tracker how far it is and asking for others (BEP 3). */
export interface Announce {
  /** 40 hexadecimal digits, lower case. */
  infoHash: string
  /** 20 bytes that the client chose for itself. */
  peerId: Buffer
  /** TCP port that it listens on. */
  port: number
  /** Bytes since its start. */
  uploaded: number
  downloaded: number
  /** Bytes that it still lacks; 0 is a seeder. */
  left: number
  /** Undefined in the regular announces. */
  event: AnnounceEvent | undefined
  /** How many peers it wants; undefined leaves it to the tracker. */
  numWant: number | undefined
  /** BEP 23 advises to answer compactly unless the client refuses it by compact=0. */
  compact: boolean
  noPeerId: boolean
  /** Where it says that it is; it may say anything. */
  ip: PeerAddress | undefined
  /** The node whose announce URL says `node=`; no part of any BEP. */
  node: string | undefined
}

type Query = Map<string, Buffer[]>

/**
 * @param rawQuery query of the announce URL, percent-encoded as it came
 * @throws LunaError whose message is meant for the answer's `failure reason`
 */
export function parseAnnounce(rawQuery: string): Announce {
  const query = parseRawQuery(rawQuery)
  return {
    infoHash: parseHash(query, 'info_hash').toString('hex'),
    peerId: parseHash(query, 'peer_id'),
    port: parsePort(query),
    uploaded: parseBytes(query, 'uploaded'),
    downloaded: parseBytes(query, 'downloaded'),
    left: parseBytes(query, 'left'),
    event: findEvent(query),
    numWant: findNumWant(query),
    compact: text(query, 'compact') !== '0',
    noPeerId: text(query, 'no_peer_id') === '1',
    ip: findIp(query),
    node: findNode(query),
  }
}

/**
 * @returns info-hashes in hexadecimal; none means all (BEP 48)
 * @throws LunaError as parseAnnounce
 */
export function parseScrape(rawQuery: string): string[] {
  const hashes = parseRawQuery(rawQuery).get('info_hash') ?? []
  return hashes.map(hash => checkHash(hash, 'info_hash').toString('hex'))
}

const text = (query: Query, name: string): string | undefined => query.get(name)?.[0]?.toString('latin1')

function parseHash(query: Query, name: string): Buffer {
  const value = query.get(name)?.[0]
  if (value) return checkHash(value, name)
  throw new LunaError('invalid', `${name} is missing`)
}

function checkHash(value: Buffer, name: string): Buffer {
  if (value.length === hashBytes) return value
  throw new LunaError('invalid', `${name} has ${value.length} bytes instead of ${hashBytes}`)
}

function parsePort(query: Query): number {
  const port = parseBytes(query, 'port')
  if (port >= 1 && port <= 65535) return port
  throw new LunaError('invalid', `port ${port} is not a TCP port`)
}

function parseBytes(query: Query, name: string): number {
  const value = text(query, name)
  if (value === undefined) throw new LunaError('invalid', `${name} is missing`)
  const number = /^\d+$/.test(value) ? Number(value) : Number.NaN
  if (Number.isSafeInteger(number)) return number
  throw new LunaError('invalid', `${name} is not a number`)
}

function findEvent(query: Query): AnnounceEvent | undefined {
  const event = text(query, 'event')
  return event === 'started' || event === 'stopped' || event === 'completed' ? event : undefined
}

/** Some clients write -1 for "as many as you like". */
function findNumWant(query: Query): number | undefined {
  const value = text(query, 'numwant')
  return value !== undefined && /^\d{1,9}$/.test(value) ? Number(value) : undefined
}

/** Anything that no node can be called is nobody: the name is only ever shown. */
function findNode(query: Query): string | undefined {
  const name = text(query, 'node')
  return name !== undefined && /^[a-z0-9][a-z0-9._-]{0,252}$/i.test(name) ? name : undefined
}

/** BEP 3 allows names, too, which are of no use here. */
function findIp(query: Query): PeerAddress | undefined {
  const value = text(query, 'ip')
  return value !== undefined && isIP(value) !== 0 ? parsePeerAddress(value) : undefined
}
