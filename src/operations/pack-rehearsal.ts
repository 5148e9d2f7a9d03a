import type { Luna } from '../luna.ts'
import { onlyFor } from './canary.ts'
import { type PackNeeds, withPackLock } from './pack.ts'
import { type PackPlan, type PackWish, packDirectories, planPack, readPackSubject } from './pack-plan.ts'

/** Looks at all that packing looks at before it begins, and tells what it would make. Returns warnings. */
export async function rehearsePack(luna: PackNeeds & Required<Pick<Luna, 'tell'>>, input: PackWish): Promise<string[]> {
  const { cluster, osimage } = await readPackSubject(luna, input.name, input.canary)
  const { boot, torrents } = packDirectories(cluster, osimage)
  await luna.packFiles.makeDirectories([cluster.path, boot, torrents])
  return withPackLock(luna, cluster, osimage, async () => {
    const plan = await planPack(luna, input)
    luna.tell?.({ kind: 'act', words: describePlan(plan) })
    return plan.warnings
  })
}

function describePlan({ osimage: { name, path }, parts, canary, kernver, initrdPath }: PackPlan): string {
  const initrd = initrdPath === undefined ? 'a new initrd' : `the initrd ${initrdPath} of the image`
  const what = [
    parts.image ? `the image ${path}` : "the last one's image",
    parts.boot ? `${initrd} with kernel ${kernver}` : "the last one's kernel and initrd",
  ]
  return `make a new generation of osimage "${name}"${onlyFor(canary)} with ${what.join(', and ')}`
}
