import { resolve } from 'node:path'
import type { Exec } from '../../src/effects/exec.ts'
import { LunaError } from '../../src/errors.ts'
import { makeHead } from '../head.ts'
import { ensureImage, ensureKey } from '../image.ts'
import { withLock } from '../lock.ts'
import { openMachine } from '../machine.ts'
import { planNodes } from '../node-plan.ts'
import { checkOwnImage } from '../own-image.ts'
import { report } from '../report.ts'
import { checkRequirements } from '../requirements.ts'
import { refuseLabOfOthers, removeLab } from '../running-lab.ts'
import { createScreen, type Screen } from '../screen.ts'
import { setUpCluster } from '../set-up-cluster.ts'
import type { LabSettings } from '../settings.ts'
import type { Firmware, LabNode, LabState } from '../state.ts'
import { watchBoot } from '../watch.ts'

export interface UpOptions {
  nodes: string
  firmware: string
  disk?: boolean
  image?: string
}

/** Makes the lab afresh and boots its machines. @returns 0 when all of them became nodes, else 1 */
export async function up(exec: Exec, asked: LabSettings, options: UpOptions): Promise<number> {
  const nodes = planNodes(parseCount(options.nodes), parseFirmware(options.firmware), options.disk === true)
  const ownImage = options.image === undefined ? undefined : resolve(options.image)
  if (ownImage !== undefined) checkOwnImage(ownImage)
  // A single node has nobody to get anything from but the head.
  const settings = nodes.length > 1 ? asked : { ...asked, seederUploadLimit: undefined }
  checkRequirements()
  refuseLabOfOthers(settings.paths)
  const screen = createScreen()
  process.once('SIGINT', () => leave(screen))
  // Held until the machines are up: nobody's `down` or `up` takes them away from under this one.
  return withLock('up', async () => {
    if (await removeLab(exec, settings.paths)) screen.print('the lab that was running is gone')
    const state = await makeLab(exec, settings, screen, nodes, ownImage)
    screen.print(`power on: ${nodes.map(({ name }) => name).join(', ')}`)
    const outcome = await watchBoot(exec, settings, state, screen, settings.timeoutMs ?? patienceMs(nodes))
    return report(exec, settings, state, screen, outcome)
  })
}

/** Ctrl-C: what is there stays, for looking. */
function leave(screen: Screen): void {
  screen.print('interrupted; what there is of the lab stays: luna-lab status | exec | down')
  process.exit(130)
}

async function makeLab(
  exec: Exec,
  settings: LabSettings,
  screen: Screen,
  nodes: LabNode[],
  ownImage: string | undefined,
): Promise<LabState> {
  const publicKey = await ensureKey(exec, settings.paths)
  if (ownImage === undefined) await ensureImage(exec, settings.paths, screen, publicKey)
  const state = await makeHead(exec, settings, screen, { nodes, image: ownImage ?? settings.paths.image })
  await setUpCluster(exec, settings, state, screen, ownImage === undefined ? undefined : publicKey)
  for (const node of nodes) await openMachine(exec, settings, state, node).powerOn()
  return state
}

/** Some five times what a machine with two processors and no KVM takes; UEFI alone takes some 20 s longer than BIOS. */
const patienceMs = (nodes: readonly LabNode[]): number =>
  (180 + nodes.reduce((sum, node) => sum + (node.firmware === 'uefi' ? 120 : 80), 0)) * 1000

function parseCount(text: string): number {
  if (/^\d{1,2}$/.test(text) && Number(text) >= 1) return Number(text)
  throw new LunaError('usage', `--nodes must be a number from 1 to 99, not "${text}"`)
}

function parseFirmware(text: string): Firmware {
  if (text === 'bios' || text === 'uefi') return text
  throw new LunaError('usage', `--firmware must be bios or uefi, not "${text}"`)
}
