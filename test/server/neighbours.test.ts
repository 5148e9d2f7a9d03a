import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Namespace } from './lweb/namespace.ts'

/** The real kernel's table, in a network namespace; what looks into it runs there as a program of its own. */
const source = join(import.meta.dirname, '..', '..', 'src')
let head: Namespace

beforeAll(async () => {
  head = await Namespace.create()
  for (const line of [
    'link add br0 type veth peer name nodes',
    'link set nodes up',
    'link set br0 up',
    'address add 10.30.255.254/16 dev br0 label br0:1',
    'address add fd30::fe/64 dev br0 nodad',
    'neighbour add 10.30.0.1 lladdr 52:54:00:00:00:01 dev br0 nud permanent',
    'neighbour add 10.30.0.2 dev br0 nud failed',
    'neighbour add fd30::1 lladdr 52:54:00:00:00:01 dev br0 nud stale',
  ])
    await head.run('ip', ...line.split(' '))
})
afterAll(() => head.close())

/** Runs `lines` with `find(address)` at hand; @returns what they print. */
async function look(lines: string): Promise<string> {
  const script = `
    import { parseAddress } from '${source}/domain/address.ts'
    import { createExec } from '${source}/effects/exec.ts'
    import { createNeighbours } from '${source}/effects/neighbours.ts'
    let ip
    const exec = createExec()
    const neighbours = createNeighbours({ ...exec, start: (...command) => (ip = exec.start(...command)) })
    const find = async address => JSON.stringify(await neighbours.find(parseAddress(address)))
    ${lines}
    neighbours.close()`
  return head.run(process.execPath, '--input-type=module-typescript', '--eval', script)
}

test.each([
  ['a machine by IPv4', '10.30.0.1', { own: false, macs: ['52:54:00:00:00:01'] }],
  ['a machine by IPv6', 'fd30::1', { own: false, macs: ['52:54:00:00:00:01'] }],
  ['one that did not answer', '10.30.0.2', { own: false, macs: [] }],
  ['one that nobody asked for', '10.30.0.3', { own: false, macs: [] }],
  ['one behind a router', '10.99.0.1', { own: false }],
  ['the head', '10.30.255.254', { own: true }],
  ['the head on the loopback', '127.0.0.1', { own: true }],
])('%s', async (_, address, expected) => {
  expect(JSON.parse(await look(`console.log(await find('${address}'))`))).toEqual(expected)
})

test('many at once, known and unknown, each gets its own answer', async () => {
  const printed = await look(`
    const asked = Array.from({ length: 50 }, (_, index) => ['10.30.0.1', '10.30.0.3', 'fd30::1'][index % 3])
    console.log((await Promise.all(asked.map(find))).join('\\n'))`)
  const macs = printed
    .trim()
    .split('\n')
    .map(line => JSON.parse(line).macs.length)
  expect(macs).toEqual(Array.from({ length: 50 }, (_, index) => [1, 0, 1][index % 3]))
})

test('an ip that is killed is an error, and the next question starts another', async () => {
  const printed = await look(`
    await find('10.30.0.1')
    ip.kill('SIGSTOP')
    const asked = find('10.30.0.1')
    ip.kill('SIGKILL')
    console.log(await asked.catch(error => error.message))
    console.log(await find('10.30.0.1'))`)
  expect(printed).toBe('ip, which looks into the neighbour table, ended\n{"own":false,"macs":["52:54:00:00:00:01"]}\n')
})
