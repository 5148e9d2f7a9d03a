import { describe, expect, test } from 'vitest'
import {
  chooseNetworkWriter,
  type Distribution,
  networkEvidencePaths,
  parseDistribution,
  unitsToEnable,
} from '../../../src/domain/distribution.ts'

const wants = '/etc/systemd/system/multi-user.target.wants'
const networkManager = ['/usr/sbin/NetworkManager', `${wants}/NetworkManager.service`]
const networkdIdle = ['/usr/lib/systemd/systemd-networkd']
const networkd = [...networkdIdle, `${wants}/systemd-networkd.service`]
const ifupdown = ['/usr/sbin/ifup', '/etc/network', `${wants}/networking.service`]
const wicked = ['/usr/sbin/wicked', `${wants}/wicked.service`]
const scripts = ['/etc/sysconfig/network-scripts']

const release = {
  centos7: `NAME="CentOS Linux"
VERSION="7 (Core)"
ID="centos"
ID_LIKE="rhel fedora"
VERSION_ID="7"
PRETTY_NAME="CentOS Linux 7 (Core)"
ANSI_COLOR="0;31"
CPE_NAME="cpe:/o:centos:centos:7"
`,
  rocky8: `NAME="Rocky Linux"
VERSION="8.10 (Green Obsidian)"
ID="rocky"
ID_LIKE="rhel centos fedora"
VERSION_ID="8.10"
PLATFORM_ID="platform:el8"
PRETTY_NAME="Rocky Linux 8.10 (Green Obsidian)"
`,
  rocky9: `NAME="Rocky Linux"
VERSION="9.4 (Blue Onyx)"
ID="rocky"
ID_LIKE="rhel centos fedora"
VERSION_ID="9.4"
PLATFORM_ID="platform:el9"
PRETTY_NAME="Rocky Linux 9.4 (Blue Onyx)"
`,
  rocky10: `NAME="Rocky Linux"
VERSION="10.0 (Red Quartz)"
ID="rocky"
ID_LIKE="rhel centos fedora"
VERSION_ID="10.0"
PRETTY_NAME="Rocky Linux 10.0 (Red Quartz)"
`,
  fedora: 'NAME="Fedora Linux"\nID=fedora\nVERSION_ID=42\nPRETTY_NAME="Fedora Linux 42 (Server Edition)"\n',
  amazon: 'NAME="Amazon Linux"\nID="amzn"\nID_LIKE="fedora"\nVERSION_ID="2023"\nPRETTY_NAME="Amazon Linux 2023"\n',
  debian12: `PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"
NAME="Debian GNU/Linux"
VERSION_ID="12"
VERSION="12 (bookworm)"
VERSION_CODENAME=bookworm
ID=debian
HOME_URL="https://www.debian.org/"
`,
  sid: 'PRETTY_NAME="Debian GNU/Linux trixie/sid"\nNAME="Debian GNU/Linux"\nID=debian\n',
  ubuntu2204: `PRETTY_NAME="Ubuntu 22.04.4 LTS"
NAME="Ubuntu"
VERSION_ID="22.04"
VERSION="22.04.4 LTS (Jammy Jellyfish)"
ID=ubuntu
ID_LIKE=debian
UBUNTU_CODENAME=jammy
`,
  ubuntu2404: 'PRETTY_NAME="Ubuntu 24.04 LTS"\nNAME="Ubuntu"\nVERSION_ID="24.04"\nID=ubuntu\nID_LIKE=debian\n',
  mint: 'NAME="Linux Mint"\nID=linuxmint\nID_LIKE="ubuntu debian"\nVERSION_ID="21.3"\nPRETTY_NAME="Linux Mint 21.3"\n',
  sles15: `NAME="SLES"
VERSION="15-SP6"
VERSION_ID="15.6"
PRETTY_NAME="SUSE Linux Enterprise Server 15 SP6"
ID="sles"
ID_LIKE="suse"
ANSI_COLOR="0;32"
`,
  leap15: `NAME="openSUSE Leap"
VERSION="15.6"
ID="opensuse-leap"
ID_LIKE="suse opensuse"
VERSION_ID="15.6"
PRETTY_NAME="openSUSE Leap 15.6"
`,
  arch: 'NAME="Arch Linux"\nPRETTY_NAME="Arch Linux"\nID=arch\nBUILD_ID=rolling\n',
}

