import { spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { pack1 } from '../boot-cluster.ts'
import { type Daemon, until } from './lweb/site.ts'
import { type PublishedImage, publishImage } from './swarm/published-image.ts'
import { SwarmSite } from './swarm/swarm-site.ts'

const sizeBytes = 4 * 1024 * 1024

let swarm: SwarmSite
let ltorrent: Daemon
let image: PublishedImage
const aborting = new AbortController()

beforeAll(async () => {
  swarm = await SwarmSite.open()
  image = await publishImage(swarm.site, sizeBytes)
  ltorrent = await swarm.site.daemon('ltorrent', /ltorrent is listening/)
  await swarm.site.daemon('lweb', /lweb listens on/)
  for (const number of [1, 2, 3]) await swarm.addMachine(number)
})
afterAll(async () => {
  delete process.env['LUNA_SEEDER_UPLOAD_LIMIT']
  aborting.abort()
  await swarm.close()
})

const fileOn = (number: number) => join(swarm.directoryOf(number), pack1.tarballFile)

/** Changes a byte of every piece where it lies, as a disk or memory does that forgets. */
function spoil(path: string): void {
  const bytes = readFileSync(path)
  const file = openSync(path, 'r+')
  for (let at = 0; at < bytes.length; at += 64 * 1024) writeSync(file, Buffer.from([bytes[at]! ^ 1]), 0, 1, at)
  closeSync(file)
}

async function fetchImage(number: number): Promise<void> {
  await swarm.fetch(number, image)
  expect(readFileSync(fileOn(number)).equals(readFileSync(image.path))).toBe(true)
}

test('a node whose memory forgets gives bad pieces to others: the head says which it is', async () => {
  const [program, ...words] = swarm.clientOn(3, image)
  const bad = spawn(program!, words, { stdio: ['ignore', 'pipe', 'inherit'], signal: aborting.signal })
  bad.on('error', () => {}) // its end
  let said = ''
  bad.stdout.on('data', (text: Buffer) => (said += text))
  await until('node003 has it', () => said.includes('"event":"seeding"'))
  spoil(fileOn(3))
  // a head so slow that nodes ask each other
  await ltorrent.end('SIGTERM')
  process.env['LUNA_SEEDER_UPLOAD_LIMIT'] = `${2 ** 19}`
  ltorrent = await swarm.site.daemon('ltorrent', /ltorrent is listening/)

  await Promise.all([fetchImage(1), fetchImage(2)])
  expect(await swarm.luna('node', 'show', 'node001')).toMatch(/install\.unpack: bad pieces came from node003$/m)
  expect(await swarm.luna('node', 'list', '--status')).toMatch(
    /^node002 +install\.unpack .* bad pieces came from node003$/m,
  )
  await ltorrent.logged(
    /^boot storm over: 2 nodes .*; bad pieces between node003 and 2 others: test the memory of node003$/,
  )
  expect(await swarm.luna('osimage', 'storm')).toMatch(
    /^trouble +bad pieces between node003 and 2 others: test the memory of node003$/m,
  )
})
