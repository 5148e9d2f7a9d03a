import { parseObjectName } from '../domain/name.ts'
import { type Osimage, type Pack, splitModules } from '../domain/osimage.ts'
import { LunaError } from '../errors.ts'
import {
  addOsimage,
  changeOsimage,
  listAllOsimages,
  type OsimageChange,
  removeOsimage,
  renameOsimage,
  showOsimage,
} from '../operations/osimages.ts'
import { type Arguments, given, parseLine, parsePath } from './arguments.ts'
import { commentOption, jsonOption, newNameOption, type ObjectCommand, type Option } from './command.ts'
import { editComment, printComment } from './comment.ts'
import { formatBytes, json, properties, table } from './print.ts'

const kernelOptions: readonly Option[] = [
  { flags: '-k, --kernver', value: 'VERSION', help: 'kernel to boot; ANY: the newest in the image' },
  { flags: '-o, --kernopts', value: 'TEXT', help: 'more words for the kernel command line' },
]

const parseName = (text: string) => parseObjectName('an osimage', text)

/** dracut(8) and modprobe(8) names: nothing that a shell could take for something else. */
function parseModules(text: string): string {
  const { add, omit } = splitModules(text)
  const wrong = [...add, ...omit].find(word => !/^[A-Za-z0-9_][A-Za-z0-9_=/.-]*$/.test(word))
  if (wrong === undefined) return text
  throw new LunaError('invalid', `"${wrong}" cannot be a module's name`)
}

const changeOf = (args: Arguments): OsimageChange =>
  given<OsimageChange>({
    path: args.get('path', parsePath),
    kernver: args.get('kernver', parseKernver),
    kernopts: args.get('kernopts', parseLine),
    dracutmodules: args.get('dracutmodules', parseModules),
    kernmodules: args.get('kernmodules', parseModules),
  } as { [K in keyof OsimageChange]: OsimageChange[K] | undefined })

function parseKernver(text: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9._+~-]*$/.test(text)) return text
  throw new LunaError('invalid', `"${text}" is not a kernel version`)
}

const packView = (pack: Pack) => ({ ...pack, id: undefined, osimageId: undefined, generation: pack.id })

function view(osimage: Osimage, packs: readonly Pack[]) {
  const { id: _, packId, ...rest } = osimage
  const current = packs.find(pack => pack.id === packId)
  return { ...rest, generation: packId, pack: current && packView(current) }
}

const timeOf = (ms: number): string => new Date(Number(ms)).toISOString().slice(0, 16).replace('T', ' ')

export const osimage: ObjectCommand = {
  name: 'osimage',
  summary: 'Images of operating systems',
  actions: [
    {
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
          pack ? `${pack.generation} of ${timeOf(pack.createdAtMs)} UTC, ${formatBytes(pack.sizeBytes)}` : 'not packed',
        ])
        io.print(table(['Name', 'Path', 'Kernel', 'Generation'], rows))
      },
    },
    {
      name: 'show',
      summary: 'show one',
      subject: 'NAME',
      options: [jsonOption, commentOption],
      async run({ luna, io }, args) {
        const found = await showOsimage(await luna(), args.subject)
        const one = view(found.osimage, found.packs)
        if (args.has('comment')) return printComment(io, one)
        if (args.has('raw')) return io.print(json(one))
        const { pack } = one
        io.print(
          properties([
            ...(['name', 'path', 'kernver', 'kernopts', 'dracutmodules', 'kernmodules', 'comment'] as const).map(
              key => [key, one[key] || '-'] as const,
            ),
            ['generation', pack ? `${pack.generation}, packed ${timeOf(pack.createdAtMs)} UTC` : 'not packed'],
            ['kernel', pack?.kernver ?? '-'],
            ['system', pack?.distribution || '-'],
            ['network files', pack?.networkWriter || '-'],
            ['size', pack ? formatBytes(pack.sizeBytes) : '-'],
            ['info-hash', pack?.infoHash ?? '-'],
          ]),
        )
      },
    },
    {
      name: 'add',
      summary: 'add one',
      subject: 'NAME',
      options: [{ flags: '-p, --path', value: 'DIR', help: 'directory that holds the image' }, ...kernelOptions],
      async run({ luna }, args) {
        const name = parseName(args.subject)
        const path = args.need('path', parsePath)
        const kernel = given<{ kernver: string; kernopts: string }>({
          kernver: args.get('kernver', parseKernver),
          kernopts: args.get('kernopts', parseLine),
        })
        await addOsimage(await luna(), { name, path, ...kernel })
      },
    },
    {
      name: 'change',
      summary: 'change one',
      subject: 'NAME',
      options: [
        { flags: '-p, --path', value: 'DIR', help: 'directory that holds the image' },
        ...kernelOptions,
        { flags: '-d, --dracutmodules', value: 'LIST', help: 'dracut modules; a leading - leaves one out' },
        { flags: '-m, --kernmodules', value: 'LIST', help: 'drivers for the initrd' },
        commentOption,
      ],
      async run({ luna, io }, args) {
        const change = changeOf(args)
        const one = await luna()
        const { osimage: present } = await showOsimage(one, args.subject)
        await changeOsimage(one, args.subject, { ...change, ...(await editComment(io, args, present)) })
      },
    },
    {
      name: 'pack',
      summary: 'make a new generation of one, which nodes get from then on',
      subject: 'NAME',
      options: [
        { flags: '-i, --image', help: 'the image alone' },
        { flags: '-b, --boot', help: 'kernel and initrd alone' },
      ],
      async run({ luna, io }, args) {
        const { pack } = await import('./pack.ts')
        await pack(await luna(), io, args)
      },
    },
    {
      name: 'rename',
      summary: 'give one another name',
      subject: 'NAME',
      options: [newNameOption],
      run: async ({ luna }, args) => renameOsimage(await luna(), args.subject, args.need('newname', parseName)),
    },
    {
      name: 'delete',
      summary: 'forget one; its directory stays',
      subject: 'NAME',
      async run({ luna }, args) {
        await removeOsimage(await luna(), args.subject)
      },
    },
  ],
}
