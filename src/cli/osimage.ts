import { parseObjectName } from '../domain/name.ts'
import { type Osimage, splitModules } from '../domain/osimage.ts'
import { LunaError } from '../errors.ts'
import {
  addOsimage,
  changeOsimage,
  type OsimageChange,
  removeOsimage,
  renameOsimage,
  showOsimage,
} from '../operations/osimages.ts'
import { deleteAction, renameAction } from './alike.ts'
import { type Arguments, given, parseLine, parsePath } from './arguments.ts'
import { commentOption, type Io, type ObjectCommand, type Option } from './command.ts'
import { editComment } from './comment.ts'
import { cloneOsimageAction } from './osimage-clone.ts'
import { diffAction } from './osimage-diff.ts'
import { grabOsimageAction } from './osimage-grab.ts'
import { historyAction, keepOption, parseKeep, promoteAction, pruneAction, rollbackAction } from './osimage-history.ts'
import { listOsimagesAction, showOsimageAction } from './osimage-show.ts'
import { stormAction } from './osimage-storm.ts'
import { syncOsimageAction } from './osimage-sync.ts'

const pathOption: Option = { flags: '-p, --path', value: 'DIR', help: 'directory that holds the image' }

const kernelOptions: readonly Option[] = [
  { flags: '-k, --kernver', value: 'VERSION', help: 'kernel to boot; ANY: the newest in the image' },
  { flags: '-o, --kernopts', value: 'TEXT', help: 'more words for the kernel command line' },
]

const parseName = (text: string) => parseObjectName('an osimage', text)

/** dracut(8) and modprobe(8) names: nothing that a shell could take for something else. */
function parseModules(text: string): string {
  const { add, omit } = splitModules(parseLine(text))
  const wrong = [...add, ...omit].find(word => !/^[A-Za-z0-9_][A-Za-z0-9_=/.-]*$/.test(word))
  if (wrong === undefined) return text
  throw new LunaError('invalid', `"${wrong}" cannot be a module's name`)
}

/** Without Luna's own module an initrd boots no node. */
function parseDracutModules(text: string): string {
  const { add, omit } = splitModules(parseModules(text))
  if (add.includes('luna') && !omit.includes('luna')) return text
  throw new LunaError('invalid', `"${text}" leaves out the dracut module luna, without which nodes do not boot; add it`)
}

const changeOf = (args: Arguments): OsimageChange =>
  given<OsimageChange>({
    path: args.get('path', parsePath),
    kernver: args.get('kernver', parseKernver),
    kernopts: args.get('kernopts', parseLine),
    dracutmodules: args.get('dracutmodules', parseDracutModules),
    kernmodules: args.get('kernmodules', parseModules),
    keep: args.get('keep', parseKeep),
  } as { [K in keyof OsimageChange]: OsimageChange[K] | undefined })

function parseKernver(text: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9._+~-]*$/.test(text)) return text
  throw new LunaError('invalid', `"${text}" is not a kernel version`)
}

/** Texts as edited; none when nothing changed. */
async function editTexts(io: Io, args: Arguments, present: Osimage): Promise<OsimageChange> {
  const edit = async (option: string, text: string) =>
    args.has(option) ? io.edit(text, `${present.name}.${option}`) : undefined
  const filesystems = await edit('grab_filesystems', `${present.grabFilesystems.replaceAll(',', '\n')}\n`)
  return {
    ...given<OsimageChange>({
      grabExcludeList: await edit('grab_exclude_list', present.grabExcludeList),
      grabFilesystems: filesystems === undefined ? undefined : parseFilesystems(filesystems),
    } as { [K in keyof OsimageChange]: OsimageChange[K] | undefined }),
    ...(await editComment(io, args, present)),
  }
}

/** Mount points, one on a line or with commas between; kept as `/,/boot`. */
function parseFilesystems(text: string): string {
  const words = text.split(/[\n,]/).map(word => word.trim())
  const paths = words.filter(word => word !== '').map(word => (word === '/' ? word : parsePath(word)))
  if (paths.length > 0) return [...new Set(paths)].join(',')
  throw new LunaError('invalid', 'the text names no file system; write one on a line, / among them')
}

export const osimage: ObjectCommand = {
  name: 'osimage',
  summary: 'Images of operating systems',
  actions: [
    listOsimagesAction,
    showOsimageAction,
    {
      name: 'add',
      summary: 'add one',
      subject: 'NAME',
      options: [{ ...pathOption, required: true }, ...kernelOptions],
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
        pathOption,
        ...kernelOptions,
        {
          flags: '-d, --dracutmodules',
          value: 'LIST',
          help: 'dracut modules; a leading - leaves one out; luna must be among them',
        },
        { flags: '-m, --kernmodules', value: 'LIST', help: 'drivers for the initrd' },
        { flags: '-e, --grab_exclude_list', help: 'edit what grabbing leaves out: patterns of rsync, one on a line' },
        { flags: '-f, --grab_filesystems', help: 'edit which file systems are grabbed, one on a line (/ and /boot)' },
        keepOption,
        commentOption,
      ],
      async run({ luna, io }, args) {
        const change = changeOf(args)
        const one = await luna()
        const present = await showOsimage(one, args.subject)
        await changeOsimage(one, args.subject, { ...change, ...(await editTexts(io, args, present)) })
      },
    },
    {
      name: 'pack',
      summary: 'make a new generation of one, which nodes get from then on',
      subject: 'NAME',
      options: [
        { flags: '-i, --image', help: 'the image alone' },
        { flags: '-b, --boot', help: 'kernel and initrd alone' },
        {
          flags: '-c, --copy_boot',
          help: "the same, with the initrd that was made in the image's /boot, dracut's module luna in it",
        },
        { flags: '--canary', value: 'HOSTLIST', help: 'only these nodes get it, until: luna osimage promote NAME' },
      ],
      async run({ luna, io }, args) {
        const { pack } = await import('./pack.ts')
        await pack(await luna(), io, args)
      },
    },
    historyAction,
    diffAction,
    promoteAction,
    rollbackAction,
    pruneAction,
    cloneOsimageAction,
    grabOsimageAction,
    stormAction,
    syncOsimageAction,
    renameAction(parseName, renameOsimage),
    deleteAction(removeOsimage, 'forget one; its directory stays'),
  ],
}
