import type { Exec } from '../src/effects/exec.ts'
import { LunaError } from '../src/errors.ts'
import { stopKeeper } from './namespace.ts'
import type { LabPaths } from './paths.ts'
import { isAlive } from './process-identity.ts'
import { removeTree } from './remove-tree.ts'
import { findState, forgetState, type LabNode, type LabState } from './state.ts'

/** The lab that runs on this machine. Throws notReady when there is none. */
export function getRunningLab(): LabState {
  const state = findState()
  if (state && isAlive(state.keeper)) return state
  throw new LunaError('notReady', 'no lab is running; run: luna-lab up')
}

/** Throws notFound when the lab has no such node. */
export function getLabNode(state: LabState, name: string): LabNode {
  const node = state.nodes.find(one => one.name === name)
  if (node) return node
  const names = state.nodes.map(one => one.name).join(', ')
  throw new LunaError('notFound', `the lab has no node "${name}", only ${names}`)
}

/** Throws conflict when a lab runs that was made with another LUNA_LAB_DIR. */
export function refuseLabOfOthers({ directory }: LabPaths): void {
  const state = findState()
  if (state && state.directory !== directory && isAlive(state.keeper))
    throw new LunaError(
      'conflict',
      `a lab is running that belongs to ${state.directory}; to end it run: LUNA_LAB_DIR=${state.directory} luna-lab down`,
    )
}

/**
 * Ends the lab and removes all of it but the cached image. Does nothing when there is none, and finishes what a
 * killed `up` or `down` left. @returns whether one was running
 */
export async function removeLab(exec: Exec, paths: LabPaths): Promise<boolean> {
  const state = findState()
  const wasRunning = state !== undefined && isAlive(state.keeper)
  if (state) await stopKeeper(state.keeper)
  await removeTree(exec, paths.head, paths.machines, paths.logs, `${paths.image}.new`)
  forgetState()
  return wasRunning
}
