import { LunaError } from '../../errors.ts'

/** A part of a piece: at most 16 KiB in practice (BEP 3). */
export interface Block {
  piece: number
  /** Where it begins in the piece, bytes. */
  offset: number
  length: number
}

/** Messages of BEP 3 and BEP 6; `other` is what a seeder has no use for, of whatever extension. */
export type Message =
  | { kind: 'keepAlive' | 'choke' | 'unchoke' | 'interested' | 'notInterested' | 'haveAll' | 'haveNone' | 'other' }
  | { kind: 'have' | 'suggest' | 'allowedFast'; piece: number }
  | { kind: 'bitfield'; bits: Buffer }
  | { kind: 'request' | 'cancel' | 'reject'; block: Block }

/** Message numbers: BEP 3, and from 13 on BEP 6. */
const ids = {
  choke: 0,
  unchoke: 1,
  interested: 2,
  notInterested: 3,
  have: 4,
  bitfield: 5,
  request: 6,
  piece: 7,
  cancel: 8,
  suggest: 13,
  haveAll: 14,
  haveNone: 15,
  reject: 16,
  allowedFast: 17,
} as const

const bare = new Map<number, 'choke' | 'unchoke' | 'interested' | 'notInterested' | 'haveAll' | 'haveNone'>(
  (['choke', 'unchoke', 'interested', 'notInterested', 'haveAll', 'haveNone'] as const).map(kind => [ids[kind], kind]),
)
const withPiece = new Map<number, 'have' | 'suggest' | 'allowedFast'>(
  (['have', 'suggest', 'allowedFast'] as const).map(kind => [ids[kind], kind]),
)
const withBlock = new Map<number, 'request' | 'cancel' | 'reject'>(
  (['request', 'cancel', 'reject'] as const).map(kind => [ids[kind], kind]),
)

export function encodeMessage(message: Message): Buffer {
  switch (message.kind) {
    case 'keepAlive':
      return Buffer.alloc(4)
    case 'have':
    case 'suggest':
    case 'allowedFast':
      return frame(ids[message.kind], [message.piece])
    case 'request':
    case 'cancel':
    case 'reject':
      return frame(ids[message.kind], [message.block.piece, message.block.offset, message.block.length])
    case 'bitfield':
      return Buffer.concat([frame(ids.bitfield, [], message.bits.length), message.bits])
    case 'other':
      throw new TypeError('what is not known cannot be sent')
    default:
      return frame(ids[message.kind], [])
  }
}

export const pieceHeaderBytes = 13

/** Writes what stands before a block's bytes. @returns where they begin */
export function writePieceHeader(buffer: Buffer, at: number, { piece, offset, length }: Block): number {
  buffer.writeUInt32BE(pieceHeaderBytes - 4 + length, at)
  buffer[at + 4] = ids.piece
  buffer.writeUInt32BE(piece, at + 5)
  return buffer.writeUInt32BE(offset, at + 9)
}

/** Length, number, 32-bit words; `more` bytes will follow. */
function frame(id: number, words: readonly number[], more = 0): Buffer {
  const buffer = Buffer.allocUnsafe(5 + 4 * words.length)
  buffer.writeUInt32BE(1 + 4 * words.length + more, 0)
  buffer[4] = id
  for (const [index, word] of words.entries()) buffer.writeUInt32BE(word, 5 + 4 * index)
  return buffer
}

/** @param at where the message begins, behind its length */
function parseMessage(bytes: Buffer, at: number, length: number): Message {
  if (length === 0) return { kind: 'keepAlive' }
  const id = bytes[at]!
  const blockKind = withBlock.get(id)
  if (blockKind) {
    expectLength(id, length, 13)
    return { kind: blockKind, block: parseBlock(bytes, at + 1) }
  }
  const pieceKind = withPiece.get(id)
  if (pieceKind) {
    expectLength(id, length, 5)
    return { kind: pieceKind, piece: bytes.readUInt32BE(at + 1) }
  }
  const kind = bare.get(id)
  if (kind) {
    expectLength(id, length, 1)
    return { kind }
  }
  if (id === ids.bitfield) return { kind: 'bitfield', bits: Buffer.from(bytes.subarray(at + 1, at + length)) }
  return { kind: 'other' }
}

const parseBlock = (bytes: Buffer, at: number): Block => ({
  piece: bytes.readUInt32BE(at),
  offset: bytes.readUInt32BE(at + 4),
  length: bytes.readUInt32BE(at + 8),
})

function expectLength(id: number, length: number, expected: number): void {
  if (length !== expected) throw new LunaError('invalid', `message ${id} has ${length} bytes, not ${expected}`)
}

/** Cuts a stream of bytes into messages. Keeps at most one message and what came with it. */
export class MessageReader {
  readonly #longest: number
  #rest: Buffer = Buffer.alloc(0)

  /** @param longest bytes that a message may have; a peer that announces a longer one is not let fill the memory */
  constructor(longest: number) {
    this.#longest = longest
  }

  /**
   * Takes what came and gives the messages that are whole.
   * @throws LunaError on a message that cannot be
   */
  *take(bytes: Buffer): Generator<Message, void, void> {
    this.#rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes])
    let at = 0
    while (this.#rest.length - at >= 4) {
      const length = this.#rest.readUInt32BE(at)
      if (length > this.#longest)
        throw new LunaError('invalid', `a message of ${length} bytes; at most ${this.#longest} are taken`)
      if (this.#rest.length - at < 4 + length) break
      yield parseMessage(this.#rest, at + 4, length)
      at += 4 + length
    }
    this.#rest = this.#rest.subarray(at)
  }
}
