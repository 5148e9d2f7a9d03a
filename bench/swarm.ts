/**
 * One head and nodes on shaped links: Luna's seeder and client, and aria2 on both sides, one after the other in one run. Prints the time of
 * the last completion over S/R, and what the head's link sent in copies of the image, framing included. Needs root.
 *
 *   node bench/swarm.ts [NODES ...]     1 8 24
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { hashPieces } from '../src/effects/piece-hashes.ts'
import type { PublishedTorrent } from '../src/operations/published-torrents.ts'
import { buildTorrent } from '../src/torrent/metainfo.ts'
import type { Namespace } from '../test/server/lweb/namespace.ts'
import { printTable } from './measuring/numbers.ts'
import { ShapedNetwork } from './swarm/shaped-network.ts'

const bitsPerSecond = 12_000_000
const sizeBytes = 16 * 1024 * 1024
const pieceLengthBytes = 16 * 1024
const copySeconds = (sizeBytes * 8) / bitsPerSecond
const mostBusy = 0.85
const announceUrl = `http://${ShapedNetwork.headAddress}:7050/announce`
const root = join(import.meta.dirname, '..')
const bundle = join(root, 'client', 'bundle')

interface Run {
  network: ShapedNetwork
  directory: string
  torrent: PublishedTorrent
  children: ChildProcess[]
}

function start(run: Run, namespace: Namespace, command: readonly string[]): ChildProcess {
  const [program, ...words] = namespace.inside(...command)
  const child = spawn(program!, words, { stdio: ['ignore', 'pipe', 'inherit'] })
  run.children.push(child)
  return child
}

async function lineOf(child: ChildProcess, wanted: RegExp): Promise<void> {
  for await (const line of createInterface(child.stdout!)) if (wanted.test(line)) break
  child.stdout!.resume()
}

/** Each engine: makes the head ready, then starts a node; the promise is of its completion. */
const engines = {
  luna: {
    async head(run: Run): Promise<void> {
      const { network, directory, torrent } = run
      const runDirectory = join(directory, 'run')
      mkdirSync(runDirectory)
      chownSync(runDirectory, 65_534, 65_534)
      const settings = {
        ...{ intervalSeconds: 5, minIntervalSeconds: 2, maxPeers: 100 },
        headAddresses: [ShapedNetwork.headAddress],
        listenPorts: { min: 7052, max: 7100 },
      }
      writeFileSync(join(directory, 'state.json'), JSON.stringify({ torrents: [torrent], settings }))
      const program = join(root, 'test', 'server', 'ltorrent', 'program.ts')
      await lineOf(
        start(run, network.head, [process.execPath, program, join(directory, 'state.json'), runDirectory]),
        /"seeding /,
      )
      await startTracker(run, runDirectory)
    },
    node: ({ torrent }: Run, directory: string): [command: string[], complete: RegExp] => [
      [
        ...[join(bundle, 'ld.so'), '--library-path', join(bundle, 'lib'), join(bundle, 'luna-torrent')],
        ...['--torrent', torrent.torrentPath, '--info-hash', torrent.infoHash, '--directory', directory],
      ],
      /"event":"complete"/,
    ],
  },
  aria2: {
    async head(run: Run): Promise<void> {
      await startTracker(run)
      const { torrentPath, dataDirectory } = run.torrent
      start(run, run.network.head, [...aria2(dataDirectory), '--bt-seed-unverified=true', '--quiet=true', torrentPath])
    },
    node: ({ torrent }: Run, directory: string): [command: string[], complete: RegExp] => [
      [...aria2(directory), '--on-bt-download-complete=/bin/echo', torrent.torrentPath],
      /Download complete|^\w{16} 1 /,
    ],
  },
} as const

const aria2 = (directory: string): string[] => [
  ...['aria2c', '--no-conf', `--dir=${directory}`, '--enable-dht=false', '--enable-dht6=false', '--seed-ratio=0.0'],
  ...['--file-allocation=none', '--bt-tracker-interval=5', '--listen-port=7052', '--summary-interval=0'],
  ...['--bt-max-peers=100', '--bt-request-peer-speed-limit=100M', '--console-log-level=notice'],
]

