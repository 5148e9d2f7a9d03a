import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { addBmcsetup, changeBmcsetup } from '../../src/operations/bmcsetups.ts'
import { addGroup, changeGroup } from '../../src/operations/groups.ts'
import { addNodes } from '../../src/operations/nodes.ts'
import { openStore, type Store } from '../../src/store/store.ts'
import { fillSmallCluster } from '../small-cluster.ts'
import { Controller } from './bmc/controller.ts'
import { Namespace } from './lweb/namespace.ts'

const lpower = join(import.meta.dirname, '..', '..', 'bin', 'lpower.ts')

let directory: string
let store: Store
let namespace: Namespace
let controllers: Controller[]
let environment: NodeJS.ProcessEnv

/** node001 to node003 have working controllers at 10.31.0.1 to 10.31.0.3; at node004's 10.31.0.4 is nobody. */
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'luna-lpower-'))
  store = await openStore({ kind: 'sqlite', path: join(directory, 'luna.db') }, { create: true })
  await fillSmallCluster(store)
  await addBmcsetup({ store }, 'base', { user: 'admin', password: 'correct' })
  await changeGroup({ store }, 'compute', { bmcsetup: 'base' })
  await addGroup({ store }, { name: 'bare', osimage: 'compute', network: 'cluster' })
  await addNodes({ store }, { names: ['node001', 'node002', 'node003', 'node004'], group: 'compute' })
  await addNodes({ store }, { names: ['bare001'], group: 'bare' })
  const conf = join(directory, 'luna.conf')
  writeFileSync(conf, `[database]\nurl = sqlite:${directory}/luna.db\n`)
  environment = { ...process.env, LUNA_CONF: conf, IPMITOOL_PASSWORD: 'of somebody else' }
  namespace = await Namespace.create()
  await namespace.run('ip', 'route', 'add', '10.31.0.0/16', 'dev', 'lo')
  const addresses = ['10.31.0.1', '10.31.0.2', '10.31.0.3']
  for (const address of addresses) await namespace.run('ip', 'address', 'add', `${address}/32`, 'dev', 'lo')
  const start = (address: string) => Controller.start(namespace, join(directory, address), address)
  controllers = await Promise.all(addresses.map(start))
})

afterAll(async () => {
  await Promise.all(controllers.map(controller => controller.stop()))
  await namespace.close()
  await store.close()
  rmSync(directory, { recursive: true })
})

beforeEach(async () => {
  for (const controller of controllers) controller.forget()
  await changeBmcsetup({ store }, 'base', { user: 'admin', password: 'correct' })
})

interface Outcome {
  status: number
  stdout: string
  stderr: string
}

/** ipmi_sim does not say which cipher suites it has, and ipmitool asks for 10 s: the suite is given. */
const run = (...words: string[]): Promise<Outcome> => runProgram(process.execPath, lpower, '--cipher', '3', ...words)

function runProgram(...argv: string[]): Promise<Outcome> {
  const [program, ...args] = namespace.inside(...argv)
  return new Promise(resolve => {
    execFile(program!, args, { env: environment }, (error, stdout, stderr) =>
      resolve({ status: error ? Number(error.code) : 0, stdout, stderr }),
    )
  })
}

const said = (stdout: string): Outcome => ({ status: 0, stdout, stderr: '' })

it('says who is off and who is on, each as one hostlist', async () => {
  expect(await run('node[001-003]', 'status')).toEqual(said('node[001-003]: off\n'))
  expect(await run('on', 'node002')).toEqual(said('node002: on\n'))
  expect(controllers.map(controller => controller.machineRuns)).toEqual([false, true, false])
  expect(await run('status', 'node[001-003]')).toEqual(said('node[001,003]: off\nnode002: on\n'))
  expect(await run('node[001-003]', 'off')).toEqual(said('node[001-003]: off\n'))
  expect(await run('node[001-003]', 'status')).toEqual(said('node[001-003]: off\n'))
  expect(controllers[1]!.machineRuns).toBe(false)
})

