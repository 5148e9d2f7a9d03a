import { bmcInterface } from '../domain/group.ts'
import { parseHostNames, parseInterfaceName, parseObjectName } from '../domain/name.ts'
import { isPowerAction, type PowerAction, type PowerResult, powerActions } from '../domain/power.ts'
import { LunaError } from '../errors.ts'
import { type PowerInput, powerNodes } from '../operations/power.ts'
import type { PowerHosts } from '../operations/power-targets.ts'
import { type Arguments, parseNumber } from './arguments.ts'
import type { Tool } from './command.ts'
import { foldedLines, refuseFailures } from './host-results.ts'
import { write } from './io.ts'
import { json } from './print.ts'

const defaults = { fanout: 64, timeoutS: 20 } as const

const notes = `status       says whether the machine is on or off
on off       switches it; off at once, as its button held down does
reset        starts it again without switching it off
cycle        switches it off and, after a moment, on again
identify     turns the light on that shows where it is; noidentify turns it off

The controller's address is the node's on interface BMC, user and password are those of its group's bmcsetup.
Nodes of which the same is to be said come as one hostlist, failures last. The exit status is 0 when all did as asked.
--json: a list of {"node", "address", "state", "error"}; of state and error, one is null.

Examples:
  lpower node001 status
  lpower node[001-016,020] on
  lpower -g compute,login off`

export const lpower: Tool = {
  name: 'lpower',
  summary: 'Asks the management controllers (BMCs) of nodes about their power, or to change it, by IPMI over LAN.',
  usage: `HOSTLIST|-g GROUP[,GROUP] [options] ${powerActions.join('|')}`,
  notes,
  rest: 'WORD...',
  operands: [
    { names: 'node', words: powerActions },
    { names: 'node', words: powerActions },
  ],
  options: [
    { flags: '-g, --group', value: 'GROUP[,GROUP]', help: 'all nodes of these groups, instead of HOSTLIST' },
    { flags: '-i, --interface', value: 'NAME', help: `interface of the controller (${bmcInterface})` },
    { flags: '--fanout', value: 'N', help: `how many controllers are asked at once (${defaults.fanout})` },
    { flags: '--timeout', value: 'SECONDS', help: `how long each may take (${defaults.timeoutS})` },
    { flags: '-C, --cipher', value: 'N', help: 'IPMI cipher suite, for controllers that do not tell theirs (3 or 17)' },
    { flags: '-R, --raw', aliases: ['--json'], help: 'print JSON' },
  ],
  async run({ luna, io }, args) {
    const input = inputOf(args)
    const looksOn = io.interactive && !args.has('raw')
    const results = await powerNodes(await luna(), input, looksOn ? printLive : undefined)
    io.print(args.has('raw') ? json(results) : summary(results))
    refuseFailures(
      results.flatMap(({ node, error }) => (error === undefined ? [] : [[node, error]])),
      results.length,
    )
  },
}

function inputOf(args: Arguments): PowerInput {
  const { action, words } = splitWords(args.rest)
  return {
    action,
    hosts: hostsOf(args, words),
    interface: args.get('interface', parseInterfaceName) ?? bmcInterface,
    fanout: args.get('fanout', parseNumber(1, 1024)) ?? defaults.fanout,
    timeoutMs: (args.get('timeout', parseNumber(1, 3600)) ?? defaults.timeoutS) * 1000,
    cipherSuite: args.get('cipher', parseNumber(0, 17)),
  }
}

/** The action stands last, as the original has it, or first. */
export function splitWords(words: readonly string[]): { action: PowerAction; words: readonly string[] } {
  const [first, last] = [words[0], words.at(-1)]
  if (last !== undefined && isPowerAction(last)) return { action: last, words: words.slice(0, -1) }
  if (first !== undefined && isPowerAction(first)) return { action: first, words: words.slice(1) }
  const known = powerActions.join(', ')
  if (last === undefined) throw new LunaError('usage', `no action was given: ${known}; see: lpower --help`)
  if (words.length === 1) throw new LunaError('usage', `no action was given besides "${last}": ${known}`)
  throw new LunaError('usage', `"${last}" is not an action: ${known}`)
}

function hostsOf(args: Arguments, words: readonly string[]): PowerHosts {
  const groups = args.get('group', text => text.split(',').map(name => parseObjectName('a group', name)))
  if (groups && words.length > 0) throw new LunaError('usage', `"${words[0]}" and -g exclude each other`)
  if (groups) return { groups }
  if (words.length > 0) return { names: parseHostNames(words.join(',')) }
  throw new LunaError('usage', 'no node was named: HOSTLIST, or -g GROUP; see: lpower --help')
}

/** For whoever waits at the terminal; the summary comes at the end. */
const printLive = ({ node, state, error }: PowerResult): void => write(2, `${node}: ${state ?? `failed: ${error}`}\n`)

export const summary = (results: readonly PowerResult[]): string =>
  foldedLines(results.flatMap(({ node, state }) => (state === undefined ? [] : [[node, state]])))
    .map(line => `${line}\n`)
    .join('')
