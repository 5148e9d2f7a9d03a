import type { Exec } from '../src/effects/exec.ts'
import type { Command } from '../src/tools/command.ts'
import { onHead, withTimeLimit } from './namespace.ts'
import type { LabNode, LabState } from './state.ts'

/** ssh from the head to a node, with the options of the head's own ssh_config. */
export const sshCommand = (address: string, words: readonly string[]): Command => ({
  argv: ['ssh', '-F', '/root/.ssh/config', `root@${address}`, ...words],
})

/** What a login finds: who the node says it is. */
export interface Login {
  hostname: string
  addresses: string[]
}

/** A node that is starting, on a processor that is emulated, may well take this long to answer. */
const loginLimitS = 20

/** Logs in from the head and looks around; undefined while the node does not let in, or is still in its initrd. */
export async function findLogin(exec: Exec, state: LabState, node: LabNode): Promise<Login | undefined> {
  const look = 'test ! -e /etc/initrd-release && cat /proc/sys/kernel/hostname && ip -brief -4 address show'
  const ssh = withTimeLimit(loginLimitS, sshCommand(node.address, [look]))
  try {
    const { stdout } = await exec.run(onHead(state.keeper, ssh))
    return parseLogin(stdout)
  } catch {
    return undefined
  }
}

/** First line: host name; then `ip -brief` lines: name, state, addresses with their prefix lengths. */
export function parseLogin(output: string): Login {
  const [hostname = '', ...interfaces] = output.trim().split('\n')
  const addresses = interfaces.flatMap(line => line.trim().split(/\s+/).slice(2)).map(cidr => cidr.replace(/\/.*/, ''))
  return { hostname, addresses }
}

/** What is wrong with it, in words; undefined when it is the node that Luna wanted. */
export function findDifference(node: LabNode, { hostname, addresses }: Login): string | undefined {
  const wanted = `${node.name}.cluster`
  if (hostname !== wanted) return `calls itself "${hostname}", not "${wanted}"`
  if (!addresses.includes(node.address)) return `has ${addresses.join(' ')}, not ${node.address}`
  return undefined
}
