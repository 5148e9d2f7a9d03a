import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { DatabaseSync } from 'node:sqlite'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { onPostgresql, psql } from '../database.ts'
import { createSmallSite, type Site } from './site.ts'

/**
 * Commands at once, and commands killed at any instant. When each is killed is left to chance; what is asked afterwards must hold
 * whatever they had done by then.
 */
let site: Site

beforeAll(() => {
  site = createSmallSite()
  site.ok('network', 'add', 'ib', '-N', '10.32.0.0', '-P', '24')
  site.ok('group', 'add', 'fast', '-o', 'compute', '-N', 'cluster')
  for (const name of ['ib0', 'ib1', 'ib2', 'ib3']) site.ok('group', 'change', 'compute', '-i', name, '-A')
  site.ok('node', 'add', 'mover[1-5]', '-g', 'compute')
})
afterAll(() => site.remove())

interface Result {
  status: number | null
  signal: NodeJS.Signals | null
  said: string
}

async function resultOf(child: ChildProcess): Promise<Result> {
  const [said, [status, signal]] = await Promise.all([text(child.stderr!), once(child, 'close')])
  return { said, status, signal }
}

interface NodeRow {
  name: string
  group: string
  interfaces: { interface: string; network: string; address: string }[]
}
interface GroupRow {
  name: string
  interfaces: { name: string; network: string | null; network6: string | null }[]
}

const read = <T>(...words: string[]) => JSON.parse(site.ok(...words, '--json')) as T

/** No address twice, none of them reserved, and every node whole: an address on each of its group's interfaces that has a network. */
function checkCluster(): NodeRow[] {
  const nodes = read<NodeRow[]>('node', 'list')
  const groups = new Map(read<GroupRow[]>('group', 'list').map(group => [group.name, group]))
  const addresses = nodes.flatMap(node => node.interfaces.map(held => held.address))
  expect(new Set(addresses).size).toBe(addresses.length)
  for (const network of ['cluster', 'ipmi', 'ib']) {
    const { kept } = read<{ kept: { first: string }[] }>('network', 'show', network)
    const ends = new Set(kept.map(({ first }) => first))
    expect(ends.size).toBeGreaterThan(0)
    expect(addresses.filter(address => ends.has(address))).toEqual([])
  }
  const held = (node: NodeRow) => node.interfaces.map(one => `${one.interface} ${one.network}`).sort()
  const wanted = ({ interfaces }: GroupRow) =>
    interfaces
      .flatMap(({ name, network, network6 }) => [network, network6].filter(Boolean).map(net => `${name} ${net}`))
      .sort()
  for (const node of nodes) expect([node.name, ...held(node)]).toEqual([node.name, ...wanted(groups.get(node.group)!)])
  return nodes
}

/** The database has nothing to complain of, and keeps no lock of those who are gone. */
async function checkDatabase(): Promise<void> {
  if (onPostgresql) {
    const left =
      'select pid from pg_stat_activity where datname = current_database() and xact_start is not null and pid <> pg_backend_pid()'
    return expect.poll(() => psql(site.url, left)).toEqual([])
  }
  const database = new DatabaseSync(site.database, { timeout: 0 })
  expect(database.prepare('pragma integrity_check').all()).toEqual([{ integrity_check: 'ok' }])
  expect(database.prepare('pragma foreign_key_check').all()).toEqual([])
  database.exec('begin immediate; rollback')
  database.close()
}

test('fifty commands at once: each is done, and none on the same address', async () => {
  const commands = [
    ...Array.from({ length: 26 }, () => ['node', 'add', '-g', 'compute']),
    ...Array.from({ length: 10 }, (_, index) => [
      'network',
      'change',
      'cluster',
      '--reserve',
      `10.30.0.${3 * index + 7}`,
    ]),
    ...Array.from({ length: 5 }, (_, index) => ['node', 'change', `mover${index + 1}`, '-g', 'fast']),
    ...Array.from({ length: 4 }, (_, index) => ['group', 'change', 'compute', '-i', `ib${index}`, '--sn', 'ib']),
    ...Array.from({ length: 5 }, () => ['node', 'add', '-g', 'fast']),
  ]
  expect(commands).toHaveLength(50)
  const results = await Promise.all(commands.map(words => resultOf(site.start(...words))))
  const failed = results.flatMap(({ status, said }, index) =>
    status === 0 ? [] : [`${commands[index]!.join(' ')}: ${said}`],
  )
  // an address may have been given to a node before it was to be reserved
  const refused = failed.filter(line => !/^network change .*is the address of node "[a-z0-9]+"/s.test(line))
  expect(refused).toEqual([])
  const nodes = checkCluster()
  const names = Array.from({ length: 31 }, (_, index) => `node${String(index + 1).padStart(3, '0')}`)
  expect(nodes.map(node => node.name)).toEqual(['mover1', 'mover2', 'mover3', 'mover4', 'mover5', ...names])
  expect(nodes.filter(node => node.group === 'fast')).toHaveLength(10)
  await checkDatabase()
}, 60_000)

test('commands killed at any instant leave nothing half done, and no lock', async () => {
  const kinds = [
    ['node', 'add', 'block[001-200]', '-g', 'compute'],
    ['node', 'delete', 'block[001-200]'],
    ['group', 'change', 'fast', '-i', 'ib0', '-A'],
    ['group', 'change', 'fast', '-i', 'ib0', '--sn', 'ib'],
    ['group', 'change', 'fast', '-i', 'ib0', '-D'],
    ['node', 'add', '-g', 'fast'],
    ['node', 'change', 'mover[1-5]', '-g', 'compute'],
    ['node', 'change', 'mover[1-5]', '-g', 'fast'],
  ]
  const began = performance.now()
  site.ok('node', 'list')
  const longestMs = 3 * (performance.now() - began)
  let killed = 0
  for (let round = 0; performance.now() - began < 15_000 || killed === 0; round++) {
    const batch = Array.from({ length: 4 }, (_, index) => site.start(...kinds[(4 * round + index) % kinds.length]!))
    const results = await Promise.all(batch.map(killSoon))
    killed += results.filter(({ signal }) => signal === 'SIGKILL').length
    const bugs = results.filter(({ said }) => /this is a bug|locked|busy/.test(said))
    expect(bugs).toEqual([])
    await checkDatabase()
  }
  async function killSoon(child: ChildProcess): Promise<Result> {
    const result = resultOf(child)
    await Promise.race([result, sleep(Math.random() * longestMs)])
    child.kill('SIGKILL')
    return result
  }
  const nodes = checkCluster()
  const block = nodes.filter(node => node.name.startsWith('block')).length
  expect([0, 200]).toContain(block)
  const next = performance.now()
  expect(site.ok('node', 'add', '-g', 'compute')).toMatch(/^node\d+\n$/)
  expect(performance.now() - next).toBeLessThan(10_000)
  checkCluster()
}, 60_000)
