/**
 * pass_persist program of snmpd (snmpd.conf(5)): serves the lines `OID TYPE VALUE` of a file, in the order that they are there, and reads them
 * again when they change. responder.ts TABLE
 */
import { readFileSync, statSync } from 'node:fs'
import { createInterface } from 'node:readline'

const [path] = process.argv.slice(2) as [string]

interface Row {
  oid: number[]
  lines: string
}

const parseOid = (text: string): number[] => text.split('.').slice(1).map(Number)

function compare(a: readonly number[], b: readonly number[]): number {
  const index = a.findIndex((number, at) => number !== b[at])
  return index < 0 ? a.length - b.length : b[index] === undefined ? 1 : a[index]! - b[index]
}

let rows: Row[] = []
let readAt = ''

function load(): void {
  const { mtimeMs, ino, size } = statSync(path)
  const at = [mtimeMs, ino, size].join()
  if (at === readAt) return
  readAt = at
  const lines = readFileSync(path, 'utf8').split('\n').filter(Boolean)
  rows = lines.map(line => {
    const [oid, type, ...value] = line.split(' ')
    return { oid: parseOid(oid!), lines: `${oid}\n${type}\n${value.join(' ')}\n` }
  })
}

/** The row of that OID, or the one after it. */
function find(oid: readonly number[], next: boolean): Row | undefined {
  let [low, high] = [0, rows.length]
  while (low < high) {
    const middle = (low + high) >> 1
    const order = compare(rows[middle]!.oid, oid)
    if (order < 0 || (next && order === 0)) low = middle + 1
    else high = middle
  }
  return next || (rows[low] && compare(rows[low]!.oid, oid) === 0) ? rows[low] : undefined
}

let command: string | undefined
for await (const line of createInterface({ input: process.stdin })) {
  if (command !== undefined) {
    load()
    process.stdout.write(find(parseOid(line), command === 'getnext')?.lines ?? 'NONE\n')
    command = undefined
  } else if (line === 'PING') process.stdout.write('PONG\n')
  else if (line === 'get' || line === 'getnext') command = line
}
