/** A machine behind a port, as a switch lists it. */
export interface Entry {
  mac: string
  port: number
  vlan?: number
  /** 3: learned; 4: the switch itself. */
  status?: number
}

interface SwitchTable {
  /** Names of the ports, by number. */
  ports: Readonly<Record<number, string>>
  /** What the interface of port 1 has for a number. */
  firstInterface: number
  entries: readonly Entry[]
}

const decimal = (mac: string): string =>
  mac
    .split(':')
    .map(byte => Number.parseInt(byte, 16))
    .join('.')

const sorted = (lines: readonly string[]): string => {
  const key = (line: string) =>
    line
      .split(' ')[0]!
      .split('.')
      .map(number => number.padStart(10, '0'))
      .join('.')
  return `${lines.toSorted((a, b) => (key(a) < key(b) ? -1 : 1)).join('\n')}\n`
}

function portLines({ ports, firstInterface }: SwitchTable): string[] {
  return Object.entries(ports).flatMap(([port, name]) => {
    const index = firstInterface - 1 + Number(port)
    return [`.1.3.6.1.2.1.17.1.4.1.2.${port} integer ${index}`, `.1.3.6.1.2.1.31.1.1.1.1.${index} string ${name}`]
  })
}

const rows = (entry: string, index: string, { port, status = 3 }: Entry): string[] => [
  `${entry}.2.${index} integer ${port}`,
  `${entry}.3.${index} integer ${status}`,
]

/** A switch with VLANs, Q-BRIDGE-MIB, and interfaces numbered otherwise than ports: Cisco's, Arista's, Mellanox's. */
export const vlanSwitch = (table: SwitchTable): string =>
  sorted([
    ...portLines(table),
    ...table.entries.flatMap(entry =>
      rows('.1.3.6.1.2.1.17.7.1.2.2.1', `${entry.vlan ?? 1}.${decimal(entry.mac)}`, entry),
    ),
  ])

/** A plain one: BRIDGE-MIB alone. */
export const plainSwitch = (table: SwitchTable): string =>
  sorted([
    ...portLines(table),
    ...table.entries.flatMap(entry => rows('.1.3.6.1.2.1.17.4.3.1', decimal(entry.mac), entry)),
  ])
