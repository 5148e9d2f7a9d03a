import { existsSync } from 'node:fs'
import { LunaError } from '../src/errors.ts'
import { uefiCode } from './qemu.ts'

/** A file of each package that the lab lives on → that package, in Debian's names. */
const needed: Record<string, string> = {
  '/usr/bin/qemu-system-x86_64': 'qemu-system-x86',
  '/usr/lib/ipxe/qemu/efi-virtio.rom': 'ipxe-qemu',
  '/usr/share/seabios/bios-256k.bin': 'seabios',
  [uefiCode]: 'ovmf',
  '/usr/lib/ipxe/undionly.kpxe': 'ipxe',
  '/usr/sbin/dhcpd': 'isc-dhcp-server',
  '/usr/sbin/in.tftpd': 'tftpd-hpa',
  '/usr/sbin/dnsmasq': 'dnsmasq-base',
  '/usr/sbin/snmpd': 'snmpd',
  '/usr/bin/mmdebstrap': 'mmdebstrap',
  '/usr/bin/ssh': 'openssh-client',
  '/usr/bin/zstd': 'zstd',
  '/usr/bin/cpio': 'cpio',
  '/dev/net/tun': 'a kernel with tun devices',
}

/** Throws notReady, naming everything that is missing, so that one command mends it. */
export function checkRequirements(): void {
  if (process.getuid?.() !== 0) throw new LunaError('notReady', 'luna-lab makes network namespaces: run it as root')
  const missing = Object.entries(needed).filter(([path]) => !existsSync(path))
  if (missing.length > 0)
    throw new LunaError('notReady', `missing: ${missing.map(([, name]) => name).join(' ')}; run: make setup`)
}
