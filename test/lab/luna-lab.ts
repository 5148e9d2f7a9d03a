import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import type { NodeStatus } from '../../lab/commands/status.ts'
import type { NodeView } from '../../lab/luna-json.ts'

const program = join(import.meta.dirname, '..', '..', 'dist', 'bin', 'luna-lab')

export interface Ended {
  status: number | null
  /** Standard output and standard error, as they came. */
  output: string
}

export interface Running {
  pid: number
  ended: Promise<Ended>
  /** Resolves as soon as its output has the text; rejects when it ends without. */
  said(text: string): Promise<void>
}

/** Starts a `luna-lab` command line. What it says also goes to the test's own log, for whoever has to look into a failure. */
export function startLab(words: readonly string[], environment: NodeJS.ProcessEnv = {}): Running {
  const child = spawn(program, words, { env: { ...process.env, ...environment }, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (bytes: Buffer) => {
      output += bytes
    })
  const ended = once(child, 'close').then(([status]) => ({ status, output }))
  const said = (text: string) =>
    new Promise<void>((resolve, reject) => {
      const look = () => output.includes(text) && resolve()
      child.stdout.on('data', look)
      ended.then(() => reject(new Error(`it ended without saying "${text}":\n${output}`)))
      look()
    })
  return { pid: child.pid!, ended, said }
}

export const lab = (...words: string[]): Promise<Ended> => startLab(words).ended

/** Runs a command on the head and returns its output; throws unless it exits 0. */
export async function onLabHead(...words: string[]): Promise<string> {
  const { status, output } = await lab('exec', ...words)
  if (status !== 0) throw new Error(`${words.join(' ')} ended with status ${status}:\n${output}`)
  return output
}

export async function nodeStatuses(): Promise<NodeStatus[]> {
  const { status, output } = await lab('status', '--json')
  if (status !== 0) throw new Error(output)
  return JSON.parse(output) as NodeStatus[]
}

export const nodeViews = async (): Promise<NodeView[]> =>
  JSON.parse(await onLabHead('luna', 'node', 'list', '--json')) as NodeView[]

/** Processes of this machine that are in the same process namespace. */
export const processesIn = (namespace: string): string[] =>
  readdirSync('/proc').filter(pid => /^\d+$/.test(pid) && namespaceOf(pid) === namespace)

export function namespaceOf(pid: number | string): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/pid`)
  } catch {
    return undefined // it ended meanwhile
  }
}

/** Lines of this machine's own mount table and interfaces that the lab could have made. */
export const tracesOnMachine = (): string[] => [
  ...readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .filter(line => line.includes('luna-lab')),
  ...readdirSync('/sys/class/net').filter(name => /^(provision|tap\d+)$/.test(name)),
]
