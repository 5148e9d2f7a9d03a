import type { Exec } from '../src/effects/exec.ts'
import type { Command } from '../src/tools/command.ts'
import { onHead, withTimeLimit } from './namespace.ts'
import type { LabState } from './state.ts'

/** A node as `luna node list --json` shows it, as far as the lab looks. */
export interface NodeView {
  name: string
  mac: string | null
  interfaces: { interface: string; network: string; address: string }[]
  status: { step: string; at_ms: number; message: string | null; percent: number | null; rate: number | null } | null
}

/** A step of a node's present boot, as `luna node show NODE --json` shows it. */
export interface EventView {
  step: string
  /** When the head heard of it. */
  at_ms: number
  /** Seconds that the node's kernel had been running, by its own clock. */
  uptime_s: number | null
  from_head_bytes: number | null
  from_peers_bytes: number | null
  message: string | null
}

const asked = (...words: string[]): Command => withTimeLimit(60, { argv: ['luna', ...words] })

/** What the head knows of its nodes, asked as a person would ask. */
export async function listNodes(exec: Exec, { keeper }: LabState): Promise<NodeView[]> {
  const { stdout } = await exec.run(onHead(keeper, asked('node', 'list', '--json')))
  return JSON.parse(stdout) as NodeView[]
}

export async function showEvents(exec: Exec, { keeper }: LabState, name: string): Promise<EventView[]> {
  const { stdout } = await exec.run(onHead(keeper, asked('node', 'show', name, '--json')))
  return (JSON.parse(stdout) as { events: EventView[] }).events
}
