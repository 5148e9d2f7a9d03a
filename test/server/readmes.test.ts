/**
 * The lines of the original's READMEs as they stand there, with the addresses that some pages lost when they were saved: readmes/PAGE.lines,
 * one for each page. They run unchanged, as root, on a head that is thrown away: the packages installed, a small image, real servers. Needs
 * namespaces and overlays, and the Debian packages bind9, curl, isc-dhcp-server and wget.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeImage } from './pack/image.ts'

const lines = join(import.meta.dirname, 'readmes')
const repository = join(import.meta.dirname, '..', '..')
/** The kernel that the READMEs fetch with wget. */
const kernver = '3.10.0-327.10.1.el7.x86_64'

/** What is asked after a page's last line; each answer is tested below. */
const questions = [
  'luna node list --json',
  'luna group show compute --json',
  'luna switch show switch01 --json',
  'lweb status',
  'ltorrent status',
  'dig +short @127.0.0.1 node001.cluster switch01.ipmi',
] as const

let directory: string

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'luna-readmes-'))
  mkdirSync(join(directory, 'scripts'))
  copyFileSync(join(repository, 'scripts', 'install-head'), join(directory, 'scripts', 'install-head'))
  execFileSync(process.execPath, [join(repository, 'scripts', 'build.ts'), join(directory, 'dist')])
  makeImage(join(directory, 'image'), 'busy', kernver)
  copyFileSync(join(lines, 'head.sh'), join(directory, 'head.sh'))
  copyFileSync(join(lines, 'partitioning.text'), join(directory, 'input'))
  writeFileSync(join(directory, 'questions'), questions.map(words => `${words}\n`).join(''))
})
afterAll(() => rmSync(directory, { recursive: true }))

/** Answers by their question, and what Luna said on standard error. */
function run(page: string) {
  copyFileSync(join(lines, `${page}.lines`), join(directory, page))
  const namespaces = ['--net', '--mount', '--pid', '--uts', '--fork', '--kill-child']
  const env = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/root', LANG: 'C.UTF-8' }
  const { status, stdout, stderr } = spawnSync(
    'unshare',
    [...namespaces, join(directory, 'head.sh'), directory, page],
    { encoding: 'utf8', env },
  )
  for (const name of ['head', 'layer']) rmSync(join(directory, name), { recursive: true })
  if (status !== 0) throw new Error(`${page} ended with status ${status}:\n${stderr}`)
  const [, ...answers] = stdout.split(/^=== .*\n/m)
  const answer = (question: (typeof questions)[number]) => answers[questions.indexOf(question)]!
  return { answer, json: (question: (typeof questions)[number]) => JSON.parse(answer(question)), said: saidIn(stderr) }
}

const saidIn = (stderr: string): string[] => stderr.split('\n').filter(line => /^(luna|lweb|ltorrent)[ :]/.test(line))

/** The small image has no drivers for IPMI. */
const noDrivers = `luna: warning: kernel ${kernver} has no ipmi_devintf, ipmi_msghandler; the initrd goes without`
const partscript = readFileSync(join(lines, 'partitioning.text'), 'utf8')

test.each(['luna-1.2.md', 'luna-1.2-page.txt', 'luna-master.txt'])('%s', page => {
  const { answer, json, said } = run(page)
  expect(said).toEqual([noDrivers])
  expect(json('luna node list --json')).toMatchObject([
    {
      name: 'node001',
      ...{ localboot: true, service: true, setupbmc: true, switch: 'switch01', port: '1' },
      interfaces: [{ address: '10.30.0.1' }, { address: '10.31.0.1' }],
    },
    { name: 'node002', localboot: false, service: false, setupbmc: true, switch: null },
  ])
  expect(json('luna group show compute --json')).toMatchObject({
    ...{
      bmcsetup: 'base',
      domain: 'cluster',
      partscript,
      postscript: expect.stringMatching(/^mount -o bind .*sysroot/),
    },
    interfaces: [
      { name: 'BOOTIF', network: 'cluster' },
      { name: 'BMC', network: 'ipmi' },
    ],
  })
  expect(json('luna switch show switch01 --json')).toMatchObject({ network: 'ipmi', ip: '10.31.253.21' })
  expect(answer('lweb status')).toMatch(/^lweb is running/)
  expect(answer('ltorrent status')).toMatch(/^ltorrent is running/)
  expect(answer('dig +short @127.0.0.1 node001.cluster switch01.ipmi')).toBe('10.30.0.1\n10.31.253.21\n')
})

test.each(['luna-alpha.md', 'luna-alpha-ha.txt'])('%s', page => {
  const { answer, json, said } = run(page)
  expect(said).toEqual([
    'luna: warning: the cluster has no frontend address yet; run: luna cluster change --frontend_address ADDRESS',
    noDrivers,
  ])
  expect(json('luna node list --json')).toMatchObject([
    { name: 'node001', localboot: true, service: true, setupbmc: false, switch: 'switch01', port: '1' },
  ])
  expect(json('luna group show compute --json')).toMatchObject({
    ...{ boot_if: 'enp7s0', partscript },
    interfaces: [
      { name: 'enp7s0', network: 'cluster', params: 'DEVICE=enp0s3\nONBOOT=yes\n' },
      { name: 'BMC', network: 'ipmi' },
    ],
  })
  expect(answer('lweb status')).toMatch(/^lweb is running/)
  const names = page === 'luna-alpha.md' ? '' : '10.30.0.1\n10.31.253.21\n' // the alpha's page has no makedns
  expect(answer('dig +short @127.0.0.1 node001.cluster switch01.ipmi')).toBe(names)
})
