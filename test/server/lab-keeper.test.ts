import { readFileSync } from 'node:fs'
import { expect, onTestFinished, test } from 'vitest'
import { keeperCommand, onHead, startKeeper, stopKeeper } from '../../lab/namespace.ts'
import { identifyProcess, isAlive, type ProcessIdentity } from '../../lab/process-identity.ts'
import { createExec } from '../../src/effects/exec.ts'

const exec = createExec()

async function keeper(): Promise<ProcessIdentity> {
  const started = await startKeeper(exec, () => {})
  onTestFinished(() => stopKeeper(started))
  return started
}

const output = async (on: ProcessIdentity, ...argv: [string, ...string[]]) =>
  (await exec.run(onHead(on, { argv, cwd: '/' }))).stdout

test('the head has its own network, processes and host name', async () => {
  const head = await keeper()
  expect(await output(head, 'ip', '-brief', 'link')).toMatch(/^lo +DOWN.*\n$/)
  expect((await output(head, 'ps', '-e', '-o', 'comm=')).split('\n')).toEqual(expect.arrayContaining(['init', 'ps']))
  const name = readFileSync('/proc/sys/kernel/hostname', 'utf8')
  await output(head, 'hostname', 'somewhere-else')
  expect(readFileSync('/proc/sys/kernel/hostname', 'utf8')).toBe(name)
})

test('a mount on the head is not one of the machine, and goes with it', async () => {
  const head = await keeper()
  await output(head, 'mount', '-t', 'tmpfs', 'luna-lab-test', '/mnt')
  expect(await output(head, 'findmnt', '-no', 'SOURCE', '/mnt')).toBe('luna-lab-test\n')
  expect(readFileSync('/proc/mounts', 'utf8')).not.toContain('luna-lab-test')
})

test('ending the keeper ends what runs on the head', async () => {
  const head = await keeper()
  const child = exec.start(onHead(head, { argv: ['sleep', '1000'], cwd: '/' }), 'ignore')
  const inside = identifyProcess(child.pid!)!
  await stopKeeper(head)
  expect(isAlive(head)).toBe(false)
  await expect.poll(() => isAlive(inside)).toBe(false)
})

test('a keeper that nobody could record does not stay', async () => {
  const child = exec.start(keeperCommand())
  const line = await new Promise<string>(resolve => child.stdout!.once('data', data => resolve(String(data))))
  const unrecorded = identifyProcess(Number(line))!
  expect(isAlive(unrecorded)).toBe(true)
  child.stdin!.destroy()
  await expect.poll(() => isAlive(unrecorded)).toBe(false)
})
