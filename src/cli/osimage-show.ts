import type { Osimage, Pack } from '../domain/osimage.ts'
import { readHistory } from '../operations/generations.ts'
import { listAllOsimages, listKernels } from '../operations/osimages.ts'
import { type Action, commentOption, jsonOption, type Option } from './command.ts'
import { commentText } from './comment.ts'
import { formatBytes, formatTime, json, properties, snake, table } from './print.ts'

const packView = (pack: Pack) => ({ ...pack, id: undefined, osimageId: undefined, generation: pack.id })

function view(osimage: Osimage, packs: readonly Pack[]) {
  const { id: _, packId, canaryId, ...rest } = osimage
  const current = packs.find(pack => pack.id === packId)
  return { ...rest, generation: packId, canary: canaryId, pack: current && packView(current) }
}

export const listOsimagesAction: Action = {
  name: 'list',
  summary: 'list all',
  options: [jsonOption],
  async run({ luna, io }, args) {
    const all = (await listAllOsimages(await luna())).map(one => view(one.osimage, one.pack ? [one.pack] : []))
    if (args.has('raw')) return io.print(json(all))
    const rows = all.map(({ name, path, pack, kernver }) => [
      name,
      path,
      pack?.kernver ?? kernver,
      pack ? `${pack.generation} of ${formatTime(pack.createdAtMs)} UTC, ${formatBytes(pack.sizeBytes)}` : 'not packed',
    ])
    io.print(table(['Name', 'Path', 'Kernel', 'Generation'], rows))
  },
}

const onlyOptions: readonly Option[] = [
  { flags: '-p, --path', help: 'its directory alone' },
  { flags: '-k, --kernver', help: 'the kernels in it, the one to boot marked <=' },
  { flags: '-o, --kernopts', help: 'its words for the kernel command line alone' },
  { flags: '-e, --grab_exclude_list', help: 'what grabbing leaves out alone' },
  { flags: '-f, --grab_filesystems', help: 'the file systems that are grabbed alone' },
]

/** What each option alone prints. */
const texts = {
  path: ({ path }: Osimage) => `${path}\n`,
  kernopts: ({ kernopts }: Osimage) => `${kernopts}\n`,
  grab_exclude_list: ({ grabExcludeList }: Osimage) => grabExcludeList,
  grab_filesystems: ({ grabFilesystems }: Osimage) => `${grabFilesystems}\n`,
  comment: commentText,
} as const

export const showOsimageAction: Action = {
  name: 'show',
  summary: 'show one, or one thing of it',
  subject: 'NAME',
  options: [jsonOption, commentOption, ...onlyOptions],
  async run({ luna, io }, args) {
    const one = await luna()
    if (args.has('kernver')) return io.print(kernelLines(await listKernels(one, args.subject)))
    const { osimage, generations, bytes } = await readHistory(one, args.subject)
    const only = (Object.keys(texts) as (keyof typeof texts)[]).find(name => args.has(name))
    if (only) return io.print(texts[only](osimage))
    const packs = generations.map(({ pack }) => pack)
    const shown = { ...view(osimage, packs), diskBytes: bytes }
    io.print(args.has('raw') ? json(shown) : describe(shown, packs.length))
  },
}

const kernelLines = ({ kernels, chosen }: Awaited<ReturnType<typeof listKernels>>): string =>
  kernels.map(version => `${version}${version === chosen ? ' <=' : ''}\n`).join('')

const keys = [
  'name',
  'path',
  'kernver',
  'kernopts',
  'dracutmodules',
  'kernmodules',
  'grabFilesystems',
  'grabExcludeList',
  'comment',
] as const

const describe = ({ pack, ...one }: ReturnType<typeof view> & { diskBytes: number }, generations: number): string =>
  properties([
    ...keys.map(key => [snake(key), one[key] || '-'] as const),
    ['keep', `${one.keep} generations besides those in use`],
    ['generation', pack ? `${pack.generation}, packed ${formatTime(pack.createdAtMs)} UTC` : 'not packed'],
    ['canary', one.canary === undefined ? '-' : `${one.canary}`],
    ['kernel', pack?.kernver ?? '-'],
    ['system', pack?.distribution || '-'],
    ['network files', pack?.networkWriter || '-'],
    ['size', pack ? formatBytes(pack.sizeBytes) : '-'],
    ['on disk', `${formatBytes(one.diskBytes)} in ${generations} ${generations === 1 ? 'generation' : 'generations'}`],
    ['info-hash', pack?.infoHash ?? '-'],
  ])
