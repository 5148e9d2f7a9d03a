import { createHash } from 'node:crypto'
import type { Command } from '../src/tools/command.ts'

const suite = 'bookworm'

/** What a node needs to boot, to be installed, and to be logged in to; and what an administrator looks for first. */
const packages = [
  ...['systemd-sysv', 'udev', 'dbus', 'linux-image-cloud-amd64', 'dracut', 'openssh-server'],
  ...['iproute2', 'iputils-ping', 'curl', 'ca-certificates', 'tar', 'zstd', 'kmod', 'procps', 'less'],
  ...['parted', 'e2fsprogs', 'dosfstools', 'ipmitool', 'acl', 'attr', 'isc-dhcp-client'],
]

/** dracut's kernel hook would make an initrd for half a minute; Luna makes its own when it packs. */
const kernelHook = '/etc/kernel/postinst.d/dracut'

/**
 * The lab's image: a small Debian. Other than that it is an ordinary image: nothing of Luna's is in it.
 * Shell in the hooks is mmdebstrap's way; $1 is the tree.
 */
export const recipe = (publicKey: string) => ({
  suite,
  packages,
  dpkgOptions: ['/usr/share/man/*', '/usr/share/doc/*', '/usr/share/locale/*', kernelHook].map(
    path => `path-exclude=${path}`,
  ),
  essentialHooks: [
    `mkdir -p "$1"${kernelHook.slice(0, kernelHook.lastIndexOf('/'))}`,
    `printf '#!/bin/sh\\nexit 0\\n' >"$1"${kernelHook}; chmod 755 "$1"${kernelHook}`,
  ],
  customizeHooks: [
    'chroot "$1" systemctl enable systemd-networkd ssh',
    'echo localhost >"$1"/etc/hostname',
    'rm -f "$1"/etc/resolv.conf',
    'install -d -m 700 "$1"/root/.ssh',
    `echo '${publicKey.trim()}' >"$1"/root/.ssh/authorized_keys; chmod 600 "$1"/root/.ssh/authorized_keys`,
    'echo "root:luna" | chroot "$1" chpasswd',
  ],
})

/** Changes whenever an image made by the recipe would be another one. */
export const hashRecipe = (made: ReturnType<typeof recipe>): string =>
  createHash('sha256').update(JSON.stringify(made)).digest('hex')

/** apt's index files, one per line: repository, release, component, origin, code name. */
export const listIndexes = (): Command => ({
  argv: [
    'apt-get',
    'indextargets',
    '--format',
    '$(REPO_URI) $(RELEASE) $(COMPONENT) $(ORIGIN) $(CODENAME)',
    'Created-By: Packages',
  ],
})

/** The sources.list lines of Debian itself, from apt's own configuration on this machine. */
export function sourcesFrom(indexes: string): string[] {
  const lines = indexes
    .split('\n')
    .map(line => line.split(' '))
    .filter(
      ([, , component, origin, codename]) =>
        component === 'main' &&
        origin === 'Debian' &&
        [suite, `${suite}-updates`, `${suite}-security`].includes(codename ?? ''),
    )
    .map(([uri, release, component]) => `deb ${uri} ${release} ${component}`)
  return [...new Set(lines)]
}

/** The http(s) proxies that apt is told of, as mmdebstrap's own apt hears of them: by the environment. */
export function proxiesFrom(aptConfig: string): Record<string, string> {
  const found = aptConfig.matchAll(/^Acquire::(https?)::Proxy "([^"]+)";$/gim)
  return Object.fromEntries([...found].map(([, scheme, url]) => [`${scheme!.toLowerCase()}_proxy`, url!]))
}

export const buildImage = (
  made: ReturnType<typeof recipe>,
  directory: string,
  sources: readonly string[],
  proxies: Record<string, string>,
): Command => ({
  argv: [
    // Whoever kills luna-lab ends this too; it tidies up after itself when it is told to end.
    ...(['setpriv', '--pdeathsig', 'TERM', 'mmdebstrap'] as const),
    ...['--mode=root', '--variant=minbase', '--format=directory', '--aptopt=Acquire::Languages "none"'],
    `--include=${made.packages.join(',')}`,
    ...made.dpkgOptions.map(option => `--dpkgopt=${option}`),
    ...made.essentialHooks.map(hook => `--essential-hook=${hook}`),
    ...made.customizeHooks.map(hook => `--customize-hook=${hook}`),
    made.suite,
    directory,
    '-',
  ],
  input: `${sources.join('\n')}\n`,
  env: { ...proxies, LC_ALL: 'C.UTF-8' },
})
