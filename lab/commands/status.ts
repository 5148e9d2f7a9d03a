import { columns } from '../../src/cli/columns.ts'
import type { Exec } from '../../src/effects/exec.ts'
import { type BootProgress, stepOf } from '../boot-progress.ts'
import { formatMib, formatSeconds } from '../format.ts'
import { findDifference, findLogin } from '../login.ts'
import { type EventView, listNodes, type NodeView, showEvents } from '../luna-json.ts'
import { openMachine } from '../machine.ts'
import { labPaths } from '../paths.ts'
import { getRunningLab } from '../running-lab.ts'
import type { LabSettings } from '../settings.ts'
import type { LabNode, LabState } from '../state.ts'

/** What `luna-lab status --json` prints of each node, in an array. */
export interface NodeStatus {
  name: string
  mac: string
  address: string
  /** up: it lets in by ssh and is who it should be. */
  state: 'off' | 'booting' | 'up' | 'failed'
  /** Install step of its present boot; null before it asked the head for anything. */
  step: string | null
  seconds_since_power_on: number | null
  /** Of the image, in its present boot; null until it has it. */
  bytes_from_head: number | null
  bytes_from_peers: number | null
}

export async function status(exec: Exec, settings: LabSettings, options: { json?: boolean }): Promise<void> {
  const state = getRunningLab()
  const views = await listNodes(exec, state).catch(() => [])
  const own = { ...settings, paths: labPaths(state.directory) }
  const all = await Promise.all(
    state.nodes.map(node =>
      statusOf(
        exec,
        own,
        state,
        node,
        views.find(view => view.name === node.name),
      ),
    ),
  )
  process.stdout.write(options.json ? `${JSON.stringify(all, null, 2)}\n` : `${renderStatus(all).join('\n')}\n`)
}

async function statusOf(
  exec: Exec,
  settings: LabSettings,
  state: LabState,
  node: LabNode,
  view: NodeView | undefined,
): Promise<NodeStatus> {
  const machine = openMachine(exec, settings, state, node)
  const poweredOnMs = (await machine.isOn()) ? machine.findPoweredOn() : undefined
  const known = { name: node.name, mac: node.mac, address: node.address }
  const nothing = { step: null, seconds_since_power_on: null, bytes_from_head: null, bytes_from_peers: null }
  if (poweredOnMs === undefined) return { ...known, state: 'off', ...nothing }
  const progress: BootProgress = { node, poweredOnMs, loggedInMs: undefined, trouble: undefined, view }
  const step = stepOf(progress)
  const events = step === 'power-on' ? [] : await showEvents(exec, state, node.name).catch(() => [])
  return {
    ...known,
    state: await stateOf(exec, state, node, step),
    step: step === 'power-on' ? null : step,
    seconds_since_power_on: Math.round((Date.now() - poweredOnMs) / 1000),
    bytes_from_head: lastNumber(events, 'from_head_bytes'),
    bytes_from_peers: lastNumber(events, 'from_peers_bytes'),
  }
}

async function stateOf(exec: Exec, state: LabState, node: LabNode, step: string): Promise<NodeStatus['state']> {
  if (step === 'install.failed') return 'failed'
  if (step !== 'install.success') return 'booting'
  const login = await findLogin(exec, state, node)
  return login && findDifference(node, login) === undefined ? 'up' : 'booting'
}

const lastNumber = (events: readonly EventView[], key: 'from_head_bytes' | 'from_peers_bytes'): number | null =>
  events.findLast(event => event[key] !== null)?.[key] ?? null

function renderStatus(all: readonly NodeStatus[]): string[] {
  const head = ['Node', 'MAC', 'Address', 'State', 'Step', 'Since power-on', 'From the head', 'From other nodes']
  const rows = all.map(one => [
    one.name,
    one.mac,
    one.address,
    one.state,
    one.step ?? '-',
    one.seconds_since_power_on === null ? '-' : formatSeconds(one.seconds_since_power_on * 1000),
    one.bytes_from_head === null ? '-' : formatMib(one.bytes_from_head),
    one.bytes_from_peers === null ? '-' : formatMib(one.bytes_from_peers),
  ])
  return columns([head, ...rows], new Set([5, 6, 7]))
}
