/**
 * Unpacking while the image arrives, beside unpacking when it is there, in one run: how long after its last piece a node is unpacked, by
 * unpackers as fast as the link and twice as fast. What unpacks is a reader of that speed, so that the processors of this machine do not
 * count. Needs root.
 *
 *   node bench/streaming.ts [NODES]     8
 */
import { execFileSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { PublishedTorrent } from '../src/operations/published-torrents.ts'
import { watchMachine } from './measuring/cpu-time.ts'
import { medianOf, printGoal, printTable } from './measuring/numbers.ts'
import { client, complete, luna } from './swarm/engines/luna.ts'
import { makeImage } from './swarm/image.ts'
import { describeScale, findScale, type Scale } from './swarm/scale.ts'
import { makeDirectory, root, Scene } from './swarm/scene.ts'

const window = ['--window', '64']
const mostBusy = 0.85
/** By how many times the unpacker is as fast as the link: the part of the download time that it may take after the last piece. */
const goals = new Map([
  [1, 0.15],
  [2, 0.05],
])

/** Seconds since the start of the first node. */
interface NodeTimes {
  downloaded: number
  unpacked: number
}

interface Task {
  scene: Scene
  /** Bytes per second. */
  rate: number
  startedMs: number
}

const since = (startedMs: number): number => (performance.now() - startedMs) / 1000

function startUnpacker({ scene, rate }: Task, index: number, path: string) {
  const program = join(root, 'bench', 'streaming', 'unpacker.ts')
  return scene.start(scene.network.nodes[index]!, [process.execPath, program, path, `${rate}`])
}

async function downloadThenUnpack(task: Task, index: number, directory: string): Promise<NodeTimes> {
  const { scene, startedMs } = task
  await scene.start(scene.network.nodes[index]!, client(scene.torrent, directory)).said(complete)
  const downloaded = since(startedMs)
  await startUnpacker(task, index, join(directory, scene.torrent.name)).said(/^unpacked/)
  return { downloaded, unpacked: since(startedMs) }
}

async function stream(task: Task, index: number, directory: string): Promise<NodeTimes> {
  const { scene, startedMs } = task
  const pipe = join(directory, 'pipe')
  execFileSync('mkfifo', [pipe])
  const unpacked = startUnpacker(task, index, pipe)
    .said(/^unpacked/)
    .then(() => since(startedMs))
  const words = [...client(scene.torrent, directory), '--stream', pipe, ...window]
  await scene.start(scene.network.nodes[index]!, words).said(complete)
  return { downloaded: since(startedMs), unpacked: await unpacked }
}

async function measure(scale: Scale, image: PublishedTorrent, rate: number, way: typeof stream) {
  const scene = await Scene.open(scale, image)
  try {
    await luna.startHead(scene)
    const task = { scene, rate, startedMs: performance.now() }
    const busy = watchMachine()
    const nodes = await Promise.all(
      scene.network.nodes.map((_, index) => way(task, index, scene.makeNodeDirectory(index))),
    )
    return { nodes, busy: busy() }
  } finally {
    await scene.close()
  }
}

const scale = findScale(Number(process.argv[2] ?? 8))
const directory = makeDirectory()
const rows = [
  [
    'unpacker / link',
    'way',
    'downloaded, s',
    'unpacked, s',
    'after the last piece / download: median',
    'worst',
    'machine busy',
  ],
]
const judgements: (() => void)[] = []
try {
  const image = await makeImage(directory, scale)
  for (const [speed, most] of goals) {
    const rate = (speed * scale.bitsPerSecond!) / 8
    const ways = { 'one after the other': downloadThenUnpack, streaming: stream }
    const last: number[] = []
    for (const [name, way] of Object.entries(ways)) {
      const { nodes, busy } = await measure(scale, image, rate, way)
      const shares = nodes.map(({ downloaded, unpacked }) => (unpacked - downloaded) / downloaded)
      const behind = medianOf(shares)
      const downloaded = Math.max(...nodes.map(node => node.downloaded))
      const unpacked = Math.max(...nodes.map(node => node.unpacked))
      last.push(unpacked)
      rows.push([
        `${speed}`,
        name,
        downloaded.toFixed(1),
        unpacked.toFixed(1),
        behind.toFixed(3),
        Math.max(...shares).toFixed(3),
        `${(100 * busy).toFixed(0)} %`,
      ])
      if (way === stream)
        judgements.push(() => {
          const what = `unpacked after the last piece, an unpacker ${speed} times as fast as the link`
          const met = busy > mostBusy ? undefined : behind <= most
          printGoal(what, `${(100 * behind).toFixed(1)} % of the download`, `${100 * most} %`, met)
          console.log(
            `          the last node is unpacked in ${(last[1]! / last[0]!).toFixed(2)} of the time of one after the other`,
          )
        })
    }
  }
} finally {
  rmSync(directory, { recursive: true })
}
console.log(describeScale(scale))
printTable(rows)
for (const judge of judgements) judge()
