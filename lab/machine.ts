import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import type { Exec } from '../src/effects/exec.ts'
import { LunaError } from '../src/errors.ts'
import type { Command } from '../src/tools/command.ts'
import { type MachineFiles, machineFiles } from './machine-files.ts'
import { onHead } from './namespace.ts'
import { qemuCommand, uefiVariables } from './qemu.ts'
import { orderQemu } from './qmp.ts'
import type { LabSettings } from './settings.ts'
import type { LabNode, LabState } from './state.ts'

/** Sparse: it takes what is written to it. */
const diskSizeBytes = 8 * 2 ** 30

/** A virtual machine, switched as a person with a finger on its button would. */
export interface Machine {
  files: MachineFiles
  powerOn(): Promise<void>
  powerOff(): Promise<void>
  reset(): Promise<void>
  isOn(): Promise<boolean>
  /** Epoch milliseconds of the last power-on or reset; undefined if it never was. */
  findPoweredOn(): number | undefined
}

export function openMachine(exec: Exec, settings: LabSettings, state: LabState, node: LabNode): Machine {
  const files = machineFiles(settings.paths, node.name)
  const isOn = () => orderQemu(files.monitor, 'query-status')
  return {
    files,
    isOn,
    async powerOn() {
      if (await isOn()) return
      prepare(node, files)
      noteTime(files)
      await startQemu(exec, state, node, qemuCommand(node, files, settings.machine))
    },
    async powerOff() {
      await orderQemu(files.monitor, 'quit')
      rmSync(files.poweredOn, { force: true })
    },
    async reset() {
      noteTime(files)
      if (!(await orderQemu(files.monitor, 'system_reset')))
        throw new LunaError('notReady', `${node.name} is off; run: luna-lab power ${node.name} on`)
    },
    findPoweredOn: () => (existsSync(files.poweredOn) ? Number(readFileSync(files.poweredOn, 'utf8')) : undefined),
  }
}

async function startQemu(exec: Exec, { keeper }: LabState, { name }: LabNode, qemu: Command): Promise<void> {
  try {
    await exec.run(onHead(keeper, qemu))
  } catch (cause) {
    const { detail } = cause as LunaError
    throw new LunaError('failed', `QEMU does not start for ${name}`, { cause, ...(detail ? { detail } : {}) })
  }
}

function prepare(node: LabNode, files: MachineFiles): void {
  mkdirSync(files.directory, { recursive: true })
  if (node.firmware === 'uefi' && !existsSync(files.firmwareVariables))
    copyFileSync(uefiVariables, files.firmwareVariables)
  if (node.disk && !existsSync(files.disk)) {
    writeFileSync(files.disk, '')
    truncateSync(files.disk, diskSizeBytes)
  }
}

const noteTime = (files: MachineFiles): void => writeFileSync(files.poweredOn, `${Date.now()}\n`)
