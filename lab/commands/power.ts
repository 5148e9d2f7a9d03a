import type { Exec } from '../../src/effects/exec.ts'
import { LunaError } from '../../src/errors.ts'
import { attachConsole } from '../console.ts'
import { openMachine } from '../machine.ts'
import { machineFiles } from '../machine-files.ts'
import { labPaths } from '../paths.ts'
import { getLabNode, getRunningLab } from '../running-lab.ts'
import type { LabSettings } from '../settings.ts'

/** Throws usage for another order than on, off, reset. */
export async function power(exec: Exec, settings: LabSettings, name: string, order: string): Promise<void> {
  const state = getRunningLab()
  const machine = openMachine(exec, { ...settings, paths: labPaths(state.directory) }, state, getLabNode(state, name))
  if (order === 'on') await machine.powerOn()
  else if (order === 'off') await machine.powerOff()
  else if (order === 'reset') await machine.reset()
  else throw new LunaError('usage', `a machine can be switched on, off or reset, not "${order}"`)
}

export async function openConsole(name: string): Promise<void> {
  const state = getRunningLab()
  const { console, consoleLog } = machineFiles(labPaths(state.directory), getLabNode(state, name).name)
  process.stderr.write(`serial console of ${name}; Ctrl-] leaves; all it ever said: ${consoleLog}\n`)
  await attachConsole(name, console)
}
