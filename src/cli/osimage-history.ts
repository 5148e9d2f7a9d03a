import { foldHostlist } from '../domain/hostlist.ts'
import { LunaError } from '../errors.ts'
import { type CurrentChange, promoteCanary, rollBack } from '../operations/current-generation.ts'
import { type Generation, type History, readHistory, sum } from '../operations/generations.ts'
import { pruneOsimage } from '../operations/prune.ts'
import { parseNumber } from './arguments.ts'
import { type Action, jsonOption, type Option } from './command.ts'
import { formatBytes, formatTime, json, table } from './print.ts'

/** PostgreSQL's integers end there. */
export const parseGeneration = parseNumber(1, 2_147_483_647)

/** `current`: null. */
export function parsePin(text: string): number | null {
  if (text === 'current') return null
  if (/^\d+$/.test(text)) return parseGeneration(text)
  throw new LunaError('invalid', `"${text}" is neither the number of a generation nor the word current`)
}

/** More than a disk holds of generations that are any different. */
export const parseKeep = parseNumber(0, 1000)

export const historyAction: Action = {
  name: 'history',
  summary: 'list its generations: when and by whom each was packed, what it takes on the disk, who gets it',
  subject: 'NAME',
  options: [jsonOption],
  reads: true,
  async run({ luna, io }, args) {
    const history = await readHistory(await luna(), args.subject)
    io.print(args.has('raw') ? json(view(history)) : describe(history))
  },
}

const view = ({ osimage, generations, bytes }: History) => ({
  name: osimage.name,
  keep: osimage.keep,
  diskBytes: bytes,
  generations: generations.map(generationView),
})

const generationView = (generation: Generation) => {
  const { pack, isCurrent, isCanary, isBooting, groups, nodes, bytes } = generation
  const { id, osimageId: _, sizeBytes: __, ...rest } = pack
  return {
    generation: id,
    current: isCurrent,
    canary: isCanary,
    booting: isBooting,
    groups,
    nodes,
    ...rest,
    kernelBytes: bytes.kernel,
    initrdBytes: bytes.initrd,
    tarballBytes: bytes.tarball,
    whole: isWhole(generation),
  }
}

const isWhole = ({ bytes }: Generation): boolean => !Object.values(bytes).includes(undefined)

function describe({ osimage, generations, bytes }: History): string {
  if (generations.length === 0)
    return `osimage "${osimage.name}" is not packed; run: luna osimage pack ${osimage.name}\n`
  const rows = generations.map(generation => {
    const { pack } = generation
    return [
      `${pack.id}`,
      `${formatTime(pack.createdAtMs)} UTC`,
      pack.packedBy || '-',
      `${pack.madeFrom ?? '-'}`,
      pack.kernver,
      sizeOf(generation.bytes.tarball),
      sizeOf(generation.bytes.kernel, generation.bytes.initrd),
      stateOf(generation),
    ]
  })
  const head = ['Generation', 'Packed', 'By', 'After', 'Kernel', 'Image', 'Kernel, initrd', 'State']
  return `${table(head, rows)}${formatBytes(bytes)} on the disk, files that generations share counted once\n`
}

const sizeOf = (...sizes: readonly (number | undefined)[]): string =>
  sizes.includes(undefined) ? 'gone' : formatBytes(sum(sizes))

function stateOf(generation: Generation): string {
  const { pack, isCurrent, isCanary, isBooting, groups, nodes } = generation
  const users = [...groups, ...(nodes.length > 0 ? [foldHostlist(nodes)] : [])].join(', ')
  const use = isCurrent ? 'current' : isCanary ? 'canary' : users === '' ? '' : 'pinned'
  const states = [
    ...(use === '' ? [] : [users === '' ? use : `${use}: ${users}`]),
    ...(isBooting && use === '' ? ['nodes boot it'] : []),
    ...(isWhole(generation) ? [] : ['files gone']),
  ]
  return states.join('; ') || (pack.currentAtMs === undefined ? 'kept, never current' : 'kept')
}

export const promoteAction: Action = {
  name: 'promote',
  summary: 'let all nodes get the generation that a few of them try',
  subject: 'NAME',
  run: async ({ luna, io }, args) => io.print(told(args.subject, await promoteCanary(await luna(), args.subject))),
}

export const rollbackAction: Action = {
  name: 'rollback',
  summary: 'end the trial of a generation, else let nodes get the one before again; or the one with that number',
  subject: 'NAME',
  rest: 'GENERATION',
  async run({ luna, io }, args) {
    const [number] = args.rest
    const generation = number === undefined ? undefined : parseGeneration(number)
    io.print(told(args.subject, await rollBack(await luna(), args.subject, generation)))
  },
}

function told(name: string, { before, pack, ended }: CurrentChange): string {
  if (before !== pack?.id)
    return `${name}: nodes get generation ${pack?.id} at their next boot, kernel ${pack?.kernver}${before === undefined ? '' : `, instead of ${before}`}\n`
  if (ended === undefined) return `${name}: generation ${before} is the current one already\n`
  return `${name}: no nodes try generation ${ended} any more${before === undefined ? '' : `; all get ${before}`}\n`
}

export const keepOption: Option = {
  flags: '--keep',
  value: 'N',
  help: 'generations that are kept besides those that nodes get or boot (3)',
}

export const generationOption: Option = {
  flags: '--generation',
  value: 'N|current',
  help: 'generation of the image that its nodes get, whatever the current one is (current)',
}

export const pruneAction: Action = {
  name: 'prune',
  summary: 'remove old generations at once, as packing does at its end',
  subject: 'NAME',
  options: [{ ...keepOption, help: 'keep so many this time, instead of what the osimage says' }],
  async run({ luna, io }, args) {
    const removed = await pruneOsimage(await luna(), args.subject, args.get('keep', parseKeep))
    const numbers = removed.map(({ id }) => id).join(', ')
    io.print(removed.length === 0 ? 'nothing to remove\n' : `${args.subject}: removed ${numbers}\n`)
  },
}
