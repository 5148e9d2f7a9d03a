/**
 * Discoveries and announces per second on one core: the real lweb and ltorrent, asked through the sockets that nginx uses. Each
 * discovery is another node's and begins a boot; each announce is another peer's of one swarm. Goals, 5,000 nodes: 1,000 discoveries/s with
 * p99 under 50 ms, 3,000 announces/s. Beside them a plain route of the same HTTP package on the same core: what the machine can do at this
 * moment. Needs root and two cores.
 */
import { formatAddress } from '../src/domain/address.ts'
import { cpuMsOf } from './measuring/cpu-time.ts'
import type { Load } from './measuring/load.ts'
import { percentileOf, printGoal, printTable } from './measuring/numbers.ts'
import { ServedHead } from './measuring/served-head.ts'

const sizes = [100, 1000, 5000, 20_000]
const goal = { size: 5000, rate: 1000, latencyMs: 50, announces: 3000 }
const requests = 5000
const warmUp = 1000

type Requests = Load['requests']
type Figures = Record<'plain' | 'discoveries' | 'cpuMs' | 'p50' | 'p99' | 'announces' | 'handedOn', number>

/** Requests of one node after the other, in no order that an index would like. */
const requestsOf = ({ nodes }: ServedHead, path: (mac: string, index: number) => string): Requests =>
  Array.from({ length: requests }, (_, index) => {
    const { mac, addresses } = nodes[(index * 7) % nodes.length]!
    return { path: path(mac!, index), address: formatAddress(addresses[0]!.address) }
  })

const announcePath = (infoHash: string) => (_: string, index: number) =>
  `/announce?info_hash=${infoHash.replace(/../g, '%$&')}&peer_id=A2-1-36-0-%00${String(index).padStart(9, '0')}` +
  '&port=7052&uploaded=0&downloaded=1048576&left=998951424&compact=1&numwant=50'

/** As fast as they are answered, after some to warm up. @returns requests per second, and what each cost the daemon */
function measureRate(head: ServedHead, socket: string, pid: number, all: Requests) {
  head.load(socket, { requests: all.slice(0, warmUp), connections: 32 })
  const beforeMs = cpuMsOf(pid)
  const { elapsedMs, statuses } = head.load(socket, { requests: all, connections: 32 })
  if (statuses[200] !== requests) throw new Error(`not all were answered: ${JSON.stringify(statuses)}`)
  return { rate: (requests * 1000) / elapsedMs, cpuMs: (cpuMsOf(pid) - beforeMs) / requests }
}

async function measure(size: number): Promise<Figures> {
  const head = await ServedHead.open(size)
  try {
    const lweb = await head.startDaemon('lweb', /lweb listens on/)
    const ltorrent = await head.startDaemon('ltorrent', /ltorrent is listening/)
    const plainRoute = await head.startPlainRoute('plain.sock')
    const discoveries = requestsOf(head, mac => `/luna?step=discovery&hwdata=|${mac}|`)
    const plain = measureRate(head, 'plain.sock', plainRoute, discoveries)
    const { rate, cpuMs } = measureRate(head, 'lweb.sock', lweb, discoveries)
    const { latenciesMs, lastBody } = head.load('lweb.sock', {
      requests: discoveries,
      connections: 256,
      rate: goal.rate,
    })
    if (!/^#!ipxe[\s\S]*\nboot/.test(lastBody)) throw new Error(`this is no boot script:\n${lastBody}`)
    const all = requestsOf(head, announcePath(head.infoHash))
    const announces = measureRate(head, 'ltorrent.sock', ltorrent, all)
    const handedOn = measureRate(head, 'lweb.sock', lweb, all)
    const [p50, p99] = [percentileOf(latenciesMs, 0.5), percentileOf(latenciesMs, 0.99)]
    return { plain: plain.rate, discoveries: rate, cpuMs, p50, p99, announces: announces.rate, handedOn: handedOn.rate }
  } finally {
    await head.close()
  }
}

const figures = new Map<number, Figures>()
for (const size of sizes) figures.set(size, await measure(size))
const row = (text: string, key: keyof Figures, digits = 0) => [
  text,
  ...sizes.map(size => figures.get(size)![key].toFixed(digits)),
]
printTable([
  ['nodes', ...sizes.map(size => size.toLocaleString('en'))],
  row('plain route, requests/s', 'plain'),
  row('discoveries/s', 'discoveries'),
  row("lweb's CPU for a discovery, ms", 'cpuMs', 2),
  row(`median at ${goal.rate} discoveries/s, ms`, 'p50', 1),
  row(`p99 at ${goal.rate} discoveries/s, ms`, 'p99', 1),
  row('announces/s, from nginx', 'announces'),
  row('announces/s, handed on by lweb', 'handedOn'),
])
const at = figures.get(goal.size)!
console.log(`goals, ${goal.size.toLocaleString('en')} nodes`)
printGoal('discoveries', `${at.discoveries.toFixed(0)}/s`, `${goal.rate}/s`, at.discoveries >= goal.rate)
printGoal(`p99 at ${goal.rate}/s`, `${at.p99.toFixed(1)} ms`, `under ${goal.latencyMs} ms`, at.p99 < goal.latencyMs)
printGoal('announces', `${at.announces.toFixed(0)}/s`, `${goal.announces}/s`, at.announces >= goal.announces)
