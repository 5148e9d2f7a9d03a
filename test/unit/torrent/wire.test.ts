import { expect, test } from 'vitest'
import { pieceCountOf, SeedSession } from '../../../src/torrent/seed-session.ts'
import { encodeHandshake, handshakeBytes, parseHandshake } from '../../../src/torrent/wire/handshake.ts'
import { encodeMessage, type Message, MessageReader, writePieceHeader } from '../../../src/torrent/wire/message.ts'

const block = { piece: 3, offset: 16_384, length: 16_384 }
const messages: Message[] = [
  { kind: 'keepAlive' },
  { kind: 'choke' },
  { kind: 'unchoke' },
  { kind: 'interested' },
  { kind: 'notInterested' },
  { kind: 'have', piece: 4_294_967_295 },
  { kind: 'bitfield', bits: Buffer.from([0xff, 0x80]) },
  { kind: 'request', block },
  { kind: 'cancel', block },
  { kind: 'suggest', piece: 1 },
  { kind: 'haveAll' },
  { kind: 'haveNone' },
  { kind: 'reject', block },
  { kind: 'allowedFast', piece: 2 },
]

test('a handshake comes back as it was', () => {
  const handshake = { infoHash: 'ab'.repeat(20), peerId: Buffer.from('-LU2000-abcdefghijkl'), fast: true }
  const bytes = encodeHandshake(handshake)
  expect(bytes).toHaveLength(handshakeBytes)
  expect(parseHandshake(bytes)).toEqual(handshake)
  expect(() => parseHandshake(Buffer.from(`GET / HTTP/1.1\r\n${' '.repeat(60)}`))).toThrow(
    'not the BitTorrent protocol',
  )
})

test('messages come back as they were, however the network cuts them', () => {
  const bytes = Buffer.concat(messages.map(encodeMessage))
  for (const step of [1, 2, 3, 7, bytes.length]) {
    const reader = new MessageReader(100)
    const read: Message[] = []
    for (let at = 0; at < bytes.length; at += step) read.push(...reader.take(bytes.subarray(at, at + step)))
    expect(read).toEqual(messages)
  }
})

test('the head of a piece as BEP 3 has it', () => {
  const bytes = Buffer.alloc(15)
  expect(writePieceHeader(bytes, 1, { piece: 1, offset: 2, length: 100 })).toBe(14)
  expect(bytes.toString('hex')).toBe('000000006d07000000010000000200')
})

test('a message that is too long, or of a wrong length, ends it', () => {
  const take = (hex: string) => [...new MessageReader(64).take(Buffer.from(hex, 'hex'))]
  expect(() => take('00000041')).toThrow('a message of 65 bytes; at most 64 are taken')
  expect(() => take('0000000104')).toThrow('message 4 has 1 bytes, not 5')
  expect(take('0000000263ff')).toEqual([{ kind: 'other' }])
})

const layout = { sizeBytes: 10 * 65_536 + 100, pieceLengthBytes: 65_536 }

test('only what was offered is served; other requests are refused where the peer speaks BEP 6', () => {
  for (const fast of [true, false]) {
    const session = new SeedSession(layout, fast)
    const request = { kind: 'request' as const, block: { piece: 2, offset: 0, length: 16_384 } }
    expect(session.take(request).reply).toEqual(fast ? encodeMessage({ ...request, kind: 'reject' }) : undefined)
    session.offer(2)
    expect(session.take(request)).toEqual({ news: { kind: 'asked', piece: 2 } })
    const next = { ...request.block, offset: 16_384 }
    expect(session.take({ ...request, block: next })).toEqual({})
    session.take({ kind: 'cancel', block: next })
    expect(session.requests).toEqual([request.block])
    session.take({ ...request, kind: 'cancel' })
    expect(session.requests).toEqual([])
  }
})

test.each([
  [{ kind: 'request', block: { piece: 11, offset: 0, length: 1 } }],
  [{ kind: 'request', block: { piece: 10, offset: 90, length: 20 } }],
  [{ kind: 'request', block: { piece: 0, offset: 0, length: 1 << 20 } }],
  [{ kind: 'request', block: { piece: 0, offset: 0, length: 0 } }],
  [{ kind: 'have', piece: 11 }],
  [{ kind: 'bitfield', bits: Buffer.from([0xff]) }],
  [{ kind: 'bitfield', bits: Buffer.from([0xff, 0xff]) }],
] as [Message][])('%j breaks the protocol', message => {
  expect(() => new SeedSession(layout, true).take(message)).toThrow()
})

test('a bitfield comes first or not at all', () => {
  const session = new SeedSession(layout, true)
  session.take({ kind: 'interested' })
  expect(() => session.take({ kind: 'haveAll' })).toThrow('late')
})

/** Deterministic numbers (a linear congruential generator of Numerical Recipes). */
function* numbers(seed: number): Generator<number, never> {
  for (let state = seed; ; ) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    yield state
  }
}

test('rubbish is refused or left aside, never more than that, and never kept', () => {
  const random = numbers(1)
  const next = (below: number) => Number(random.next().value >>> 8) % below
  for (let round = 0; round < 3000; round++) {
    const session = new SeedSession(layout, round % 2 === 0)
    const reader = new MessageReader(4096)
    const bytes = Buffer.from(Array.from({ length: next(200) }, () => next(round % 3 === 0 ? 256 : 20)))
    // most of the time whole messages of known numbers, else nearly all would be too long
    const input = round % 3 === 0 ? bytes : Buffer.concat([Buffer.from([0, 0, 0, bytes.length]), bytes])
    try {
      for (const message of reader.take(input)) session.take(message)
    } catch (error) {
      expect(error).toMatchObject({ kind: 'invalid' })
    }
    for (const { piece, offset, length } of session.requests)
      expect(piece * layout.pieceLengthBytes + offset + length).toBeLessThanOrEqual(layout.sizeBytes)
  }
  expect(pieceCountOf(layout)).toBe(11)
})
