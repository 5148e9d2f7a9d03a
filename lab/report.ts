import type { Exec } from '../src/effects/exec.ts'
import { type BootProgress, stepOf } from './boot-progress.ts'
import { lastConsoleLines } from './console-log.ts'
import { showEvents } from './luna-json.ts'
import { machineFiles } from './machine-files.ts'
import type { Screen } from './screen.ts'
import type { LabSettings } from './settings.ts'
import type { LabState } from './state.ts'
import { renderTimelines, type Timeline, timelineOf } from './timeline.ts'

const consoleLines = 25

/** Says how the boot went. @returns the exit status of `up` */
export async function report(
  exec: Exec,
  settings: LabSettings,
  state: LabState,
  screen: Screen,
  outcome: readonly BootProgress[],
): Promise<number> {
  const timelines = new Map<string, Timeline>()
  for (const { node, poweredOnMs, loggedInMs } of outcome) {
    if (loggedInMs === undefined) continue
    timelines.set(node.name, timelineOf(await showEvents(exec, state, node.name), poweredOnMs, loggedInMs))
    screen.print(`${node.name} is up: ssh finds it as ${node.name}.cluster with ${node.address}`)
  }
  if (timelines.size > 0) for (const line of ['', ...renderTimelines(timelines), '']) screen.print(line)
  const missing = outcome.filter(({ loggedInMs }) => loggedInMs === undefined)
  for (const one of missing) {
    const message = one.view?.status?.message
    screen.print(`${one.node.name} did not come up: ${one.trouble ?? 'not in time'}; it is at step ${stepOf(one)}`)
    if (message) screen.print(`  ${message.split('\n')[0]}`)
    screen.print(`the last lines of its console (luna-lab console ${one.node.name}):`)
    const { consoleLog } = machineFiles(settings.paths, one.node.name)
    for (const line of lastConsoleLines(consoleLog, consoleLines)) screen.print(`  | ${line}`)
  }
  screen.print(
    missing.length === 0
      ? 'the lab stays up: luna-lab status | ssh node001 | exec luna node list | console node001 | down'
      : `the lab stays up for looking: luna-lab status | exec luna node list | down; logs of the head: ${settings.paths.logs}`,
  )
  return missing.length === 0 ? 0 : 1
}
