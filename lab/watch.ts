import { setTimeout as delay } from 'node:timers/promises'
import type { Exec } from '../src/effects/exec.ts'
import { type BootProgress, isDone, stepOf } from './boot-progress.ts'
import { formatSeconds } from './format.ts'
import { findDifference, findLogin } from './login.ts'
import { listNodes } from './luna-json.ts'
import { type Machine, openMachine } from './machine.ts'
import type { Screen } from './screen.ts'
import type { LabSettings } from './settings.ts'
import type { LabState } from './state.ts'
import { renderTable } from './table.ts'

/** Asking costs a start of the CLI each time, on processors that are busy being machines. */
const pollMs = 2000
/** Between two tries to log in; each waits for an answer itself. */
const loginPauseMs = 500

interface Watched extends BootProgress {
  machine: Machine
  login: Promise<void> | undefined
}

/** Shows the machines on their way, and returns when each of them lets in, has failed for good or time is up. */
export async function watchBoot(
  exec: Exec,
  settings: LabSettings,
  state: LabState,
  screen: Screen,
  timeoutMs: number,
): Promise<BootProgress[]> {
  const stop = AbortSignal.timeout(timeoutMs)
  const all: Watched[] = state.nodes.map(node => {
    const machine = openMachine(exec, settings, state, node)
    const poweredOnMs = machine.findPoweredOn() ?? Date.now()
    return { node, machine, poweredOnMs, loggedInMs: undefined, trouble: undefined, view: undefined, login: undefined }
  })
  const told = new Map<string, string>()
  while (!all.every(isDone) && !stop.aborted) {
    await look(exec, state, all, stop)
    show(screen, all, told)
    const logins = all.filter(one => !isDone(one)).flatMap(one => one.login ?? [])
    await Promise.race([delay(pollMs), ...logins])
  }
  show(screen, all, told)
  screen.keep()
  return all
}

async function look(exec: Exec, state: LabState, all: readonly Watched[], stop: AbortSignal): Promise<void> {
  const views = await listNodes(exec, state).catch(() => []) // the store may be busy for a moment: look again then
  for (const one of all.filter(each => !isDone(each))) {
    one.view = views.find(view => view.name === one.node.name) ?? one.view
    if (!(await one.machine.isOn())) one.trouble = 'the machine is off'
    if (stepOf(one) === 'install.success') one.login ??= logIn(exec, state, one, stop)
  }
}

async function logIn(exec: Exec, state: LabState, one: Watched, stop: AbortSignal): Promise<void> {
  while (!stop.aborted && !isDone(one)) {
    const login = await findLogin(exec, state, one.node)
    if (login) {
      one.trouble = findDifference(one.node, login)
      if (one.trouble === undefined) one.loggedInMs = Date.now()
      return
    }
    await delay(loginPauseMs)
  }
}

/** A table that is drawn again and again, or in a log one line for each new step. */
function show(screen: Screen, all: readonly BootProgress[], told: Map<string, string>): void {
  const now = Date.now()
  screen.redraw(renderTable(all, now))
  if (screen.isTerminal) return
  for (const one of all) {
    const step = one.trouble ?? stepOf(one)
    if (told.get(one.node.name) === step) continue
    told.set(one.node.name, step)
    screen.print(`${formatSeconds(now - one.poweredOnMs).padStart(6)}  ${one.node.name}  ${step}`)
  }
}
