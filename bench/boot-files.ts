/**
 * Kernel and initrd to 200 machines that boot at once, by nginx with the shipped configuration and by lweb alone: real servers, a real network
 * stack, one link of the rate R to all of them, and windows as iPXE's TCP has them. Needs root.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeBootFile } from '../test/boot-cluster.ts'
import type { Machine } from '../test/server/lweb/namespace.ts'
import { type Daemon, frontend, Site } from '../test/server/lweb/site.ts'
import type { BootClients } from './measuring/boot-clients.ts'
import { cpuMsOfTree, watchMachine } from './measuring/cpu-time.ts'
import { percentileOf, printGoal, printTable } from './measuring/numbers.ts'

const clients = 200
const bitsPerSecond = 500e6
/** A quarter of what they are, as the link is of a fast one: what counts is that many connections share it. */
const files = { 'compute-1-vmlinuz': 2_000_000, 'compute-1-initrd': 6_000_000 }
const sizeBytes = Object.values(files).reduce((sum, size) => sum + size)
const limitSeconds = (clients * sizeBytes * 8) / bitsPerSecond

/** iPXE's TCP_MAX_WINDOW_SIZE (src/include/ipxe/tcp.h). */
const windowBytes = 256 * 1024

/** A link of that rate to a machine whose TCP never offers more; the kernel keeps half of a buffer for itself (tcp_adv_win_scale). */
async function plugIn(site: Site): Promise<Machine> {
  const machine = await site.stranger()
  const { burst, rate } = { burst: String(bitsPerSecond / 1000), rate: String(bitsPerSecond) }
  await site.head.run(
    'tc',
    'qdisc',
    'add',
    ...['dev', 'stranger', 'root', 'tbf', 'rate', rate],
    'burst',
    burst,
    'latency',
    '200ms',
  )
  const memory = `4096 ${windowBytes} ${2 * windowBytes}`
  await machine.namespace.run('sh', '-c', 'echo "$1" >/proc/sys/net/ipv4/tcp_rmem', 'sh', memory)
  return machine
}

const peakMiB = ({ child }: Daemon): number =>
  Number(/^VmHWM:\s*(\d+) kB/m.exec(readFileSync(`/proc/${child.pid}/status`, 'latin1'))![1]) / 1024

async function measure(front: 'nginx' | 'lweb') {
  const site = await Site.open({ frontend: front })
  for (const [name, size] of Object.entries(files))
    writeBootFile(site.cluster, join('boot', name), Buffer.alloc(size, 7))
  const lweb = await site.daemon('lweb', /lweb listens on/)
  const server = front === 'nginx' ? await site.nginx() : lweb
  const machine = await plugIn(site)
  const urls = Object.keys(files).map(name => `http://${frontend}:7050/boot/${name}`)
  const program = [process.execPath, join(import.meta.dirname, 'measuring', 'boot-clients.ts')]
  const before = cpuMsOfTree(server.child.pid!)
  const busy = watchMachine()
  const got: BootClients = JSON.parse(await machine.namespace.run(...program, urls.join(), String(clients)))
  const cpuSecondsPerGb = (cpuMsOfTree(server.child.pid!) - before) / 1000 / (got.bytes / 1e9)
  const result = { front, got, cpuSecondsPerGb, busy: busy(), peakMiB: peakMiB(lweb) }
  await site.close()
  return result
}

const rows = [await measure('nginx'), await measure('lweb')]

console.log(
  `${clients} clients at once, ${sizeBytes / 1e6} MB each, one link of ${bitsPerSecond / 1e6} Mbit/s, windows of ${windowBytes / 1024} KiB`,
)
printTable([
  ['', 'last / limit', 'p50, s', 'p90, s', 'last, s', 'failed', 'CPU s/GB', 'lweb, MiB', 'machine busy'],
  ...rows.map(({ front, got, ...row }) => [
    front,
    (Math.max(...got.secondsTaken) / limitSeconds).toFixed(2),
    ...[0.5, 0.9, 1].map(share => percentileOf(got.secondsTaken, share).toFixed(1)),
    Object.entries(got.failures)
      .map(([why, count]) => `${count} ${why}`)
      .join() || '0',
    row.cpuSecondsPerGb.toFixed(2),
    row.peakMiB.toFixed(0),
    `${(row.busy * 100).toFixed(0)} %`,
  ]),
])
for (const { front, got, busy } of rows) {
  const complete = got.secondsTaken.length === clients
  const last = complete ? Math.max(...got.secondsTaken) / limitSeconds : Infinity
  printGoal(
    `${front}, last / limit`,
    last.toFixed(2),
    '1.10',
    last <= 1.1 || (busy > 0.85 && complete ? undefined : false),
  )
}
