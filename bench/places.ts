/** How long ltorrent stands still, once a minute, while it reads where 5,000 nodes are: 100 switches in one network have all seen all MACs. */
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises'
import { nodePlaces } from '../src/operations/node-places.ts'
import { addNodes } from '../src/operations/nodes.ts'
import { createBootCluster } from '../test/boot-cluster.ts'
import { giveHistory } from './measuring/measured-site.ts'
import { medianOf, printGoal } from './measuring/numbers.ts'

const nodes = 5000
const switches = 100
const runs = 7
const goalMs = 20

process.env['TMPDIR'] = '/var/tmp' // a head's database is on a disk
const cluster = await createBootCluster()
const names = Array.from({ length: nodes }, (_, index) => `n${String(index + 1).padStart(5, '0')}`)
await addNodes(cluster, { names, group: 'compute' })
const path = join(cluster.directory, 'db', 'luna.db')
giveHistory(path)
plugIn(path, cluster.now)

let longestMs = 0
let watching = true
const watched = (async () => {
  for (let last = performance.now(); watching; await turn()) {
    const now = performance.now()
    longestMs = Math.max(longestMs, now - last)
    last = now
  }
})()
const all: number[] = []
const longest: number[] = []
for (let run = 0; run < runs; run++) {
  await sleep(100)
  longestMs = 0
  const startMs = performance.now()
  const { size } = await nodePlaces(cluster)
  all.push(performance.now() - startMs)
  if (size < nodes) throw new Error(`only ${size} places`)
  await turn()
  longest.push(longestMs)
}
watching = false
await watched
await cluster.close()
const stallMs = medianOf(longest)
console.log(`${nodes} nodes at ${switches} switches, medians of ${runs} runs: read in ${medianOf(all).toFixed(0)} ms`)
printGoal('longest stall', `${stallMs.toFixed(0)} ms`, `at most ${goalMs} ms`, stallMs <= goalMs)

/** Each node at a port of its own, which its switch alone has; every other switch has learned it at the port to the next. */
function plugIn(path: string, nowMs: number): void {
  const database = new DatabaseSync(path)
  database.exec(`
    begin;
    with recursive number(n) as (select 1 union all select n + 1 from number where n < ${switches})
    insert into switch (id, name, read_community, rw_community, oid, comment) select n, 'sw' || n, '', '', '.1', '' from number;
    insert into address (address, network_id, switch_id) select printf('%032x', id), 2, id from switch;
    insert into learned_mac (switch_id, port, mac, seen_at_ms)
      select switch.id, case node.id % ${switches} when switch.id - 1 then node.id / ${switches} + 100 else 1 end, node.mac, ${nowMs}
      from node, switch where node.mac is not null;
    commit;
  `)
  database.close()
}
