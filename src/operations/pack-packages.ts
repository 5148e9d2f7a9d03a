import { join } from 'node:path'
import { formatPackages, parseDpkgStatus, parsePackages } from '../domain/packages.ts'
import { LunaError } from '../errors.ts'
import type { Luna } from '../luna.ts'
import { inImageView } from '../tools/image-view.ts'
import { dpkgStatusPath, listRpmPackagesCommand, rpmPath } from '../tools/packages.ts'
import { makeImageView } from './pack-boot.ts'
import type { PackPlan } from './pack-plan.ts'
import { runPackStep } from './pack-step.ts'

type Needs = Pick<Luna, 'exec' | 'imageTree' | 'packFiles' | 'shareDirectory'>

/** Writes the list of the image's packages into the work directory. @returns its name; empty when there is none */
export async function makePackageList(
  luna: Needs,
  plan: PackPlan,
  generation: number,
  signal: AbortSignal,
): Promise<string> {
  const list = await listPackages(luna, plan, signal)
  if (list === undefined) return ''
  const name = `${plan.osimage.name}-${generation}.packages`
  await luna.packFiles.write(join(plan.directories.work, name), Buffer.from(list))
  return name
}

async function listPackages(luna: Needs, plan: PackPlan, signal: AbortSignal): Promise<string | undefined> {
  const { path } = plan.osimage
  const status = await luna.imageTree.read(path, dpkgStatusPath)
  if (status !== undefined) return formatPackages(parseDpkgStatus(status))
  if (!(await luna.imageTree.findPresent(path, [rpmPath])).has(rpmPath)) return undefined
  try {
    const view = await makeImageView(luna, plan, 'packages')
    const command = inImageView(view, listRpmPackagesCommand)
    return formatPackages(parsePackages((await runPackStep(luna, { name: 'rpm', command, signal })).stdout))
  } catch (error) {
    if (!(error instanceof LunaError) || signal.aborted) throw error
    plan.warnings.push(`which packages are in ${path} is not known: ${error.message}`)
    return undefined
  }
}
