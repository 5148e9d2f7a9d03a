/** Running hosts with the real sshd and rsync, at loopback addresses of a network namespace. Needs root. */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { until } from './lweb/site.ts'
import type { RunningHost } from './sshd/running-host.ts'
import { SshSite } from './sshd/ssh-site.ts'

let ssh: SshSite
let host: RunningHost

beforeEach(async () => {
  ssh = await SshSite.create()
  host = await ssh.startHost('node001', '127.0.0.11')
})
afterEach(() => ssh.remove())

const sync = (...more: string[]) => ssh.luna('osimage', 'sync', 'compute', ...more)
const inImage = (script: string) => execFileSync('sh', ['-ec', script], { cwd: ssh.root })
const read = (path: string) => readFileSync(join(host.root, path), 'utf8')

describe('to running hosts', () => {
  test('what is new comes, and what is each one’s own stays', async () => {
    const other = await ssh.startHost('node002', '127.0.0.12')
    for (const one of [host, other]) {
      for (const path of ['etc/hostname', 'etc/fstab', 'etc/systemd/network/10-luna-eth0.network', 'srv/data'])
        one.write(path, 'own')
      one.write('etc/motd', 'own')
    }
    inImage(`mkdir -p etc/systemd/network home srv; for path in etc/hostname etc/fstab etc/systemd/network/10-luna-eth0.network \\
      etc/motd home/file proc/file; do echo image >$path; done; setfattr -n user.comment -v x etc/motd`)
    await ssh.setLists('/etc/site\n')
    inImage('echo image >etc/site')
    const { status, stdout, stderr } = sync('-H', '127.0.0.[11-12]')
    expect([status, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(/^127\.0\.0\.\[11-12\]: \d+ new or changed, 0 deleted\n$/)
    for (const one of [host, other]) {
      const at = (path: string) => readFileSync(join(one.root, path), 'utf8')
      expect(['etc/hostname', 'etc/fstab', 'etc/systemd/network/10-luna-eth0.network', 'srv/data'].map(at)).toEqual(
        Array(4).fill('own'),
      )
      expect(at('etc/motd')).toBe('image\n')
      expect(execFileSync('getfattr', ['-n', 'user.comment', join(one.root, 'etc/motd')]).toString()).toContain('="x"')
      expect([existsSync(join(one.root, 'etc/site')), readdirSync(join(one.root, 'home'))]).toEqual([false, []])
    }
    expect(sync('-H', '127.0.0.[11-12]').stdout).toBe('127.0.0.[11-12]: 0 new or changed, 0 deleted\n')
  })

  test('--delete takes away what the image has not', () => {
    host.write('srv/data')
    host.write('etc/ssh/ssh_host_rsa_key')
    inImage(`cp --archive ${host.root}/. . && rm -r srv etc/ssh/ssh_host_rsa_key`)
    const { status, stdout } = sync('-H', host.address, '--delete')
    expect(status).toBe(0)
    expect(stdout).toMatch(/, [1-9]\d* deleted\n$/)
    expect(existsSync(join(host.root, 'srv/data'))).toBe(false)
    expect(existsSync(join(host.root, 'etc/ssh/ssh_host_rsa_key'))).toBe(true)
  })

  test('one that fails holds up nobody, and is named', () => {
    inImage('echo image >etc/motd')
    const { status, stdout, stderr } = sync('-H', '127.0.0.99,127.0.0.11', '--fanout', '1')
    expect([status, stdout]).toEqual([1, expect.stringMatching(/^127.0.0.11: \d+ new or changed, 0 deleted\n$/)])
    expect(stderr).toMatch(
      /^luna: 1 of 2 failed:\n {2}127.0.0.99: ssh failed .*: can root log in there by its key\? try: ssh root@127.0.0.99 true/,
    )
    expect(read('etc/motd')).toBe('image\n')
  })

  test('--dry-run and -v say what comes, the one without bringing it', () => {
    inImage('echo image >etc/motd')
    const dry = sync('-H', host.address, '--dry-run')
    expect([dry.status, dry.stdout]).toEqual([0, expect.stringMatching(/^127.0.0.11: <f\+{9} etc\/motd$/m)])
    expect(existsSync(join(host.root, 'etc/motd'))).toBe(false)
    expect(sync('-H', host.address, '-v').stdout).toMatch(/^127.0.0.11: <f\+{9} etc\/motd$[\s\S]*new or changed/m)
  })

  test('ended, it leaves no half file there', async () => {
    execFileSync('truncate', ['--size=1G', join(ssh.root, 'large')])
    writeFileSync(join(ssh.site.directory, 'bin/rsync'), '#!/bin/sh\nexec /usr/bin/rsync --bwlimit=10M "$@"\n')
    chmodSync(join(ssh.site.directory, 'bin/rsync'), 0o755)
    const [program, ...args] = ssh.wordsOf(['osimage', 'sync', 'compute', '-H', host.address])
    const child = spawn(program!, args, { env: ssh.environment, stdio: 'ignore' })
    const exited = once(child, 'exit')
    const partial = () => readdirSync(host.root).filter(name => name.startsWith('.large.'))
    await until('the large file comes', () => partial().length > 0)
    expect(sync('-H', host.address)).toMatchObject({ status: 4, stderr: expect.stringContaining('already: sync of ') })
    child.kill('SIGTERM')
    expect(await exited).toEqual([1, null])
    await until('it goes', () => partial().length === 0)
  })
})