describe('parseDistribution', () => {
  test.each([
    ['centos7', 'centos', '7', 'redhat', 'CentOS Linux 7 (Core)'],
    ['rocky8', 'rocky', '8.10', 'redhat', 'Rocky Linux 8.10 (Green Obsidian)'],
    ['rocky10', 'rocky', '10.0', 'redhat', 'Rocky Linux 10.0 (Red Quartz)'],
    ['debian12', 'debian', '12', 'debian', 'Debian GNU/Linux 12 (bookworm)'],
    ['sid', 'debian', '', 'debian', 'Debian GNU/Linux trixie/sid'],
    ['ubuntu2204', 'ubuntu', '22.04', 'ubuntu', 'Ubuntu 22.04.4 LTS'],
    ['mint', 'linuxmint', '21.3', 'ubuntu', 'Linux Mint 21.3'],
    ['sles15', 'sles', '15.6', 'suse', 'SUSE Linux Enterprise Server 15 SP6'],
    ['leap15', 'opensuse-leap', '15.6', 'suse', 'openSUSE Leap 15.6'],
    ['arch', 'arch', '', 'unknown', 'Arch Linux'],
  ] as const)('%s', (name, id, version, family, prettyName) => {
    expect(parseDistribution(release[name])).toEqual({ id, version, family, prettyName })
  })

  test('an image that does not say is plain Linux, as os-release(5) has it', () => {
    const plain: Distribution = { id: 'linux', version: '', family: 'unknown', prettyName: 'Linux' }
    expect(parseDistribution('')).toEqual(plain)
    expect(parseDistribution('# ID=debian\n\u0000\nID debian\nPRETTY_NAME="unclosed\n')).toEqual(plain)
  })

  test('quotes and escapes are those of a shell, carriage returns are not', () => {
    const text = `ID='site'\r\nPRETTY_NAME="The \\"Site\\" \\$1 \\\\"\n VERSION_ID=1\n`
    expect(parseDistribution(text)).toMatchObject({ id: 'site', version: '1', prettyName: 'The "Site" $1 \\' })
  })
})

describe('chooseNetworkWriter', () => {
  const choose = (name: keyof typeof release | '', paths: string[]) => {
    const unlisted = paths.filter(path => !networkEvidencePaths.includes(path))
    expect(unlisted, 'paths that the pack operation does not look for').toEqual([])
    return chooseNetworkWriter(parseDistribution(name === '' ? '' : release[name]), new Set(paths))
  }

  test.each([
    ['CentOS 7', 'centos7', [...scripts, '/etc/rc.d/rc3.d/S10network'], 'ifcfg'],
    ['Rocky 8', 'rocky8', [...networkManager, ...scripts], 'ifcfg'],
    ['Rocky 8 with networkd on purpose', 'rocky8', [...networkd, ...scripts], 'networkd'],
    ['Rocky 9', 'rocky9', [...networkManager, ...scripts, '/usr/sbin/ifup'], 'keyfile'],
    ['Rocky 10', 'rocky10', networkManager, 'keyfile'],
    ['Fedora', 'fedora', [...networkManager, ...networkdIdle], 'keyfile'],
    ['Amazon Linux 2023', 'amazon', networkd, 'networkd'],
    ['Debian with ifupdown', 'debian12', [...ifupdown, ...networkdIdle], 'ifupdown'],
    ['Debian before the merge of /usr', 'debian12', ['/sbin/ifup', '/etc/network'], 'ifupdown'],
    ['a Debian desktop', 'debian12', [...ifupdown, ...networkdIdle, ...networkManager], 'ifupdown'],
    ['Debian with NetworkManager only', 'debian12', ['/etc/network', ...networkdIdle, ...networkManager], 'keyfile'],
    ['minimal Debian', 'debian12', networkdIdle, 'networkd'],
    ['Debian with networkd on purpose', 'sid', [...ifupdown, ...networkd], 'networkd'],
    ['the Debian cloud image', 'debian12', ['/usr/sbin/netplan', ...networkd], 'netplan'],
    ['Ubuntu 22.04', 'ubuntu2204', ['/usr/sbin/netplan', ...networkd, ...networkManager], 'netplan'],
    ['Ubuntu 24.04', 'ubuntu2404', ['/usr/sbin/netplan', ...networkd], 'netplan'],
    ['Ubuntu without netplan', 'ubuntu2404', networkd, 'networkd'],
    ['SLES 15', 'sles15', [...wicked, ...networkManager.slice(0, 1)], 'wicked'],
    ['Leap with NetworkManager', 'leap15', ['/usr/sbin/wicked', ...networkManager], 'keyfile'],
    ['Arch', 'arch', networkdIdle, 'networkd'],
    ['Arch with NetworkManager', 'arch', [...networkdIdle, ...networkManager], 'keyfile'],
    ['unknown with network scripts only', '', scripts, 'ifcfg'],
  ] as const)('%s', (_title, name, paths, writer) => {
    expect(choose(name, [...paths])).toEqual({ writer, installed: true })
  })

  test.each([
    ['rocky8', 'ifcfg'],
    ['rocky9', 'keyfile'],
    ['debian12', 'ifupdown'],
    ['ubuntu2404', 'netplan'],
    ['sles15', 'wicked'],
    ['', 'ifcfg'],
  ] as const)('%s with nothing installed: %s, and it says so', (name, writer) => {
    expect(choose(name, [])).toEqual({ writer, installed: false })
  })

  test('hooks in /etc/network alone, or an ifup alone, are no ifupdown', () => {
    expect(choose('debian12', ['/etc/network']).installed).toBe(false)
    expect(choose('debian12', ['/usr/sbin/ifup']).installed).toBe(false)
  })
})

test('networkd is what no package enables', () => {
  expect(unitsToEnable('networkd')).toEqual(['systemd-networkd.service'])
  expect(unitsToEnable('ifupdown')).toEqual([])
})
