import { join } from 'node:path'
import { chooseNetworkWriter, networkEvidencePaths, osReleasePaths, parseDistribution } from '../domain/distribution.ts'
import { frontendUrl } from '../domain/frontend-url.ts'
import type { Pack } from '../domain/osimage.ts'
import type { Luna } from '../luna.ts'
import {
  changedStatus,
  isSocketNotice,
  packTreeCommand,
  parseCheckpoint,
  parseTreeSize,
  treeSizeCommand,
} from '../tools/tar.ts'
import { tied } from '../tools/tied.ts'
import { buildTorrent } from '../torrent/metainfo.ts'
import { pieceLengthFor } from '../torrent/piece-length.ts'
import type { BootPart } from './pack-boot.ts'
import { makePackageList } from './pack-packages.ts'
import type { PackPlan } from './pack-plan.ts'
import type { ReportPackProgress } from './pack-progress.ts'
import { runPackStep } from './pack-step.ts'

type Needs = Pick<Luna, 'exec' | 'imageTree' | 'packFiles' | 'hashPieces' | 'shareDirectory'>

/** What a pack says of how it came about. */
export type PackOrigin = Pick<Pack, 'id' | 'osimageId' | 'createdAtMs' | 'packedBy' | 'madeFrom' | 'currentAtMs'>

/** What a pack says of its image. */
export type ImagePart = Omit<Pack, keyof BootPart | keyof PackOrigin>

export function imagePartOf(pack: Pack): ImagePart {
  const { tarballFile, torrentFile, infoHash, sizeBytes, pieceLengthBytes, distribution, networkWriter, packagesFile } =
    pack
  return {
    ...{ tarballFile, torrentFile, infoHash, sizeBytes, pieceLengthBytes },
    ...{ distribution, networkWriter, packagesFile },
  }
}

/** Makes tarball and torrent in the work directory, under the names that they will have. */
export async function makeImagePart(
  luna: Needs,
  plan: PackPlan,
  generation: number,
  signal: AbortSignal,
  report: ReportPackProgress,
): Promise<ImagePart> {
  const { osimage, directories, previous, nodeCount } = plan
  const tarballFile = `${osimage.name}-${generation}.tar.zst`
  const torrentFile = `${osimage.name}-${generation}.torrent`
  const tarball = join(directories.work, tarballFile)
  const system = await readSystem(luna, plan)
  const packagesFile = await makePackageList(luna, plan, generation, signal)
  await makeTarball(luna, { name: osimage.name, root: osimage.path, tarball }, signal, report)
  const sizeBytes = await luna.packFiles.sizeOf(tarball)
  const pieceLengthBytes = pieceLengthFor({ sizeBytes, nodeCount, previousBytes: previous?.pieceLengthBytes })
  const onProgress = (done: number) => report({ phase: 'pieces', done, total: sizeBytes })
  const [pieces] = await Promise.all([
    luna.hashPieces({ path: tarball, sizeBytes, pieceLengthBytes, signal, onProgress }),
    luna.packFiles.sync(tarball), // sooner or later it must be on the disk, and hashing leaves that alone
  ])
  const announceUrl = `${frontendUrl(plan.cluster)}/announce`
  const torrent = buildTorrent({ announceUrl, name: tarballFile, sizeBytes, pieceLengthBytes, pieces })
  await luna.packFiles.write(join(directories.work, torrentFile), torrent.bytes)
  return { tarballFile, torrentFile, infoHash: torrent.infoHash, sizeBytes, pieceLengthBytes, packagesFile, ...system }
}

async function makeTarball(
  { exec }: Needs,
  input: { name: string; root: string; tarball: string },
  signal: AbortSignal,
  report: ReportPackProgress,
): Promise<void> {
  let total: number | undefined
  const measured = exec.run(tied(treeSizeCommand(input.root)), { signal, stopSignal: 'SIGKILL' }).then(
    ({ stdout }) => {
      total = parseTreeSize(stdout)
    },
    () => {}, // the bar does without
  )
  const take = (line: string): boolean => {
    const done = parseCheckpoint(line)
    if (done !== undefined) report({ phase: 'image', done, total: total && Math.max(done, total) })
    return done !== undefined || isSocketNotice(line)
  }
  const explain = (status: number) =>
    status === changedStatus
      ? `${input.root} was changed while it was read; pack again when nothing writes there: luna osimage pack ${input.name}`
      : undefined
  await runPackStep({ exec }, { name: 'tar', command: tied(packTreeCommand(input)), signal, take, explain })
  await measured
}

/** What the image is and how its network is configured. */
async function readSystem({ imageTree }: Needs, { osimage, warnings }: PackPlan) {
  const texts = await Promise.all(osReleasePaths.map(path => imageTree.read(osimage.path, path)))
  const distribution = parseDistribution(texts.find(text => text !== undefined) ?? '')
  const present = await imageTree.findPresent(osimage.path, networkEvidencePaths)
  const { writer, installed } = chooseNetworkWriter(distribution, present)
  if (!installed)
    warnings.push(`nothing in ${osimage.path} reads network files of the kind ${writer}, which its nodes will get`)
  return { distribution: distribution.prettyName, networkWriter: writer }
}
