import type { Command } from './command.ts'

/** Where dracut keeps its modules in an image. */
export const dracutModulesDirectory = '/usr/lib/dracut/modules.d'

/** What every initrd is made of and what it must not have; dracut/95luna/README says why. */
const modules = ['base', 'bash', 'fs-lib', 'udev-rules', 'luna'] as const
const omitted = [
  ...['systemd', 'systemd-initrd', 'dracut-systemd', 'systemd-networkd', 'systemd-udevd'],
  ...[
    'network',
    'network-legacy',
    'network-manager',
    'ifcfg',
    'dbus',
    'dbus-broker',
    'dbus-daemon',
    'i18n',
    'plymouth',
  ],
] as const

/** Among the drivers that an osimage omits: all for hardware, but for those that it names. */
const allDrivers = 'all'

export interface DracutInput {
  kernver: string
  /** Modules of dracut beyond and without those that every initrd of Luna has; what is asked for is not omitted. */
  add: readonly string[]
  omit: readonly string[]
  /** Kernel modules beyond and without those that every initrd of Luna has. */
  drivers: readonly string[]
  omitDrivers: readonly string[]
  output: string
}

/** Makes an uncompressed initrd for any machine. To be run inside the image, with Luna's own module in its place. */
export function dracutCommand({ kernver, add, omit, drivers, omitDrivers, output }: DracutInput): Command {
  const left = [...omitted.filter(name => !add.includes(name)), ...omit]
  const omittedDrivers = omitDrivers.filter(name => name !== allDrivers)
  const named = omitDrivers.includes(allDrivers)
  return {
    argv: [
      // module-setup.sh looks at this
      ...(named ? (['env', 'LUNA_DRIVERS=named', 'dracut'] as const) : (['dracut'] as const)),
      '--force',
      '--kver',
      kernver,
      '--no-hostonly',
      '--no-hostonly-cmdline',
      '--no-hostonly-i18n',
      '--no-early-microcode',
      '--reproducible',
      '--no-compress',
      '--modules',
      [...new Set([...modules, ...add])].join(' '),
      '--omit',
      [...new Set(left)].join(' '),
      ...(drivers.length > 0 ? ['--add-drivers', drivers.join(' ')] : []),
      ...(omittedDrivers.length > 0 ? ['--omit-drivers', omittedDrivers.join(' ')] : []),
      output,
    ],
  }
}

/** lsinitrd(1): which modules an initrd was made of. To be run inside the image that has it. */
export const listInitrdCommand = (path: string): Command => ({ argv: ['lsinitrd', '--mod', path] })

/** Whether Luna's module is in what `listInitrdCommand` prints: a name on each line. */
export const hasLunaModule = (stdout: string): boolean => stdout.split('\n').includes('luna')

/** What a line of dracut's says, without its name before it. */
const textOf = (line: string): string => line.replace(/^dracut(\[\w\])?: /, '')

/** `*** Including module: luna ***` → `Including module: luna`; undefined for everything else that it says. */
export const parseDracutStep = (line: string): string | undefined => /^\*\*\* (.*) \*\*\*$/.exec(textOf(line))?.[1]

/** What Luna's own module has to say, which is for the administrator; dracut itself warns of much that is as it should be. */
export const parseLunaWarning = (line: string): string | undefined => /^luna: (.*)$/.exec(textOf(line))?.[1]
