import { LunaError } from '../../errors.ts'

/** The peer wire protocol's first words, of both sides (BEP 3 "peer protocol"). */
export interface Handshake {
  /** 40 hexadecimal digits, lower case. */
  infoHash: string
  /** 20 bytes. */
  peerId: Buffer
  /** BEP 6, the fast extension. */
  fast: boolean
}

export const handshakeBytes = 68

const protocol = Buffer.from('\x13BitTorrent protocol', 'latin1')
/** BEP 6: the third least significant bit of the last reserved byte. */
const fastBit = 0x04

export function encodeHandshake({ infoHash, peerId, fast }: Handshake): Buffer {
  const reserved = Buffer.alloc(8)
  if (fast) reserved[7]! |= fastBit
  return Buffer.concat([protocol, reserved, Buffer.from(infoHash, 'hex'), peerId])
}

/**
 * @param bytes the first 68 that came
 * @throws LunaError when it is another protocol
 */
export function parseHandshake(bytes: Buffer): Handshake {
  if (bytes.length < handshakeBytes || !bytes.subarray(0, protocol.length).equals(protocol))
    throw new LunaError('invalid', 'that is not the BitTorrent protocol')
  return {
    infoHash: bytes.toString('hex', 28, 48),
    peerId: Buffer.from(bytes.subarray(48, handshakeBytes)),
    fast: (bytes[27]! & fastBit) !== 0,
  }
}
