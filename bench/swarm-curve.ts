/**
 * How the swarm grows with the number of nodes, simulated: images cut as Luna cuts them for so many nodes, on equal links, all nodes at
 * once. Beside it the same with neighbours at random, as other trackers name them, as far as that can be waited for.
 *
 *   node bench/swarm-curve.ts [NODES ...]     1 8 24 48 72 300; 2000 takes some ten minutes
 */
import { pieceLengthFor } from '../src/torrent/piece-length.ts'
import { printTable } from './measuring/numbers.ts'
import { nodeSettings } from './swarm/node-settings.ts'
import { simulateSwarm } from './swarm/simulator.ts'

const sizes = [1e9, 4e9]
const bitsPerSecond = 1e9
/** What trackers give whom does not say how many it wants. */
const atRandom = 50
const mostAtRandom = 300

function row(sizeBytes: number, nodes: number): string[] {
  const length = pieceLengthFor({ sizeBytes, nodeCount: nodes })
  const copySeconds = (sizeBytes * 8) / bitsPerSecond
  const input = { nodes, pieces: Math.ceil(sizeBytes / length), copySeconds, ...nodeSettings(length) }
  const results = [simulateSwarm(input)]
  if (nodes <= mostAtRandom) results.push(simulateSwarm({ ...input, neighbours: atRandom }))
  const figures = results.flatMap(({ ratio, copies }) => [ratio.toFixed(2), copies.toFixed(2)])
  return [`${nodes}`, `${sizeBytes / 1e9}`, `${length / 1024}`, ...figures, '', ''].slice(0, 7)
}

const asked = process.argv.slice(2).map(Number)
const nodeCounts = asked.length > 0 ? asked : [1, 8, 24, 48, 72, 300]
console.log(`R = ${bitsPerSecond / 1e9} Gbit/s; time of the last completion over S/R, copies that the head sent`)
printTable([
  ['nodes', 'S, GB', 'pieces, KiB', 'last / (S/R)', 'copies', 'at random', 'copies'],
  ...sizes.flatMap(sizeBytes => nodeCounts.map(nodes => row(sizeBytes, nodes))),
])
