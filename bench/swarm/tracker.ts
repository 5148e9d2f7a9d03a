/** A tracker of one torrent on TCP for the benchmark: argv is the address, the port, and the run directory of an ltorrent to hand requests on to. */
import { createServer } from 'node:http'
import { createTrackerForwarder } from '../../src/effects/swarm-client.ts'
import { parseAnnounce } from '../../src/torrent/announce.ts'
import { renderAnnounceAnswer } from '../../src/torrent/announce-answer.ts'
import { parsePeerAddress } from '../../src/torrent/peer-address.ts'
import { Tracker } from '../../src/torrent/tracker.ts'

const [, , host, port, runDirectory] = process.argv as [string, string, string, string, string | undefined]
const forwarder = runDirectory === undefined ? undefined : createTrackerForwarder(runDirectory)
const tracker = new Tracker({ intervalSeconds: 5, minIntervalSeconds: 2, maxPeers: 100 }, () => [])

/** The head's seeder is a peer like others. */
function answer(url: string, address: string): Buffer {
  const announce = parseAnnounce(url.slice(url.indexOf('?') + 1))
  tracker.follow([announce.infoHash])
  process.stdout.write(`announced ${address}\n`)
  return renderAnnounceAnswer(tracker.announce(announce, parsePeerAddress(address), Date.now()), announce)
}

createServer(async (request, response) => {
  const address = request.socket.remoteAddress!
  const body = forwarder ? (await forwarder.forward(request.url!, address)).body : answer(request.url!, address)
  response.end(body)
}).listen(Number(port), host, () => process.stdout.write('listening\n'))
