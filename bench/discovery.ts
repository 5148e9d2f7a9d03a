/**
 * Discoveries per second on one core: the real lweb behind the socket that nginx uses, each request of another node, each beginning a boot.
 * Goal, 5,000 nodes: 1,000/s with p99 under 50 ms. As fast as lweb takes them first, then at that rate. Needs root and two cores.
 */

import { formatAddress } from '../src/domain/address.ts'
import { percentileOf, printGoal, printTable } from './measuring/numbers.ts'
import { cpuMsOf, ServedHead } from './measuring/served-head.ts'

const sizes = [100, 1000, 5000, 20_000]
const goal = { size: 5000, rate: 1000, latencyMs: 50 }
const requests = 5000
const warmUp = 1000

interface Figures {
  fastest: number
  cpuMs: number
  p50: number
  p99: number
  statuses: string
}

async function measure(size: number): Promise<Figures> {
  const head = await ServedHead.open(size)
  try {
    const pid = await head.start('lweb', /lweb listens on/)
    const all = Array.from({ length: requests }, (_, index) => {
      const { mac, addresses } = head.nodes[(index * 7) % size]!
      return { path: `/luna?step=discovery&hwdata=|${mac}|`, address: formatAddress(addresses[0]!.address) }
    })
    head.load({ requests: all.slice(0, warmUp), connections: 32 })
    const cpuBeforeMs = cpuMsOf(pid)
    const { elapsedMs } = head.load({ requests: all, connections: 32 })
    const cpuMs = (cpuMsOf(pid) - cpuBeforeMs) / requests
    const { latenciesMs, statuses, lastBody } = head.load({ requests: all, connections: 256, rate: goal.rate })
    if (!lastBody.startsWith('#!ipxe') || !lastBody.includes('luna.token='))
      throw new Error(`no boot script:\n${lastBody}`)
    return {
      fastest: (requests * 1000) / elapsedMs,
      cpuMs,
      p50: percentileOf(latenciesMs, 0.5),
      p99: percentileOf(latenciesMs, 0.99),
      statuses: JSON.stringify(statuses),
    }
  } finally {
    await head.close()
  }
}

const figures = new Map<number, Figures>()
for (const size of sizes) figures.set(size, await measure(size))
const row = (text: string, cell: (one: Figures) => string) => [text, ...sizes.map(size => cell(figures.get(size)!))]
printTable([
  ['nodes', ...sizes.map(size => size.toLocaleString('en'))],
  row('as fast as can be, requests/s', one => one.fastest.toFixed(0)),
  row("lweb's CPU for one request, ms", one => one.cpuMs.toFixed(2)),
  row(`at ${goal.rate}/s: median, ms`, one => one.p50.toFixed(1)),
  row(`at ${goal.rate}/s: p99, ms`, one => one.p99.toFixed(1)),
  row('answers by status', one => one.statuses),
])
const { fastest, p99 } = figures.get(goal.size)!
printGoal('discoveries, fastest', `${fastest.toFixed(0)}/s`, `${goal.rate}/s`, fastest >= goal.rate)
printGoal(`p99 at ${goal.rate}/s`, `${p99.toFixed(1)} ms`, `under ${goal.latencyMs} ms`, p99 < goal.latencyMs)
