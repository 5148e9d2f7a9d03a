import { sql } from 'kysely'
import { findAddressOfHex, formatAddress } from '../domain/address.ts'
import type { Described } from '../domain/dry-run.ts'
import type { Tx } from './store.ts'

/** What machines did and what was written, not what an administrator said. */
const notObjects = new Set([
  'migration',
  'boot',
  'install_event',
  'storm',
  'storm_node',
  'learned_mac',
  'switch_port',
  'dns_zone',
  'sqlite_sequence',
])
/** The order to read objects in; those not named here come last. */
const order = ['cluster', 'network', 'osimage', 'bmcsetup', 'switch', 'otherdev', 'node_group', 'node']
/** Rows that have a name and are parts of another object all the same. */
const namedParts = new Set(['group_interface'])
/** Tables whose rows people know by their numbers. */
const numbered = new Set(['pack'])
const labels: Readonly<Record<string, string>> = {
  ...{ node_group: 'group', group_interface: 'interface', pack: 'generation' },
}
const referenced: Readonly<Record<string, string>> = {
  ...{ group: 'node_group', interface: 'group_interface' },
  ...{ network6: 'network', domain: 'network', dhcp_network: 'network', generation: 'pack' },
}
const secret = /password|community|secret/
const yesOrNo = new Set(['localboot', 'setupbmc', 'service', 'seed_memory', 'frontend_https', 'native_dhcp_ha'])

type Row = Readonly<Record<string, unknown>>
type Objects = Map<string, Described>

/**
 * Describes every object, by a key that a renaming leaves alone. It follows the tables by their conventions, so that a new table or column
 * is in it by itself: `x_id` refers to a row of x; a row without a name of its own is a part of what it refers to first.
 * Descriptions of one Dumper can be compared: what has only got another name is referred to by the first one, and a secret shows that it is
 * another, but never itself.
 */
export class Dumper {
  readonly #names = new Map<string, string>()
  readonly #secrets = new Map<string, unknown>()

  async dump(tx: Tx): Promise<Objects> {
    const tables = await readTables(tx)
    for (const [table, rows] of tables)
      for (const row of rows) if (row['name'] !== undefined) this.#learnName(table, row)
    const parts = new Map<string, string[]>()
    for (const [table, rows] of tables)
      for (const row of rows) {
        const owner = ownerOf(table, row)
        if (owner) parts.set(owner, [...(parts.get(owner) ?? []), this.#describePart(table, row, owner)])
      }
    return new Map(
      tables.flatMap(([table, rows]) =>
        rows
          .filter(row => !ownerOf(table, row))
          .map(row => [keyOf(table, row), this.#describe(table, row, parts.get(keyOf(table, row)) ?? [])] as const),
      ),
    )
  }

  #learnName(table: string, row: Row): void {
    const key = keyOf(table, row)
    if (!this.#names.has(key)) this.#names.set(key, String(row['name']))
  }

  #describe(table: string, row: Row, parts: readonly string[]): Described {
    const lines = this.#fields(table, row).map(([name, value]) => line(name, value))
    const own = row['name'] === undefined ? '' : ` ${row['name']}`
    return { title: labelOf(table) + own, text: [...lines, ...parts.toSorted()].join('') }
  }

  /** `interface BOOTIF: network cluster`, texts of several lines below it. */
  #describePart(table: string, row: Row, owner: string): string {
    const fields = this.#fields(table, row).filter(
      ([name, value]) => value !== '-' && name !== 'name' && keyOf(tableOf(name), { id: row[`${name}_id`] }) !== owner,
    )
    const own = numbered.has(table) ? row['id'] : row['name']
    const label = own === undefined ? labelOf(table) : `${labelOf(table)} ${own}`
    const short = fields
      .filter(([, value]) => !value.includes('\n'))
      .map(([name, value]) => (name === label ? value : `${name} ${value}`))
    const long = fields.filter(([, value]) => value.includes('\n')).map(([name, value]) => line(`  ${name}`, value))
    return line(label, short.join(', ') || '-') + long.join('')
  }

  #fields(table: string, row: Row): [name: string, value: string][] {
    return Object.entries(row)
      .filter(([column]) => column !== 'id')
      .map(([column, value]) => [fieldOf(column), this.#value(table, row, column, value)])
  }

  #value(table: string, row: Row, column: string, value: unknown): string {
    if (value === null || value === '') return '-'
    if (secret.test(column)) return this.#hide(`${keyOf(table, row)} ${column}`, value)
    if (column.endsWith('_id')) return this.#names.get(keyOf(tableOf(column.slice(0, -3)), { id: value })) ?? `${value}`
    if (yesOrNo.has(column)) return Number(value) ? 'yes' : 'no'
    return String(value).split(',').map(readable).join(',')
  }

  #hide(key: string, value: unknown): string {
    if (!this.#secrets.has(key)) this.#secrets.set(key, value)
    return this.#secrets.get(key) === value ? '***' : '*** (another one)'
  }
}

/** Addresses are stored as hexadecimal digits, those of two heads with a comma between them. */
const readable = (word: string): string => {
  const address = findAddressOfHex(word)
  return address ? formatAddress(address) : word
}

const keyOf = (table: string, row: Row): string => `${table} ${row['id']}`
const fieldOf = (column: string): string => (column.endsWith('_id') ? labelOf(column.slice(0, -3)) : column)
const labelOf = (table: string): string => labels[table] ?? table.replaceAll('_', ' ')
const tableOf = (reference: string): string => referenced[reference] ?? reference

const line = (name: string, value: string): string =>
  value.includes('\n')
    ? `${name}:\n${value.replace(/\n$/, '').replace(/^/gm, `${/^ */.exec(name)![0]}  `)}\n`
    : `${name}: ${value}\n`

function ownerOf(table: string, row: Row): string | undefined {
  if (table === 'cluster' || (row['name'] !== undefined && !namedParts.has(table))) return undefined
  const owners = ['node_id', 'switch_id', 'otherdev_id', ...Object.keys(row)].filter(column => column.endsWith('_id'))
  const column = owners.find(one => row[one] !== null && row[one] !== undefined)
  return column && keyOf(tableOf(column.slice(0, -3)), { id: row[column] })
}

async function readTables(tx: Tx): Promise<[table: string, rows: Row[]][]> {
  const names = (await tx.introspection.getTables()).map(({ name }) => name).filter(name => !notObjects.has(name))
  const place = (name: string) => (order.includes(name) ? order.indexOf(name) : order.length)
  const tables: [string, Row[]][] = []
  for (const name of names.sort((a, b) => place(a) - place(b) || (a < b ? -1 : 1)))
    tables.push([name, await readRows(tx, name)])
  return tables
}

async function readRows(tx: Tx, table: string): Promise<Row[]> {
  const { rows } = await sql<Row>`select * from ${sql.table(table)}`.execute(tx.withoutPlugins())
  const name = (row: Row) => String(row['name'] ?? row['id'])
  return rows.toSorted((a, b) => (name(a) < name(b) ? -1 : 1))
}
