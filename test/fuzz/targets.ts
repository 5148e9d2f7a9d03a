import { LunaError } from '../../src/errors.ts'
import { parseAnnounce, parseScrape } from '../../src/torrent/announce.ts'
import { buildTorrent, hashBytes, parseTorrent } from '../../src/torrent/metainfo.ts'
import { OneCopyPlan } from '../../src/torrent/one-copy-plan.ts'
import { pieceCountOf, SeedSession } from '../../src/torrent/seed-session.ts'
import { encodeHandshake, handshakeBytes, parseHandshake } from '../../src/torrent/wire/handshake.ts'
import { MessageReader } from '../../src/torrent/wire/message.ts'
import { Rubbish } from './rubbish.ts'

/** Runs one input; throws when something broke. */
export type Target = () => void

const layout = { sizeBytes: 37 * 65_536 + 100, pieceLengthBytes: 65_536 }
const pieceCount = pieceCountOf(layout)
const longest = 64 * 1024

/** All that the outside may send to a head's swarm, each a stream of inputs that goes on for ever. */
export const targets = (random: () => number): Record<string, Target> => ({
  seeder: fuzzSeeder(random),
  handshake: fuzzHandshake(random),
  announce: fuzzAnnounce(random),
  torrent: fuzzTorrent(random),
})

/** Whoever sends rubbish is refused in a word; anything else that is thrown is a bug. */
function refusedOrTaken(take: () => void): boolean {
  try {
    take()
    return true
  } catch (error) {
    if (error instanceof LunaError && error.kind === 'invalid') return false
    throw error
  }
}

interface FuzzedPeer {
  id: number
  reader: MessageReader
  session: SeedSession
  offeredBytes: number
  askedBytes: number
}

/** Peers that come, send rubbish and go, at one plan, as `TorrentSeeding` has them; now and then a decent one, which must get everything. */
function fuzzSeeder(random: () => number): Target {
  const rubbish = new Rubbish(random, pieceCount, longest)
  const peers: FuzzedPeer[] = []
  let plan = new OneCopyPlan({ pieceCount })
  let [nowMs, lastId, inputs] = [0, 0, 0]

  function join(): FuzzedPeer {
    const session = new SeedSession(layout, random() < 0.8)
    const peer = { id: ++lastId, reader: new MessageReader(longest), session, offeredBytes: 0, askedBytes: 0 }
    plan.addPeer(peer.id)
    peers.push(peer)
    return peer
  }

  function leave(peer: FuzzedPeer): void {
    plan.removePeer(peer.id)
    peers.splice(peers.indexOf(peer), 1)
  }

  function offer(): number[] {
    const offers = plan.offers(nowMs)
    for (const { peer: id, piece } of offers) {
      const peer = peers.find(one => one.id === id)!
      peer.session.offer(piece)
      peer.offeredBytes += layout.pieceLengthBytes
    }
    return offers.map(({ piece }) => piece)
  }

  function take(peer: FuzzedPeer, bytes: Buffer): void {
    for (const message of peer.reader.take(bytes)) {
      const { news } = peer.session.take(message)
      if (news?.kind === 'has') plan.haveAlready(peer.id, news.pieces, nowMs)
      if (news?.kind === 'asked') plan.asked(peer.id, news.piece)
      if (news?.kind === 'got') plan.have(peer.id, news.piece, nowMs)
      if (news) offer()
    }
  }

  function serve(peer: FuzzedPeer): void {
    for (const { piece, offset, length } of peer.session.requests.splice(0, rubbish.below(8))) {
      peer.askedBytes += length
      if (length < 1 || piece * layout.pieceLengthBytes + offset + length > layout.sizeBytes)
        throw new Error(`${length} bytes at ${offset} of piece ${piece} would have been sent`)
    }
    if (peer.askedBytes > 3 * peer.offeredBytes) throw new Error(`${peer.askedBytes} bytes for ${peer.offeredBytes}`)
  }

  /** All rubbish gone, a decent peer is told of each piece once: nothing that was said has stuck. */
  function checkWithDecentPeer(): void {
    for (const peer of [...peers]) leave(peer)
    const decent = join()
    const missing = new Set(Array.from({ length: pieceCount }, (_, piece) => piece))
    // it says late that it has those already
    const brought = offer()
    plan.haveAlready(decent.id, brought, nowMs)
    for (const piece of brought) missing.delete(piece)
    for (let pieces = offer(); pieces.length > 0; pieces = offer())
      for (const piece of pieces) {
        nowMs++
        if (!missing.delete(piece)) throw new Error(`piece ${piece} was offered twice`)
        plan.have(decent.id, piece, nowMs)
      }
    if (missing.size > 0) throw new Error(`pieces ${[...missing]} were never offered`)
    leave(decent)
    if (random() < 0.5) plan = new OneCopyPlan({ pieceCount })
  }

  return () => {
    inputs++
    nowMs += rubbish.below(30)
    const peer = peers.length < 2 || (peers.length < 12 && random() < 0.05) ? join() : rubbish.oneOf(peers)
    const bytes = random() < 0.02 ? rubbish.block() : rubbish.message()
    const cut = random() < 0.2 ? rubbish.below(bytes.length + 1) : bytes.length
    const taken = refusedOrTaken(() => {
      take(peer, bytes.subarray(0, cut))
      take(peer, bytes.subarray(cut))
    })
    serve(peer)
    if (!taken || random() < 0.01) leave(peer)
    else if (random() < 0.2) offer()
    if (inputs % 16 === 0) plan.tick(nowMs)
    if (inputs % 500 === 0) checkWithDecentPeer()
  }
}

function fuzzHandshake(random: () => number): Target {
  const rubbish = new Rubbish(random, pieceCount, longest)
  const sound = encodeHandshake({ infoHash: 'ab'.repeat(20), peerId: Buffer.alloc(20, 1), fast: true })
  return () => {
    const bytes = rubbish.spoil(sound)
    refusedOrTaken(() => parseHandshake(bytes.subarray(0, handshakeBytes)))
  }
}

function fuzzAnnounce(random: () => number): Target {
  const rubbish = new Rubbish(random, pieceCount, longest)
  const sound = Buffer.from(
    `info_hash=${'%ab'.repeat(20)}&peer_id=${'x'.repeat(20)}&port=1&uploaded=0&downloaded=0&left=1&event=started&numwant=9&ip=::1&node=n1`,
  )
  return () => {
    let bytes = rubbish.spoil(sound)
    while (random() < 0.5) bytes = rubbish.spoil(bytes)
    const query = bytes.toString('latin1')
    refusedOrTaken(() => parseAnnounce(query))
    refusedOrTaken(() => parseScrape(query))
  }
}

function fuzzTorrent(random: () => number): Target {
  const rubbish = new Rubbish(random, pieceCount, longest)
  const { bytes: sound } = buildTorrent({
    ...{ announceUrl: 'http://h/a', name: 'x', sizeBytes: 100, pieceLengthBytes: 50 },
    pieces: Buffer.alloc(2 * hashBytes, 7),
  })
  return () => {
    let bytes = rubbish.spoil(sound)
    while (random() < 0.3) bytes = rubbish.spoil(bytes)
    refusedOrTaken(() => parseTorrent(bytes))
  }
}
