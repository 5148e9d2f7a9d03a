import { nameHosts } from '../domain/hostlist.ts'
import { LunaError } from '../errors.ts'
import { type HostKind, listHostNames } from '../store/host-names.ts'
import type { Tx } from '../store/store.ts'

/** Refuses a name that a node, a switch or another device bears: in DNS it is one thing's. */
export async function checkNameFree(tx: Tx, name: string): Promise<void> {
  checkNamesFree(await listHostNames(tx, [name]), [name])
}

/** The same for many names at once, with all that are taken at hand. */
export function checkNamesFree(taken: ReadonlyMap<string, HostKind>, names: readonly string[]): void {
  const double = names.filter(name => taken.has(name))
  if (double.length === 0) return
  const kinds = Map.groupBy(double, name => taken.get(name)!)
  const said = [...kinds].map(([kind, ofKind]) => nameHosts(kind, ofKind)).join(' and ')
  const rule = kinds.size === 1 && kinds.has('node') ? '' : '; nodes, switches and otherdevs cannot share a name'
  throw new LunaError('conflict', `${said} ${double.length === 1 ? 'exists' : 'exist'} already${rule}`)
}
