import { execFileSync } from 'node:child_process'
import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

export const kernver = '6.1.0-13-amd64'

/** What the stand-in for dracut does in a test. */
export const dracutScripts = {
  /** Changes whatever it can, and makes an initrd. */
  busy: `
echo 'dracut: *** Including module: luna ***' >&2
echo "$*" >/run/luna/arguments
cat /proc/mounts >/run/luna/mounts
for path in /etc/os-release /usr/lib/new /bin/bash /new; do echo changed >>$path; done 2>/dev/null
rm -rf /boot /usr/lib/modules 2>/dev/null
chmod 0700 / /etc 2>/dev/null
[ -f /usr/lib/dracut/modules.d/95luna/module-setup.sh ] || exit 9
echo initrd >"\${*: -1}"`,
  /** Says that it is there and stays. */
  hanging: `
echo 'dracut: *** Including module: luna ***' >&2
sleep 1000 &
wait`,
  failing: `
echo 'dracut: *** Including module: luna ***' >&2
echo 'dracut: no such device: the words of dracut' >&2
exit 3`,
  lacking: `
echo 'dracut: luna: the image lacks programs that its nodes need while they are installed: tar sshd' >&2
exit 1`,
} as const

/**
 * A tree that looks like an image to Luna: a kernel, an os-release, and a shell with a stand-in for dracut, which is what the tests
 * of everything around dracut need. Tests of dracut itself use the lab's image.
 */
export function makeImage(root: string, dracut: keyof typeof dracutScripts = 'busy', version = kernver): void {
  write(root, `boot/vmlinuz-${version}`, 'kernel', 0o600)
  write(root, `boot/config-${version}`, 'CONFIG_RD_GZIP=y\nCONFIG_RD_ZSTD=y\n')
  write(
    root,
    `usr/lib/modules/${version}/modules.dep`,
    'kernel/drivers/net/virtio_net.ko: kernel/drivers/net/failover.ko\n',
  )
  write(root, `usr/lib/modules/${version}/modules.builtin`, 'kernel/drivers/char/ipmi/ipmi_si.ko\n')
  write(root, 'usr/lib/os-release', 'ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n')
  write(root, 'usr/lib/systemd/systemd-networkd', '')
  write(root, 'usr/lib/dracut/modules.d/99base/module-setup.sh', '')
  execFileSync('ln', ['-s', 'usr/lib', join(root, 'lib')])
  for (const directory of ['proc', 'sys', 'dev', 'run', 'tmp', 'etc', 'var/tmp'])
    mkdirSync(join(root, directory), { recursive: true })
  write(root, 'etc/os-release', 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n')
  for (const program of ['bash', 'cat', 'rm', 'chmod', 'sleep']) copyProgram(root, program)
  setDracut(root, dracut)
}

export const setDracut = (root: string, dracut: keyof typeof dracutScripts): void =>
  write(root, 'usr/bin/dracut', `#!/bin/bash\n${dracutScripts[dracut]}\n`, 0o755)

/** An initrd as if it had been made in the image, of these modules of dracut, with a stand-in for the program that lists them. */
export function setInitrd(root: string, path: string, modules: readonly string[]): void {
  write(root, path, modules.map(name => `${name}\n`).join(''), 0o600)
  write(root, 'usr/bin/lsinitrd', '#!/bin/bash\nset -e\n[ "$1" = --mod ]\necho dracut modules:\ncat "$2"\n', 0o755)
}

function write(root: string, path: string, content: string, mode = 0o644): void {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), content)
  chmodSync(join(root, path), mode)
}

/** A program of this machine, of /bin unless it is a path, with its libraries, where it and they are here. */
export function copyProgram(root: string, name: string): void {
  const program = name.startsWith('/') ? name : `/bin/${name}`
  const libraries = execFileSync('ldd', [program], { encoding: 'utf8' }).matchAll(/(\/\S+) \(0x/g)
  for (const path of [program, ...[...libraries].map(match => match[1]!)]) {
    const target = join(root, path)
    mkdirSync(dirname(target), { recursive: true })
    copyFileSync(path, target)
    chmodSync(target, 0o755)
  }
}

/** Everything that a whole-tree comparison can see; `ctime`: also when the kernel last saw a change of anything but the access time. */
export const listTree = (root: string, options: { ctime: boolean }): string =>
  execFileSync(
    'python3',
    [join(import.meta.dirname, 'list-tree.py'), ...(options.ctime ? [] : ['--without-ctime']), root],
    { encoding: 'utf8', maxBuffer: 1 << 30 },
  )
