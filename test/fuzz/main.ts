/**
 * Sends rubbish to everything of the swarm that takes words from outside, in memory: no crash, no leak, no stall.
 *
 *   node --expose-gc test/fuzz/main.ts [INPUTS] [SEED]      3000000, of each target; the seed is printed
 */
import { randomNumbers } from '../unit/torrent/random-numbers.ts'
import { targets } from './targets.ts'

/** An input may take that long: a busy machine and the garbage collection take some of it, too. */
const stallMs = 1000
/** What may be kept after all that. */
const leakBytes = 16 * 1024 * 1024

const [inputs = 3_000_000, seed = Date.now() % 1_000_000] = process.argv.slice(2).map(Number)

function heapBytes(): number {
  globalThis.gc?.()
  return process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers
}

for (const [name, run] of Object.entries(targets(randomNumbers(seed)))) {
  for (let warm = 0; warm < 10_000; warm++) run()
  const [before, startedMs] = [heapBytes(), performance.now()]
  let slowestMs = 0
  for (let done = 0; done < inputs; done++) {
    const sinceMs = performance.now()
    run()
    slowestMs = Math.max(slowestMs, performance.now() - sinceMs)
  }
  const seconds = (performance.now() - startedMs) / 1000
  const kept = heapBytes() - before
  const rate = Math.round(inputs / seconds).toLocaleString('en')
  console.log(
    `${name}: ${inputs} inputs, seed ${seed}, ${rate}/s, slowest ${slowestMs.toFixed(1)} ms, ${kept} bytes kept`,
  )
  if (slowestMs > stallMs) throw new Error(`an input of ${name} took ${slowestMs} ms`)
  if (globalThis.gc && kept > leakBytes) throw new Error(`${name} keeps ${kept} bytes`)
}
