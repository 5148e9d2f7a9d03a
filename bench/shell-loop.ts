/**
 * Nodes defined in a shell loop, one `luna node add` and one `luna node change --mac` each, in an empty cluster and in one of 2,000 nodes;
 * beside a loop of as many starts of a bare Node.js. Goal: with 2,000 nodes a command takes at most 1.3 times as long as with none.
 */
import { join } from 'node:path'
import { MeasuredSite } from './measuring/measured-site.ts'
import { medianOf, printGoal, printTable } from './measuring/numbers.ts'

const nodes = 20
const rounds = 5
const goal = 1.3
const node = join(import.meta.dirname, '..', 'dist', 'lib', 'luna', 'node')

/** @returns milliseconds for each turn of the loop */
function measureLoop(site: MeasuredSite, body: string): number {
  const startMs = performance.now()
  const { status, stderr } = site.site.shell(`set -e; for n in $(seq 1 ${nodes}); do ${body}; done`)
  if (status !== 0) throw new Error(stderr)
  return (performance.now() - startMs) / nodes
}

const loops = {
  'node -e 0': `${node} -e 0`,
  'luna node add': 'luna node add login$n -g compute',
  'luna node change --mac': 'luna node change login$n --mac 52:54:00:ff:00:$(printf %02x $n)',
}

function measure(size: number): number[] {
  const site = new MeasuredSite()
  try {
    if (size > 0) site.site.ok('node', 'add', `node[0001-${size}]`, '-g', 'compute')
    const times = Object.values(loops).map(() => [] as number[])
    for (let round = 0; round < rounds; round++) {
      for (const [index, body] of Object.values(loops).entries()) times[index]!.push(measureLoop(site, body))
      site.site.ok('node', 'delete', `login[1-${nodes}]`)
    }
    return times.map(medianOf)
  } finally {
    site.remove()
  }
}

const [empty, full] = [measure(0), measure(2000)]
printTable([
  ['milliseconds each', 'no nodes', '2,000 nodes'],
  ...Object.keys(loops).map((name, index) => [name, empty[index]!.toFixed(0), full[index]!.toFixed(0)]),
])
for (const index of [1, 2]) {
  const name = Object.keys(loops)[index]
  const growth = full[index]! / empty[index]!
  console.log(`  ${name} beside a bare start, ratio: ${(full[index]! / full[0]!).toFixed(2)}`)
  printGoal(`${name} with 2,000 nodes beside none, ratio`, growth.toFixed(2), `at most ${goal}`, growth <= goal)
}
