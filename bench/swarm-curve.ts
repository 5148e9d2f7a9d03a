/**
 * How the swarm grows with the number of nodes, simulated: images cut as Luna cuts them for so many nodes, on equal links, all nodes at
 * once. Beside it the same with neighbours at random, as other trackers name them, as far as that can be waited for.
 *
 *   node bench/swarm-curve.ts [--json FILE] [NODES ...]     1 8 24 48 72 300; 2000 takes some ten minutes
 */
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { pieceLengthFor } from '../src/torrent/piece-length.ts'
import { printTable } from './measuring/numbers.ts'
import { nodeSettings } from './swarm/node-settings.ts'
import { type SwarmResult, simulateSwarm } from './swarm/simulator.ts'

const sizes = [1e9, 4e9]
const bitsPerSecond = 1e9
/** What trackers give whom does not say how many it wants. */
const atRandom = 50
const mostAtRandom = 300

/** One image on so many nodes, with Luna’s neighbours and with some at random. */
export interface CurveRun {
  nodes: number
  sizeBytes: number
  pieceLengthBytes: number
  ring: SwarmResult
  random?: SwarmResult
}

function simulate(sizeBytes: number, nodes: number): CurveRun {
  const pieceLengthBytes = pieceLengthFor({ sizeBytes, nodeCount: nodes })
  const copySeconds = (sizeBytes * 8) / bitsPerSecond
  const input = {
    ...{ nodes, pieces: Math.ceil(sizeBytes / pieceLengthBytes), copySeconds },
    ...nodeSettings(pieceLengthBytes),
  }
  return {
    ...{ nodes, sizeBytes, pieceLengthBytes, ring: simulateSwarm(input) },
    ...(nodes <= mostAtRandom && { random: simulateSwarm({ ...input, neighbours: atRandom }) }),
  }
}

const cells = (swarm?: SwarmResult): string[] => (swarm ? [swarm.ratio.toFixed(2), swarm.copies.toFixed(2)] : ['', ''])

const { values, positionals } = parseArgs({ options: { json: { type: 'string' } }, allowPositionals: true })
const nodeCounts = positionals.length > 0 ? positionals.map(Number) : [1, 8, 24, 48, 72, 300]
const runs = sizes.flatMap(sizeBytes => nodeCounts.map(nodes => simulate(sizeBytes, nodes)))
console.log(`R = ${bitsPerSecond / 1e9} Gbit/s; time of the last completion over S/R, copies that the head sent`)
printTable([
  ['nodes', 'S, GB', 'pieces, KiB', 'last / (S/R)', 'copies', 'at random', 'copies'],
  ...runs.map(({ nodes, sizeBytes, pieceLengthBytes, ring, random }) => [
    ...[`${nodes}`, `${sizeBytes / 1e9}`, `${pieceLengthBytes / 1024}`],
    ...cells(ring),
    ...cells(random),
  ]),
])
if (values.json) writeFileSync(values.json, `${JSON.stringify(runs, null, 2)}\n`)
