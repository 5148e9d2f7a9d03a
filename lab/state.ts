import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { ProcessIdentity } from './process-identity.ts'

/** What is known of the lab of this machine; enough to remove it when the command that made it was killed. */
export interface LabState {
  /** LUNA_LAB_DIR of the one who made it. */
  directory: string
  /** Its death ends every process, mount and interface of the lab. */
  keeper: ProcessIdentity
  nodes: LabNode[]
}

/** A virtual machine and the node it is to become. */
export interface LabNode {
  name: string
  mac: string
  tap: string
  /** The address Luna gave it on the provisioning network; empty until the node is added. */
  address: string
  firmware: Firmware
  disk: boolean
}

export type Firmware = 'bios' | 'uefi'

/** In /run: one lab per machine, and it is forgotten with the processes it speaks of when the machine restarts. */
export const statePath = '/run/luna-lab/state.json'

export function findState(): LabState | undefined {
  try {
    return JSON.parse(readFileSync(statePath, 'utf8')) as LabState
  } catch {
    return undefined
  }
}

export function writeState(state: LabState): void {
  mkdirSync(dirname(statePath), { recursive: true })
  writeFileSync(`${statePath}.new`, `${JSON.stringify(state, null, 2)}\n`)
  renameSync(`${statePath}.new`, statePath)
}

export const forgetState = (): void => rmSync(dirname(statePath), { recursive: true, force: true })
