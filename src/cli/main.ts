import { exitStatusOf, LunaError } from '../errors.ts'
import type { Context, ObjectCommand, Tool } from './command.ts'
import { describe } from './describe.ts'

/** The nouns, with their line in the help; each is loaded when it is used. */
export const objects: Record<string, { summary: string; load: () => Promise<ObjectCommand> }> = {
  cluster: { summary: 'the cluster and its services', load: async () => (await import('./cluster.ts')).cluster },
  osimage: { summary: 'images of operating systems', load: async () => (await import('./osimage.ts')).osimage },
  bmcsetup: {
    summary: 'how management controllers are set up',
    load: async () => (await import('./bmcsetup.ts')).bmcsetup,
  },
  network: { summary: 'networks and their addresses', load: async () => (await import('./network.ts')).network },
  switch: { summary: 'network switches', load: async () => (await import('./switch.ts')).switchCommand },
  otherdev: {
    summary: 'other devices: names and addresses',
    load: async () => (await import('./otherdev.ts')).otherdev,
  },
  group: { summary: 'groups of nodes that are alike', load: async () => (await import('./group.ts')).group },
  node: { summary: 'machines', load: async () => (await import('./node.ts')).node },
  db: { summary: 'the database that all this is kept in', load: async () => (await import('./db.ts')).db },
  completion: {
    summary: 'completion of all this by the Tab key',
    load: async () => (await import('./completion.ts')).completion,
  },
}

const help = `Usage: luna [-d|--debug] OBJECT ACTION [NAME] [OPTIONS]

Turns racks of bare machines into a running cluster.

Objects:
${Object.entries(objects)
  .map(([name, { summary }]) => `  ${name.padEnd(11)} ${summary}`)
  .join('\n')}

Options:
  -d, --debug    on an error, say where it came from
  -h, --help     this; also: luna OBJECT --help, luna OBJECT ACTION --help
  --version      the version

A NAME may be a hostlist for nodes, switches and otherdevs: node[001-016,020]. First steps: README.md, or: luna cluster init --help
`

/** Runs one `luna` command line. @returns the exit status (docs/errors.md) */
export async function runLuna(words: readonly string[], context: Context, version: string): Promise<number> {
  const debug = words[0] === '-d' || words[0] === '--debug'
  try {
    await dispatch(debug ? words.slice(1) : words, context, version)
    return 0
  } catch (error) {
    context.io.complain(describe(error, debug))
    return exitStatusOf(error)
  }
}

async function dispatch(words: readonly string[], context: Context, version: string): Promise<void> {
  const [first, ...rest] = words
  if (first === 'help') return dispatch([...rest, '--help'], context, version)
  if (first === undefined || first === '-h' || first === '--help') return context.io.print(help)
  if (first === '--version') return context.io.print(`luna ${version}\n`)
  if (first === 'complete') return printCompletion(rest[0] === '--' ? rest.slice(1) : rest, context)
  const object = Object.hasOwn(objects, first) ? objects[first] : undefined
  if (!object) throw await noSuchObject(first, rest[0])
  const { runObject } = await import('./program.ts')
  await runObject(await object.load(), rest, context)
}

/** What the scripts of `luna completion` ask; whatever is wrong, the Tab key must not say so. */
async function printCompletion(line: readonly string[], { io, names = async () => [] }: Context): Promise<void> {
  try {
    const { complete } = await import('./complete.ts')
    for (const one of await complete(line, { objects, findTool }, names))
      io.print(typeof one === 'string' ? `${one}\n` : `${one.word}${one.help ? `\t${one.help}` : ''}\n`)
  } catch {}
}

async function findTool(name: string): Promise<Tool | undefined> {
  if (name === 'lpower') return (await import('./lpower.ts')).lpower
  return name === 'lchroot' ? (await import('./lchroot.ts')).createLchroot(() => {}) : undefined
}

async function noSuchObject(word: string, next: string | undefined): Promise<LunaError> {
  if (word.startsWith('-')) return new LunaError('usage', `unknown option ${word}; see: luna --help`)
  if (next !== undefined && Object.hasOwn(objects, next) && (await isAction(next, word)))
    return new LunaError('usage', `the object comes first: luna ${next} ${word}`)
  const { suggest } = await import('./suggest.ts')
  const known = Object.keys(objects)
  const hint = suggest(word, known) || `; there are ${known.join(', ')}`
  return new LunaError('usage', `"${word}" is not an object of luna${hint}`)
}

const isAction = async (object: string, word: string): Promise<boolean> =>
  (await objects[object]!.load()).actions.some(({ name }) => name === word)
