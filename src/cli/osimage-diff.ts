import { LunaError } from '../errors.ts'
import { compareGenerations, type GenerationDiff } from '../operations/generation-diff.ts'
import { type Action, jsonOption } from './command.ts'
import { parseGeneration } from './osimage-history.ts'
import { formatBytes, json, properties, table } from './print.ts'

export const diffAction: Action = {
  name: 'diff',
  summary: 'compare two of its generations, or one with the current one: packages, kernel, size',
  subject: 'NAME',
  rest: 'GENERATION...',
  restRequired: true,
  options: [jsonOption],
  reads: true,
  async run({ luna, io }, args) {
    const [first, second, more] = args.rest.map(parseGeneration)
    if (first === undefined || more !== undefined)
      throw new LunaError('usage', 'compare one generation with the current one, or two: luna osimage diff NAME 7 8')
    const diff = await compareGenerations(await luna(), args.subject, [first, second])
    io.print(args.has('raw') ? json(view(diff)) : describe(diff))
  },
}

const view = ({ from, to, packages }: GenerationDiff) => ({
  ...{ from: sideOf(from), to: sideOf(to) },
  packages: packages?.map(({ from: before, to: after, ...change }) => ({ ...change, from: before, to: after })),
})

const sideOf = ({ id, createdAtMs, kernver, sizeBytes, distribution }: GenerationDiff['from']) => ({
  generation: id,
  ...{ createdAtMs, kernver, sizeBytes, distribution },
})

function describe({ from, to, packages, unknown }: GenerationDiff): string {
  const both = (one: string, other: string) => (one === other ? one : `${one} -> ${other}`)
  const head = properties([
    ['kernel', both(from.kernver, to.kernver)],
    ['image', both(formatBytes(from.sizeBytes), formatBytes(to.sizeBytes))],
    ['system', both(from.distribution, to.distribution)],
    ['packages', packages ? countsOf(packages) : `not known of ${unknown.join(' and ')}`],
  ])
  if (!packages || packages.length === 0) return head
  const rows = packages.map(one => [one.name, one.architecture, one.from ?? '-', one.to ?? '-'])
  return `${head}\n${table(['Package', 'Architecture', `In ${from.id}`, `In ${to.id}`], rows)}`
}

function countsOf(packages: NonNullable<GenerationDiff['packages']>): string {
  if (packages.length === 0) return 'the same'
  const added = packages.filter(({ from }) => from === undefined).length
  const removed = packages.filter(({ to }) => to === undefined).length
  return `${added} added, ${removed} removed, ${packages.length - added - removed} changed`
}
