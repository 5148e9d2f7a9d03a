import { expect, test } from 'vitest'
import { wireNetwork } from '../../../lab/bridge.ts'
import { findDifference, parseLogin } from '../../../lab/login.ts'
import { beforeMounts, coverDirectories } from '../../../lab/mounts.ts'
import { onHead } from '../../../lab/namespace.ts'
import { planNodes } from '../../../lab/node-plan.ts'
import { coveredDirectories, labPaths } from '../../../lab/paths.ts'
import { shellLine } from '../../../lab/shell-line.ts'

test('a file goes where the head will find it under its own name', () => {
  expect(beforeMounts('/lab/head', '/usr/local/lib/luna')).toBe('/lab/head/changes/usr/local/lib/luna')
  expect(beforeMounts('/lab/head', '/opt/luna/os/compute')).toBe('/lab/head/own/opt/luna/os/compute')
})

test('every directory that the lab may not lie in is covered', () => {
  const targets = coverDirectories('/lab/head', '/lab/log').map(({ argv }) => argv.at(-1))
  expect(targets.toSorted()).toEqual([...coveredDirectories, '/sys'].toSorted())
})

test('the lab does not lie where the head looks away from', () => {
  expect(labPaths('/var/cache/luna-lab').image).toBe('/var/cache/luna-lab/image')
  for (const bad of ['/tmp/lab', '/opt', '/root/x/y', '/var/lib/lab', 'lab', ''])
    expect(() => labPaths(bad), bad).toThrow('LUNA_LAB_DIR must')
  expect(labPaths('/optical').directory).toBe('/optical')
})

test('one tap for each machine on the bridge', () => {
  const { input } = wireNetwork(planNodes(2, 'bios', false))
  expect(input).toContain('addr add 10.30.255.254/16 dev provision')
  expect(input!.match(/tuntap add dev tap\d mode tap/g)).toEqual([
    'tuntap add dev tap1 mode tap',
    'tuntap add dev tap2 mode tap',
  ])
})

test('a command on the head has an environment of its own', () => {
  const { argv } = onHead(
    { pid: 42, startTicks: '1', bootId: 'b' },
    { argv: ['luna', 'node', 'list'], env: { A: 'b c' } },
  )
  expect(argv.slice(0, 3)).toEqual(['nsenter', '--target', '42'])
  expect(argv).toContain('-i')
  expect(argv).toContain('A=b c')
  expect(argv.slice(-3)).toEqual(['luna', 'node', 'list'])
})

test('commands are shown as they would be typed', () => {
  expect(shellLine({ argv: ['luna', 'osimage', 'change', 'compute', '-o', 'quiet console=ttyS0'] })).toBe(
    "luna osimage change compute -o 'quiet console=ttyS0'",
  )
  expect(shellLine({ argv: ['sed', '-i', "s/it's/$x/"] })).toBe('sed -i "s/it\'s/\\$x/"')
})

test('a login is compared with what Luna wanted', () => {
  const node = { ...planNodes(1, 'bios', false)[0]!, address: '10.30.0.1' }
  const look = (hostname: string, address: string) =>
    findDifference(node, parseLogin(`${hostname}\nlo  UNKNOWN  127.0.0.1/8 \nenp0s2  UP  ${address}/16 \n`))
  expect(look('node001.cluster', '10.30.0.1')).toBeUndefined()
  expect(look('localhost', '10.30.0.1')).toBe('calls itself "localhost", not "node001.cluster"')
  expect(look('node001.cluster', '10.30.128.1')).toBe('has 127.0.0.1 10.30.128.1, not 10.30.0.1')
})