it.each([
  ['reset', 'reset', ['reset 1']],
  ['identify', 'identify light on', ['identify 0 1']],
  ['noidentify', 'identify light off', ['identify 0 0']],
])('%s reaches the machine', async (action, words, log) => {
  expect(await run('node001', action)).toEqual(said(`node001: ${words}\n`))
  expect(controllers[0]!.log).toEqual(log)
})

it('cycle switches it off and on again', async () => {
  await run('node003', 'on')
  controllers[2]!.forget()
  expect(await run('node003', 'cycle')).toEqual(said('node003: cycled\n'))
  while (controllers[2]!.log.length < 2) await sleep(50)
  expect(controllers[2]!.log).toEqual(['power 0', 'power 1'])
  expect(controllers[2]!.machineRuns).toBe(true)
})

it('prints JSON, and fails when one failed', async () => {
  const { status, stdout, stderr } = await run('node001,bare001', 'status', '--json')
  expect(JSON.parse(stdout)).toEqual([
    { node: 'bare001', address: null, state: null, error: expect.stringMatching(/has no bmcsetup/) },
    { node: 'node001', address: '10.31.0.1', state: 'off', error: null },
  ])
  expect(stderr).toMatch(/^lpower: 1 of 2 failed:\n {2}bare001: group "bare" has no bmcsetup; run: .*\n$/)
  expect(status).toBe(1)
})

it('says last who does not answer and who cannot be asked; the others do as asked', async () => {
  const startMs = Date.now()
  const outcome = await run('-g', 'compute,bare', 'on', '--timeout', '2')
  expect(Date.now() - startMs).toBeLessThan(10_000)
  expect(outcome.stdout).toBe('node[001-003]: on\n')
  expect(outcome.stderr.split('\n')).toEqual([
    'lpower: 2 of 5 failed:',
    expect.stringMatching(/^ {2}bare001: group "bare" has no bmcsetup/),
    '  node004: no answer within 2 s',
    '',
  ])
  expect(outcome.status).toBe(1)
  expect(controllers.every(controller => controller.machineRuns)).toBe(true)
})

it.each([
  ['password', { user: 'admin', password: 'wrong' }, 'the BMC refuses the password of the bmcsetup'],
  ['user', { user: 'nobody', password: 'correct' }, 'the BMC does not know the user of the bmcsetup'],
])('tells a wrong %s from a dead controller', async (_, change, reason) => {
  await changeBmcsetup({ store }, 'base', change)
  expect(await run('node[001-003]', 'status')).toEqual({
    status: 1,
    stdout: '',
    stderr: `lpower: 3 of 3 failed:\n  node[001-003]: ${reason}\n`,
  })
})

it('gives up on a controller that hangs, and shows the password to nobody meanwhile', async () => {
  controllers[0]!.hang(true)
  const outcome = run('node001', 'status', '--timeout', '3')
  let shown = ''
  while (shown === '') {
    shown = await argumentsOf('ipmitool')
    await sleep(20)
  }
  controllers[0]!.hang(false)
  expect(shown).toContain('-H 10.31.0.1 -U admin')
  expect(shown).not.toContain('correct')
  await outcome
  controllers[0]!.hang(true)
  expect((await run('node001', 'status', '--timeout', '1')).stderr).toMatch(/node001: no answer within 1 s/)
  controllers[0]!.hang(false)
})

/** Arguments of a program of that name that runs in the namespace, as ps(1) shows them. */
async function argumentsOf(program: string): Promise<string> {
  const pids = readdirSync('/proc').filter(name => /^\d+$/.test(name))
  for (const pid of pids) {
    try {
      const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
      if (words[0] === program) return words.join(' ')
    } catch {} // it has ended
  }
  return ''
}

it('shows each result as it comes to who waits at a terminal', async () => {
  const command = `${process.execPath} ${lpower} --cipher 3 node[001-002] off`
  const { stdout } = await runProgram('script', '-qec', command, '/dev/null')
  const lines = stdout.trim().split('\r\n')
  expect(lines.slice(0, 2).toSorted()).toEqual(['node001: off', 'node002: off'])
  expect(lines.slice(2)).toEqual(['node[001-002]: off'])
})