async function startTracker(run: Run, ...runDirectory: string[]): Promise<void> {
  const program = join(root, 'bench', 'swarm', 'tracker.ts')
  const words = [process.execPath, program, ShapedNetwork.headAddress, '7050', ...runDirectory]
  await lineOf(start(run, run.network.head, words), /listening/)
}

/** Share of the machine's time that it was not idle. */
function watchCpu(): () => number {
  const sum = () => cpus().map(({ times }) => times)
  const before = sum()
  return () => {
    const now = sum()
    const total = (times: (typeof now)[number]) => Object.values(times).reduce((all, one) => all + one, 0)
    const all = now.reduce((at, times, index) => at + total(times) - total(before[index]!), 0)
    const idle = now.reduce((at, times, index) => at + times.idle - before[index]!.idle, 0)
    return 1 - idle / all
  }
}

async function measure(engine: keyof typeof engines, nodeCount: number) {
  const directory = mkdtempSync(join(tmpdir(), 'luna-swarm-'))
  chmodSync(directory, 0o755) // ltorrent is another user's
  const network = await ShapedNetwork.create(nodeCount, bitsPerSecond)
  const run: Run = { network, directory, torrent: await makeTorrent(directory), children: [] }
  try {
    await engines[engine].head(run)
    const [sentBefore, busy, startedMs] = [await network.sentByHead(), watchCpu(), performance.now()]
    const completed = network.nodes.map(async (namespace, index) => {
      const own = join(directory, `n${index}`)
      mkdirSync(own)
      const [command, complete] = engines[engine].node(run, own)
      await lineOf(start(run, namespace, command), complete)
      return (performance.now() - startedMs) / 1000
    })
    const seconds = (await Promise.all(completed)).toSorted((a, b) => a - b)
    const copies = ((await network.sentByHead()) - sentBefore) / sizeBytes
    return { median: seconds[seconds.length >> 1]!, last: seconds.at(-1)!, copies, busy: busy() }
  } finally {
    for (const child of run.children) {
      const exited = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : undefined
      child.kill('SIGKILL')
      await exited
    }
    await network.close()
    rmSync(directory, { recursive: true })
  }
}

async function makeTorrent(directory: string): Promise<PublishedTorrent> {
  const name = 'image.tar.zst'
  const dataDirectory = join(directory, 'head')
  mkdirSync(dataDirectory)
  const path = join(dataDirectory, name)
  writeFileSync(path, randomBytes(sizeBytes))
  const pieces = await hashPieces({ path, sizeBytes, pieceLengthBytes })
  const { bytes, infoHash } = buildTorrent({ announceUrl, name, sizeBytes, pieceLengthBytes, pieces })
  const torrentPath = join(directory, `${name}.torrent`)
  writeFileSync(torrentPath, bytes)
  return { infoHash, torrentPath, dataDirectory, name, sizeBytes, pieceLengthBytes }
}

const asked = process.argv.slice(2).map(Number)
const rows = [['nodes', 'engine', 'median / (S/R)', 'last / (S/R)', 'copies from the head', 'machine busy']]
for (const nodeCount of asked.length > 0 ? asked : [1, 8, 24])
  for (const engine of ['luna', 'aria2'] as const) {
    const { median, last, copies, busy } = await measure(engine, nodeCount)
    const judged = busy > mostBusy ? ' too busy to judge' : ''
    rows.push([
      `${nodeCount}`,
      engine,
      ...[median / copySeconds, last / copySeconds, copies].map(figure => figure.toFixed(2)),
      `${(100 * busy).toFixed(0)} %${judged}`,
    ])
  }
console.log(
  `S = ${sizeBytes / 2 ** 20} MiB, R = ${bitsPerSecond / 1e6} Mbit/s, S/R = ${copySeconds.toFixed(1)} s, pieces of ${pieceLengthBytes / 1024} KiB`,
)
printTable(rows)
