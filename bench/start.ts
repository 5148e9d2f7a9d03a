/** How long `luna --help` takes to start beside a bare `node -e 0` of the same Node.js, measured in turns. Goal: ratio below 2.5. */
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'

const runs = 15
const dist = join(import.meta.dirname, '..', 'dist')
const node = join(dist, 'lib', 'luna', 'node')

const commands: Record<string, [string, ...string[]]> = {
  'node -e 0': [node, '-e', '0'],
  'luna --help': [join(dist, 'bin', 'luna'), '--help'],
  'luna node --help': [join(dist, 'bin', 'luna'), 'node', '--help'],
}

function measureMs([program, ...words]: [string, ...string[]]): number {
  const { NODE_EXTRA_CA_CERTS: _, ...env } = process.env
  const start = performance.now()
  execFileSync(program, words, { stdio: 'ignore', env })
  return performance.now() - start
}

const medianOf = (numbers: readonly number[]): number => numbers.toSorted((a, b) => a - b)[numbers.length >> 1]!

const times = new Map(Object.keys(commands).map(name => [name, [] as number[]]))
for (const command of Object.values(commands)) measureMs(command) // fills the compile cache and the page cache
for (let run = 0; run < runs; run++)
  for (const [name, command] of Object.entries(commands)) times.get(name)!.push(measureMs(command))

const bare = medianOf(times.get('node -e 0')!)
console.log(`median of ${runs} runs`)
for (const [name, all] of times) {
  const median = medianOf(all)
  console.log(`${name.padEnd(18)} ${median.toFixed(0).padStart(5)} ms   ratio ${(median / bare).toFixed(2)}`)
}
