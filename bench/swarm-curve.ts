/** The head's policy in a simulated swarm, beside a seeder that serves whatever is asked of it: how both grow with the number of nodes. */
import { simulateSwarm } from './swarm/simulator.ts'

const copySeconds = 11
const sizes = [
  { nodes: 1, pieces: 1024 },
  { nodes: 8, pieces: 1024 },
  { nodes: 24, pieces: 1024 },
  { nodes: 72, pieces: 2048 },
  { nodes: 300, pieces: 4096 },
]

console.log(
  `virtual time, equal links, all nodes at once; S/R = ${copySeconds} s; time of the last completion over S/R, copies the head sent`,
)
console.log(
  ['nodes', 'pieces', 'one copy first', 'copies', 'as asked', 'copies', 'ratio']
    .map(word => word.padStart(15))
    .join(''),
)
for (const { nodes, pieces } of sizes) {
  const [ours, asked] = (['one-copy', 'rarest'] as const).map(policy =>
    simulateSwarm({ nodes, pieces, copySeconds, policy }),
  )
  const figures = [ours!.ratio, ours!.copies, asked!.ratio, asked!.copies, asked!.ratio / ours!.ratio]
  console.log(
    [nodes, pieces, ...figures.map(figure => figure.toFixed(3))].map(word => String(word).padStart(15)).join(''),
  )
}
