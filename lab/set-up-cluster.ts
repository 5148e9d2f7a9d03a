import type { Exec } from '../src/effects/exec.ts'
import { LunaError } from '../src/errors.ts'
import type { Command } from '../src/tools/command.ts'
import {
  addGroup,
  addNodes,
  checkServices,
  configureCluster,
  letIn,
  packImage,
  shortenMenu,
  startServers,
} from './configuration.ts'
import { runInForeground } from './foreground.ts'
import { listNodes } from './luna-json.ts'
import { onHead } from './namespace.ts'
import type { Screen } from './screen.ts'
import type { LabSettings } from './settings.ts'
import { shellLine } from './shell-line.ts'
import { type LabState, writeState } from './state.ts'
import { writeFile } from './write-file.ts'

/**
 * Configures the head and starts its servers by the READMEs' commands, each shown before it runs.
 * `publicKey` is put on the nodes by a postscript, for an image that the lab did not make.
 */
export async function setUpCluster(
  exec: Exec,
  settings: LabSettings,
  state: LabState,
  screen: Screen,
  publicKey: string | undefined,
): Promise<void> {
  const run = async (commands: readonly Command[]) => {
    for (const command of commands) await runShown(exec, state, screen, command)
  }
  await run([...startServers, ...configureCluster, ...shortenMenu, ...packImage(settings.machine), ...addGroup])
  if (publicKey !== undefined) await run([await letIn(exec, state, publicKey)])
  await run([...addNodes(state.nodes), ...checkServices])
  if (settings.seederUploadLimit !== undefined)
    screen.print(
      `note: the head sends at most ${settings.seederUploadLimit} bytes of the image per second (LUNA_LAB_SEEDER_LIMIT), so that even two nodes need each other`,
    )
  await rememberAddresses(exec, state)
}

async function runShown(exec: Exec, state: LabState, screen: Screen, command: Command): Promise<void> {
  const input = command.input === undefined ? '' : ` <<'END'\n${command.input}END`
  screen.print(`head# ${shellLine(command)}${input}`)
  if (command.input !== undefined) return void (await exec.run(onHead(state.keeper, command)))
  const status = await runInForeground(exec, onHead(state.keeper, command))
  if (status !== 0) throw new LunaError('failed', `${shellLine(command)} ended with status ${status}`)
}

/** Notes what Luna gave the nodes, for `luna-lab ssh` and for the head's /etc/hosts. */
async function rememberAddresses(exec: Exec, state: LabState): Promise<void> {
  const views = await listNodes(exec, state)
  for (const node of state.nodes) {
    const held = views.find(view => view.name === node.name)?.interfaces.find(one => one.network === 'cluster')
    if (!held) throw new LunaError('failed', `luna node list does not show an address of ${node.name}`)
    node.address = held.address
  }
  writeState(state)
  const hosts = ['127.0.0.1 localhost', ...state.nodes.map(({ address, name }) => `${address} ${name}.cluster ${name}`)]
  for (const command of writeFile('/etc/hosts', `${hosts.join('\n')}\n`)) await exec.run(onHead(state.keeper, command))
}
