import { createHash } from 'node:crypto'
import type { Node } from '../domain/node.ts'
import { LunaError } from '../errors.ts'
import { type Boot, findLiveBoot } from '../store/boots.ts'
import type { Tx } from '../store/store.ts'

/** A token that nobody used for so long is of a boot that nobody waits for. */
export const tokenLifetimeMs = 24 * 60 * 60 * 1000

/** How a token is kept: who reads the database cannot install in a node's name. */
export const hashToken = (token: string): string => createHash('sha256').update(token).digest('hex')

/** The node's boot that the token was made for, still going on. @throws forbidden when there is none */
export async function getBootOfToken(
  tx: Tx,
  node: Pick<Node, 'id' | 'name'>,
  token: string | undefined,
  nowMs: number,
): Promise<Boot> {
  if (!token) throw new LunaError('forbidden', `node "${node.name}" must send the token of its boot (Luna-Token)`)
  const boot = await findLiveBoot(tx, node.id, hashToken(token), nowMs - tokenLifetimeMs)
  if (boot) return boot
  throw new LunaError('forbidden', `this is not the token of a present boot of node "${node.name}"; boot again`)
}
