/**
 * One machine, then three at once, from power-on to login in the lab. Goal: one within 90 s, three within twice that goal.
 * Both are measured in one run, on machines that QEMU emulates unless LUNA_LAB_ACCEL=kvm.
 */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

const lab = join(import.meta.dirname, '..', 'dist', 'bin', 'luna-lab')
const goalS = 90

/** Boots that many machines. @returns seconds until the last could be logged in to */
function boot(nodes: number): number {
  const { stdout, status } = spawnSync(lab, ['up', '--nodes', String(nodes)], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  if (status !== 0) throw new Error(`luna-lab up --nodes ${nodes} ended with status ${status}:\n${stdout}`)
  const table = stdout.split('\n').filter(line => /^(seconds|node\d+) {2}/.test(line))
  console.log(table.join('\n'))
  const column = table[0]!
    .trim()
    .split(/\s{2,}/)
    .indexOf('total')
  return Math.max(...table.slice(1).map(line => Number(line.trim().split(/\s{2,}/)[column])))
}

try {
  const one = boot(1)
  const three = boot(3)
  console.log(`one node: ${one.toFixed(1)} s (goal: ${goalS} s)`)
  console.log(
    `three at once, the last: ${three.toFixed(1)} s; ratio to one: ${(three / one).toFixed(2)} (goal: ${2 * goalS} s)`,
  )
} finally {
  spawnSync(lab, ['down'], { stdio: 'inherit' })
}
