import type { Exec } from '../../src/effects/exec.ts'
import { runInForeground } from '../foreground.ts'
import { sshCommand } from '../login.ts'
import { onHead } from '../namespace.ts'
import { getLabNode, getRunningLab } from '../running-lab.ts'

/** Runs a command on the head, or root's shell there. @returns its exit status */
export async function execOnHead(exec: Exec, words: readonly string[]): Promise<number> {
  const { keeper } = getRunningLab()
  const [program, ...args] = words.length > 0 ? words : ['/bin/bash']
  return runInForeground(exec, onHead(keeper, { argv: [program!, ...args] }))
}

/** Runs a command on a node, or a shell, from the head. @returns its exit status; 255 when there was no login */
export async function sshToNode(exec: Exec, name: string, words: readonly string[]): Promise<number> {
  const state = getRunningLab()
  const { address } = getLabNode(state, name)
  return runInForeground(exec, onHead(state.keeper, sshCommand(address, words)))
}
