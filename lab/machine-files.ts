import { join } from 'node:path'
import type { LabPaths } from './paths.ts'

/** What belongs to one virtual machine, in a directory of its own. */
export interface MachineFiles {
  directory: string
  /** Everything it ever said on its serial console. */
  consoleLog: string
  /** Unix socket of the serial console. */
  console: string
  /** Unix socket where QEMU takes orders (QMP). */
  monitor: string
  /** Epoch milliseconds of the last power-on or reset, as text. */
  poweredOn: string
  disk: string
  /** UEFI's variable store. */
  firmwareVariables: string
}

export function machineFiles(paths: LabPaths, name: string): MachineFiles {
  const directory = join(paths.machines, name)
  return {
    directory,
    consoleLog: join(directory, 'console.log'),
    console: join(directory, 'console.sock'),
    monitor: join(directory, 'monitor.sock'),
    poweredOn: join(directory, 'powered-on'),
    disk: join(directory, 'disk.raw'),
    firmwareVariables: join(directory, 'uefi-variables.fd'),
  }
}
