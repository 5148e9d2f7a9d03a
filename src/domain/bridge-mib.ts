import { findMac, type Mac } from './mac.ts'
import type { PortMap } from './switch-port.ts'

/** A cell of a column as SNMP gives it: what follows the column's OID, and the value. */
export interface Cell {
  index: string
  value: number | string
}

/** A MAC that a switch forwards to one of its ports. */
export interface LearnedAt {
  port: string
  mac: Mac
}

/** What a switch says of its ports and of the machines behind them. */
export interface Forwarding {
  learned: LearnedAt[]
  ports: PortMap
}

/** Bridge port → interface index: BRIDGE-MIB dot1dBasePortIfIndex (RFC 4188). */
const basePortIfIndex = '.1.3.6.1.2.1.17.1.4.1.2'
/** Interface index → name: IF-MIB ifName (RFC 2863). */
const ifName = '.1.3.6.1.2.1.31.1.1.1.1'

/** Rows of dot1qTpFdbTable (RFC 4363) and dot1dTpFdbTable (RFC 4188), in which column 2 is the port and column 3 the status. */
const entries = ['.1.3.6.1.2.1.17.7.1.2.2.1', '.1.3.6.1.2.1.17.4.3.1']

/** dot1qTpFdbStatus, dot1dTpFdbStatus. */
const invalid = 2
const self = 4

/**
 * The columns to read for a switch, in the order that `readForwarding` takes them. `oid` is the column of ports itself, or the table or entry
 * above it; a table that is neither of the two known ones is read as a column of ports.
 */
export function forwardingColumns(oid: string): string[] {
  const entry = entries.find(one => one === oid || one.startsWith(`${oid}.`) || oid === `${one}.2`)
  const table = entry === undefined ? [oid] : [`${entry}.2`, `${entry}.3`]
  return [basePortIfIndex, ifName, ...table]
}

/**
 * What the columns say. What makes no sense in them is passed over; entries of the switch itself, of no port (0: it was seen, and its port is
 * not known) and of groups are no machines.
 */
export function readForwarding([bases = [], names = [], table = [], statuses = []]: readonly Cell[][]): Forwarding {
  const status = new Map(statuses.map(({ index, value }) => [index, value]))
  const learned = new Map<string, LearnedAt>()
  for (const { index, value } of table) {
    const mac = macOfIndex(index)
    const state = status.get(index)
    if (!mac || !isPortNumber(value) || state === invalid || state === self) continue
    learned.set(`${value} ${mac}`, { port: String(value), mac }) // one MAC may be there in several VLANs
  }
  return { learned: [...learned.values()], ports: readPortMap(bases, names) }
}

const isPortNumber = (value: number | string): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value > 0

/** The last six numbers of the index, before which dot1q has the filtering database (VLAN). */
function macOfIndex(index: string): Mac | undefined {
  const numbers = index.split('.').map(Number)
  const bytes = numbers.slice(-6)
  if (numbers.length > 7 || bytes.some(byte => !(byte >= 0 && byte <= 255))) return undefined
  return findMac(bytes.map(byte => byte.toString(16).padStart(2, '0')).join(''))
}

/** A switch that does not tell which interface a bridge port is numbers both alike. */
function readPortMap(bases: readonly Cell[], names: readonly Cell[]): PortMap {
  const nameOf = new Map(names.map(({ index, value }) => [index, printable(String(value))]))
  const ports: Cell[] = bases.length > 0 ? [...bases] : names.map(({ index }) => ({ index, value: index }))
  return new Map(
    ports
      .filter(({ index }) => /^[1-9]\d{0,9}$/.test(index))
      .map(({ index, value }) => [index, nameOf.get(String(value)) ?? '']),
  )
}

const printable = (name: string): string =>
  name
    .replace(/[^\x20-\x7e]/g, '')
    .trim()
    .slice(0, 64)
