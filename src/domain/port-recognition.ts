import type { Mac } from './mac.ts'

/**
 * A machine's port shows a few MACs: its card, its management controller on the same wire, bridges and virtual machines. One that shows more
 * leads to another switch, and names no node.
 */
export const mostMacsOfNode = 8

/** A port of a switch that has learned one of a machine's MACs. */
export interface Sight {
  mac: Mac
  switchId: number
  port: string
  /** How many MACs that port has learned altogether. */
  macsThere: number
}

/** A node that is configured at a port; `port` is spelled like a sight's. */
export interface PortOwner {
  id: number
  switchId: number
  port: string
}

/**
 * The nodes that are configured where the machine was seen; it can be one of them only if it is the only one. Of the ports that show a MAC those
 * with the fewest MACs count: switches on the way see it too, at the ports by which they are connected.
 */
export function findOwners<Owner extends PortOwner>(sights: readonly Sight[], owners: readonly Owner[]): Owner[] {
  const edges = [...Map.groupBy(sights, ({ mac }) => mac).values()].flatMap(seen => {
    const fewest = Math.min(...seen.map(({ macsThere }) => macsThere))
    return fewest > mostMacsOfNode ? [] : seen.filter(({ macsThere }) => macsThere === fewest)
  })
  return owners.filter(owner => edges.some(({ switchId, port }) => owner.switchId === switchId && owner.port === port))
}
