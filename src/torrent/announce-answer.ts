import { type BencodableDictionary, encodeBencode } from './bencode.ts'
import type { Endpoint } from './peer.ts'

/** What a peer is told. */
export interface AnnounceAnswer {
  intervalSeconds: number
  minIntervalSeconds: number
  /** Peers that have everything, and those that do not yet. */
  complete: number
  incomplete: number
  peers: readonly Endpoint[]
}

/** How the asking client wants the peers written. */
export interface AnswerForm {
  compact: boolean
  noPeerId: boolean
}

/** BEP 3; compact as BEP 23 (peers) and BEP 7 (peers6, left out when there are none). */
export function renderAnnounceAnswer(answer: AnnounceAnswer, form: AnswerForm): Buffer {
  return encodeBencode({
    complete: answer.complete,
    incomplete: answer.incomplete,
    interval: answer.intervalSeconds,
    'min interval': answer.minIntervalSeconds,
    ...(form.compact ? compactMembers(answer.peers) : { peers: dictionaries(answer.peers, form.noPeerId) }),
  })
}

/** An announce or scrape that is refused: HTTP 200 all the same, since clients read the reason there only (BEP 3). */
export const renderFailure = (reason: string): Buffer => encodeBencode({ 'failure reason': reason })

function compactMembers(peers: readonly Endpoint[]): BencodableDictionary {
  const compact = peers.map(peer => peer.compact)
  const peers6 = compact.filter(bytes => bytes.length === 18)
  return {
    peers: Buffer.concat(compact.filter(bytes => bytes.length === 6)),
    peers6: peers6.length === 0 ? undefined : Buffer.concat(peers6),
  }
}

const dictionaries = (peers: readonly Endpoint[], noPeerId: boolean): BencodableDictionary[] =>
  peers.map(({ address, port, peerId }) => ({ ip: address.text, 'peer id': noPeerId ? undefined : peerId, port }))
