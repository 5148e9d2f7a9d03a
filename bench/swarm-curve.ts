/**
 * How the swarm grows with the number of nodes, simulated: an image cut as Luna cuts it for so many nodes, on equal links, all nodes at
 * once. Beside it the same with neighbours at random, as other trackers name them, as far as that can be waited for.
 *
 *   node bench/swarm-curve.ts [NODES ...]     1 8 24 48 72 300 2000: two to ten minutes for the last, whatever else is busy
 */
import { pieceLengthFor } from '../src/torrent/piece-length.ts'
import { printTable } from './measuring/numbers.ts'
import { type SwarmInput, simulateSwarm } from './swarm/simulator.ts'

const sizeBytes = 1e9
const bitsPerSecond = 1e9
const copySeconds = (sizeBytes * 8) / bitsPerSecond
/** What trackers give whom does not say how many it wants. */
const atRandom = 50
const mostAtRandom = 300

function figures(input: SwarmInput): string[] {
  const { ratio, copies } = simulateSwarm(input)
  return [ratio.toFixed(2), copies.toFixed(2)]
}

const asked = process.argv.slice(2).map(Number)
const rows = [['nodes', 'KiB', 'last / (S/R)', 'copies', 'at random', 'copies']]
for (const nodes of asked.length > 0 ? asked : [1, 8, 24, 48, 72, 300, 2000]) {
  const length = pieceLengthFor({ sizeBytes, nodeCount: nodes })
  const input = { nodes, pieces: Math.ceil(sizeBytes / length), copySeconds, window: 64 }
  const other = nodes <= mostAtRandom ? figures({ ...input, neighbours: atRandom }) : ['', '']
  rows.push([`${nodes}`, `${length / 1024}`, ...figures(input), ...other])
}
console.log(
  `S = ${sizeBytes / 1e9} GB, R = ${bitsPerSecond / 1e9} Gbit/s, S/R = ${copySeconds} s; time of the last completion over S/R, copies that the head sent`,
)
printTable(rows)
