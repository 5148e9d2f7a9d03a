import { join } from 'node:path'
import { chooseCompression, type InitrdCompression, kernelConfigPaths } from '../domain/initrd.ts'
import { parseModuleLists, sortModules } from '../domain/kernel-modules.ts'
import { type Pack, splitModules } from '../domain/osimage.ts'
import { LunaError } from '../errors.ts'
import type { Luna } from '../luna.ts'
import type { Command } from '../tools/command.ts'
import {
  dracutCommand,
  dracutModulesDirectory,
  hasLunaModule,
  listInitrdCommand,
  parseDracutStep,
  parseLunaWarning,
} from '../tools/dracut.ts'
import { type ImageView, inImageView, viewOutput } from '../tools/image-view.ts'
import { clientBundleCommand, compressCommand, compressedPath, lacksClientStatus } from '../tools/initrd.ts'
import { tied } from '../tools/tied.ts'
import { installHint, type PackPlan } from './pack-plan.ts'
import { initrdStep, type ReportPackProgress } from './pack-progress.ts'
import { runPackStep } from './pack-step.ts'
import { runBoth } from './run-both.ts'

type Needs = Pick<Luna, 'exec' | 'imageTree' | 'packFiles' | 'shareDirectory'>

/** How dracut/95luna/module-setup.sh begins what makes dracut fail. */
const lacksPrograms = 'the image lacks programs'

/** What a pack says of its kernel. */
export type BootPart = Pick<Pack, 'kernver' | 'kernelFile' | 'initrdFile'>

export const bootPartOf = ({ kernver, kernelFile, initrdFile }: Pack): BootPart => ({ kernver, kernelFile, initrdFile })

/** Makes kernel and initrd in the work directory, under the names that they will have. */
export async function makeBootPart(
  luna: Needs,
  plan: PackPlan,
  generation: number,
  signal: AbortSignal,
  report: ReportPackProgress,
): Promise<BootPart> {
  const { osimage, kernver, directories } = plan
  const kernelFile = `${osimage.name}-${generation}-vmlinuz`
  const initrdFile = `${osimage.name}-${generation}-initrd`
  await luna.packFiles.copy(plan.kernelPath, join(directories.work, kernelFile))
  const compression = await findCompression(luna, plan)
  const initrd = join(directories.work, initrdFile)
  const { initrdPath } = plan
  if (initrdPath === undefined) await makeInitrd(luna, plan, initrd, compression, signal, report)
  else await copyInitrd(luna, plan, { from: initrdPath, to: initrd }, compression, signal, report)
  const { previous } = plan
  return {
    kernver,
    kernelFile: await sameOrNew(luna, plan, kernelFile, previous?.kernelFile),
    initrdFile: await sameOrNew(luna, plan, initrdFile, previous?.initrdFile),
  }
}

/** Most packs have the kernel of the one before, byte for byte, and often its initrd: they share that file. */
async function sameOrNew(
  { packFiles }: Needs,
  { directories: { work, boot } }: PackPlan,
  made: string,
  before: string | undefined,
): Promise<string> {
  return before !== undefined && (await packFiles.areSame(join(work, made), join(boot, before))) ? before : made
}

async function findCompression({ imageTree }: Needs, { osimage, kernver }: PackPlan): Promise<InitrdCompression> {
  const texts = await Promise.all(kernelConfigPaths(kernver).map(path => imageTree.read(osimage.path, path)))
  return chooseCompression(texts.find(text => text !== undefined))
}

/** Both archives are compressed as one: of what is in both, loader and libraries, the second copy costs next to nothing. */
async function makeInitrd(
  luna: Needs,
  plan: PackPlan,
  initrd: string,
  compression: InitrdCompression,
  signal: AbortSignal,
  report: ReportPackProgress,
): Promise<void> {
  const archives = await runBoth(
    signal,
    either => makeArchive(luna, plan, either, report),
    either => makeClientBundle(luna, plan, 'cat', either),
  )
  const archive = join(plan.directories.work, 'archive')
  await luna.packFiles.join(archives, archive)
  report(initrdStep(`Compressing by ${compression}`))
  await runPackStep(luna, { name: compression, command: tied(compressCommand(archive, compression)), signal })
  await luna.packFiles.copy(compressedPath(archive, compression), initrd)
}

async function makeArchive(
  luna: Needs,
  plan: PackPlan,
  signal: AbortSignal,
  report: ReportPackProgress,
): Promise<string> {
  const view = await makeImageView(luna, plan, 'initrd')
  const input = { ...(await chooseModules(luna, plan)), output: `${viewOutput}/initrd` }
  await runDracut(luna, inImageView(view, dracutCommand(input)), plan, signal, report)
  return join(view.output, 'initrd')
}

