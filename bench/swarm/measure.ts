import type { PublishedTorrent } from '../../src/operations/published-torrents.ts'
import { watchMachine } from '../measuring/cpu-time.ts'
import type { Engine } from './engine.ts'
import type { Program } from './program.ts'
import { copySecondsOf, type Scale } from './scale.ts'
import { Scene } from './scene.ts'

/** What came of one run. */
export interface Measured {
  /** From the start of the first node to each one's completion, in their order. */
  completedSeconds: number[]
  /** Bytes that left the head, see `ShapedNetwork.sentByHead`. */
  handedBytes: number
  framedBytes: number | undefined
  /** From the start of the first node to the last completion. */
  headCpuSeconds: number
  nodesCpuSeconds: number
  /** Share of the machine's time that it was busy. */
  busy: number
}

/** Even an engine that sends every node a copy of its own has time enough. */
const patienceMs = (scale: Scale): number => Math.ceil(120_000 + 1000 * (scale.nodes + 3) * copySecondsOf(scale))

/** @throws Error when not all nodes got the image; the signal's reason when it is aborted */
export async function measure(
  engine: Engine,
  scale: Scale,
  torrent: PublishedTorrent,
  signal: AbortSignal,
): Promise<Measured> {
  const scene = await Scene.open(scale, torrent)
  try {
    const aborted = AbortSignal.any([signal, AbortSignal.timeout(patienceMs(scale))])
    return await Promise.race([runIn(scene, engine), rejectWith(aborted)])
  } catch (error) {
    signal.throwIfAborted()
    throw new Error(`${(error as Error).message}\n${scene.errors()}`, { cause: error })
  } finally {
    await scene.close()
  }
}

function rejectWith(signal: AbortSignal): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>()
  if (signal.aborted) reject(signal.reason)
  else signal.addEventListener('abort', () => reject(signal.reason))
  return promise
}

async function runIn(scene: Scene, engine: Engine): Promise<Measured> {
  const head = await engine.startHead(scene)
  const [before, headBeforeMs, busy] = [await scene.network.sentByHead(), head.cpuMs(), watchMachine()]
  const startedMs = performance.now()
  const nodes: Program[] = []
  const completed = scene.network.nodes.map(async (namespace, index) => {
    const { command, complete } = engine.node(scene, scene.makeNodeDirectory(index))
    const node = scene.start(namespace, command)
    nodes.push(node)
    await node.said(complete)
    return (performance.now() - startedMs) / 1000
  })
  const completedSeconds = (await Promise.all(completed)).toSorted((a, b) => a - b)
  const [busyShare, headMs] = [busy(), head.cpuMs() - headBeforeMs]
  const nodesMs = nodes.reduce((sum, node) => sum + node.cpuMs(), 0)
  const after = await scene.network.sentByHead()
  return {
    completedSeconds,
    handedBytes: after.handed - before.handed,
    framedBytes: after.framed && after.framed - before.framed!,
    headCpuSeconds: headMs / 1000,
    nodesCpuSeconds: nodesMs / 1000,
    busy: busyShare,
  }
}
