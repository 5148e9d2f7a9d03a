import { forgetMs } from '../domain/forwarding.ts'
import type { Mac } from '../domain/mac.ts'
import type { Node } from '../domain/node.ts'
import { canonicalPort } from '../domain/switch-port.ts'
import type { Luna } from '../luna.ts'
import { listLearnedMacs, listPortMaps } from '../store/learned-macs.ts'
import { listNodes } from '../store/nodes.ts'

/** A MAC that a switch has learned, and whose it is. */
export interface LearnedPlace {
  switch: string
  port: string
  portName: string
  mac: Mac
  seenAtMs: number
  /** Name of the node with that MAC. */
  node: string | undefined
  /** Whether that node is configured at this port. */
  confport: boolean
}

/** What the switches have learned, in the order of switches and ports. */
export const listPlaces = ({ store, clock }: Pick<Luna, 'store' | 'clock'>): Promise<LearnedPlace[]> =>
  store.read(async tx => {
    const learned = await listLearnedMacs(tx, { sinceMs: clock() - forgetMs })
    const maps = await listPortMaps(tx)
    const nodes = new Map((await listNodes(tx)).map(node => [node.mac, node]))
    const places = learned.map(({ switchId, ...one }) => {
      const map = maps.get(switchId) ?? new Map()
      const node = nodes.get(one.mac)
      const confport = isAt(node, one.switch) && canonicalPort(map, node.port) === one.port
      return { ...one, portName: map.get(one.port) ?? '', node: node?.name, confport }
    })
    return places.toSorted(inOrder)
  })

const isAt = (node: Node | undefined, switchName: string): node is Node & { port: string } =>
  node?.switch === switchName && node.port !== undefined

const inOrder = (a: LearnedPlace, b: LearnedPlace): number =>
  compare(a.switch, b.switch) || Number(a.port) - Number(b.port) || compare(a.mac, b.mac)

const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b))