/** @param use what the view is for: there is one for each at a time */
export async function makeImageView(
  luna: Needs,
  { osimage, directories }: PackPlan,
  use: 'initrd' | 'packages',
): Promise<ImageView> {
  const [stage, output] = [join(directories.work, `stage-${use}`), join(directories.work, use)]
  await luna.packFiles.makeEmpty(stage)
  await luna.packFiles.makeEmpty(output)
  const program = join(luna.shareDirectory, 'libexec', 'luna-image-view')
  return { program, image: osimage.path, stage, dracutModule: dracutModule(luna), output }
}

/** Takes the initrd that was made in the image, compressed as it may be, when nodes can boot with it. */
async function copyInitrd(
  luna: Needs,
  plan: PackPlan,
  { from: path, to }: { from: string; to: string },
  compression: InitrdCompression,
  signal: AbortSignal,
  report: ReportPackProgress,
): Promise<void> {
  report(initrdStep(`Looking into ${path}`))
  const command = inImageView(await makeImageView(luna, plan, 'initrd'), listInitrdCommand(path))
  const { stdout } = await runPackStep(luna, { name: 'lsinitrd', command, signal })
  const { name, path: root } = plan.osimage
  if (!hasLunaModule(stdout))
    throw new LunaError(
      'invalid',
      `${path} of ${root} was made without dracut's module luna, and no node boots with it; have Luna make one: luna osimage pack ${name} --boot`,
    )
  const initrd = join(plan.directories.work, 'copied-initrd')
  await luna.packFiles.copy((await luna.imageTree.find(root, path))!, initrd)
  await luna.packFiles.join([initrd, await makeClientBundle(luna, plan, compression, signal)], to)
}

async function runDracut(
  luna: Needs,
  command: Command,
  { osimage, warnings }: PackPlan,
  signal: AbortSignal,
  report: ReportPackProgress,
): Promise<void> {
  let missing: string | undefined
  const take = (line: string): boolean => {
    const step = parseDracutStep(line)
    if (step !== undefined) report(initrdStep(step))
    const warning = parseLunaWarning(line)
    if (warning?.startsWith(lacksPrograms)) missing = warning
    else if (warning !== undefined) warnings.push(warning)
    return step !== undefined
  }
  const hint = await installHint(luna.imageTree, osimage, 'PACKAGES')
  const explain = () => missing && `osimage "${osimage.name}": ${missing}; install what they are in: ${hint}`
  await runPackStep(luna, { name: 'dracut', command, signal, take, explain })
}

const dracutModule = ({ shareDirectory }: Pick<Luna, 'shareDirectory'>): string =>
  join(shareDirectory, 'dracut', '95luna')

/** What the osimage asks for, as far as the image has it. */
async function chooseModules({ imageTree }: Needs, { osimage, kernver, warnings }: PackPlan) {
  const { add, omit } = splitModules(osimage.dracutmodules)
  const directories = await imageTree.list(osimage.path, dracutModulesDirectory)
  const known = new Set(['luna', ...directories.map(name => name.replace(/^\d\d/, ''))])
  for (const name of add.filter(name => !known.has(name)))
    warnings.push(`the image's dracut has no module ${name}; the initrd goes without`)
  const lists = ['modules.dep', 'modules.builtin'].map(name => `/lib/modules/${kernver}/${name}`)
  const texts = await Promise.all(lists.map(path => imageTree.read(osimage.path, path)))
  const present = parseModuleLists(texts.filter(text => text !== undefined))
  const asked = splitModules(osimage.kernmodules)
  const { found: drivers, missing } = sortModules(asked.add, present)
  if (missing.length > 0) warnings.push(`kernel ${kernver} has no ${missing.join(', ')}; the initrd goes without`)
  const modules = { add: add.filter(name => known.has(name)), omit: omit.filter(name => name !== 'luna') }
  return { kernver, drivers, omitDrivers: asked.omit, ...modules }
}

/** The torrent client is the head's, and all images of one kind of machine get the same. */
async function makeClientBundle(
  luna: Needs,
  { osimage, directories }: PackPlan,
  compression: InitrdCompression | 'cat',
  signal: AbortSignal,
): Promise<string> {
  const output = join(directories.work, 'client')
  const command = clientBundleCommand({
    dracutModule: dracutModule(luna),
    output,
    compression,
    temporaryDirectory: directories.work,
    program: await luna.imageTree.find(osimage.path, '/bin/sh'),
  })
  const explain = (status: number) =>
    status === lacksClientStatus
      ? `the torrent client is not built for the machine of osimage "${osimage.name}"; where Luna is built, run (for arm64): make client-arm64 build`
      : undefined
  await runPackStep(luna, { name: 'client-bundle.sh', command: tied(command), signal, explain })
  return output
}
