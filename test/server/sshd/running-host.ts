import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, copyFileSync, mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Namespace } from '../lweb/namespace.ts'
import { until } from '../lweb/site.ts'
import { copyProgram, makeImage } from '../pack/image.ts'
import { sshdWords } from './keys.ts'

/** Mounts file systems where a machine has them, of which nobody else sees anything, and runs its sshd. */
const script = `
root=$1 && shift
for name in boot home; do mount -t tmpfs -o mode=0755 "$name" "$root/$name"; done
cp -a "$root.boot/." "$root/boot/"
echo mounted >"$root/home/mounted"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
exec chroot "$root" "$@"`

/** A machine at work: a tree as of an image, with /boot, /home, /proc and /dev as file systems of their own, and the real sshd and rsync in it. */
export class RunningHost {
  /** Its root, as this machine sees it: nothing is mounted here. */
  readonly root: string
  readonly address: string
  readonly #sshd: ChildProcess

  private constructor(root: string, address: string, sshd: ChildProcess) {
    this.root = root
    this.address = address
    this.#sshd = sshd
  }

  /** At a loopback address of the namespace. `site`: where makeSshKeys was; the tree grows there. */
  static async start(namespace: Namespace, site: string, name: string, address: string): Promise<RunningHost> {
    const root = join(site, name)
    makeImage(root)
    renameSync(join(root, 'boot'), `${root}.boot`)
    for (const directory of ['boot', 'home', 'proc', 'dev', 'etc/ssh', 'run/sshd', 'root', 'tmp', 'var/log'])
      mkdirSync(join(root, directory), { recursive: true })
    for (const program of ['bash', 'cat', 'sh', 'rsync', '/usr/sbin/sshd']) copyProgram(root, program)
    const sshd = 'sshd:x:100:65534::/run/sshd:/usr/sbin/nologin'
    writeFileSync(join(root, 'etc/passwd'), `root:x:0:0:root:/root:/bin/bash\n${sshd}\n`)
    copyFileSync(join(site, 'host'), join(root, 'etc/ssh/host'))
    chmodSync(join(root, 'etc/ssh/host'), 0o600)
    copyFileSync(join(site, 'root.pub'), join(root, 'root/authorized'))
    const words = sshdWords({ host: '/etc/ssh/host', authorized: '/root/authorized' }, address)
    const alone = ['unshare', '--mount', '--pid', '--fork', '--kill-child', 'sh', '-ec', script, 'sh', root]
    const [program, ...args] = namespace.inside(...alone, '/usr/sbin/sshd', ...words)
    const child = spawn(program!, args, { stdio: 'ignore' })
    const answers = async () => (await namespace.run('ssh-keyscan', '-T', '1', address).catch(() => '')) !== ''
    await until(`sshd of ${name} answers`, answers)
    return new RunningHost(root, address, child)
  }

  write(path: string, text = path): void {
    mkdirSync(join(this.root, path, '..'), { recursive: true })
    writeFileSync(join(this.root, path), text)
  }

  makeOddities(): void {
    execFileSync('python3', [join(import.meta.dirname, '..', 'pack', 'make-oddities.py'), this.root])
  }

  async stop(): Promise<void> {
    const exited = once(this.#sshd, 'exit')
    this.#sshd.kill('SIGKILL')
    await exited
  }
}
