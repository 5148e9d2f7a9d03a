import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { changeGroup } from '../../src/operations/groups.ts'
import { macs } from '../boot-cluster.ts'
import type { Machine } from './lweb/namespace.ts'
import { repository, Site, until } from './lweb/site.ts'
import { publishImage } from './swarm/published-image.ts'

const mib = 1024 * 1024
const scripts = join(import.meta.dirname, 'initrd')

let site: Site
let node: Machine
let own: string
let booting: ChildProcess | undefined

beforeAll(async () => {
  site = await Site.open()
  own = join(site.cluster.directory, 'node001')
  mkdirSync(own)
  const tree = join(site.cluster.directory, 'tree')
  const maxBuffer = 64 * mib
  await publishImage(site, execFileSync(join(scripts, 'image.sh'), [tree, String(8 * mib)], { maxBuffer }))
  await site.daemon('ltorrent', /ltorrent is listening/)
  await site.daemon('lweb', /lweb listens on/)
  node = await site.node()
})
afterAll(async () => {
  booting?.kill('SIGKILL')
  await site.close()
})

const luna = (...words: string[]) => site.onHead(process.execPath, join(repository, 'bin', 'luna.ts'), ...words)
/** The postscript of new groups names /sysroot. */
const partscript = (text: string) => changeGroup(site.cluster, 'compute', { partscript: text, postscript: '' })
const consoleText = () => readFileSync(join(own, 'console'), 'utf8')

/** Until `node list --status` says so. */
async function seen(step: string, reason: RegExp): Promise<void> {
  let list = ''
  await until('the head says why', async () => {
    list = await luna('node', 'list', '--status')
    return new RegExp(`^node001 +${step} `, 'm').test(list) && reason.test(list)
  }).catch((error: Error) => {
    throw new Error(`${list}\n${consoleText()}`, { cause: error })
  })
}

const disk = (size: string) =>
  `truncate -s ${size} ${own}/disk && mkfs.ext4 -q -F ${own}/disk && mount -o loop ${own}/disk $LUNA_SYSROOT`
const fullRoot =
  /install\.unpack failed with status 1: node001: no space left on \S+ \(small, 1 MiB\) while unpacking: make it larger in the partscript/
const fullDisk =
  /install\.download failed with status 5: node001: no space left on \S+ \(\/dev\/loop\d+, \d+ MiB\) while downloading: make it larger in the partscript/
const noMount = /install\.partscript failed with status 1: compute: nothing is mounted/

test('what a node has no room for, its head tells by name until it is mended', async () => {
  await partscript('mount -t tmpfs -o size=1m small $LUNA_SYSROOT')
  const { body } = await site.ask(node, `/luna?step=discovery&hwdata=|${macs[0]}`)
  const [, words] = /^kernel \S+ initrd=initrd (.*) \|\|/m.exec(body)!
  const [program, ...argv] = node.namespace.inside(join(scripts, 'node.sh'), own, words!)
  booting = spawn(program!, argv, { stdio: 'inherit' })
  const ended = once(booting, 'exit')
  await seen('install.failed', fullRoot)

  await partscript(disk('9M'))
  await seen('install.failed', fullDisk)
  await partscript('true')
  await seen('install.failed', noMount)

  await partscript(disk('64M'))
  await seen('install.success', /^node001 /m)
  expect(await ended).toEqual([0, null])
  expect(readFileSync(join(own, 'hostname'), 'utf8')).toBe('node001.cluster\n')
  const history = await luna('node', 'show', 'node001')
  for (const reason of [fullRoot, fullDisk, noMount]) expect(history).toMatch(reason)
  expect(history).not.toMatch(/ran out|rebooting/)
})
