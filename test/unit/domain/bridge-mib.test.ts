import { describe, expect, test } from 'vitest'
import { type Cell, forwardingColumns, readForwarding } from '../../../src/domain/bridge-mib.ts'

describe('columns to read', () => {
  const [base, name] = ['.1.3.6.1.2.1.17.1.4.1.2', '.1.3.6.1.2.1.31.1.1.1.1']
  const dot1q = ['.1.3.6.1.2.1.17.7.1.2.2.1.2', '.1.3.6.1.2.1.17.7.1.2.2.1.3']
  const dot1d = ['.1.3.6.1.2.1.17.4.3.1.2', '.1.3.6.1.2.1.17.4.3.1.3']

  test.each([
    ['.1.3.6.1.2.1.17.7.1.2.2.1.2', dot1q],
    ['.1.3.6.1.2.1.17.7.1.2.2.1', dot1q],
    ['.1.3.6.1.2.1.17.7.1.2.2', dot1q],
    ['.1.3.6.1.2.1.17.4.3.1.2', dot1d],
    ['.1.3.6.1.2.1.17.4.3', dot1d],
    ['.1.3.6.1.4.1.9999.1.2', ['.1.3.6.1.4.1.9999.1.2']],
  ])('for %s', (oid, table) => expect(forwardingColumns(oid)).toEqual([base, name, ...table]))
})

describe('what they say', () => {
  const read = (cells: { bases?: Cell[]; names?: Cell[]; table?: Cell[]; statuses?: Cell[] }) =>
    readForwarding([cells.bases ?? [], cells.names ?? [], cells.table ?? [], cells.statuses ?? []])
  const learned = (table: Cell[], statuses: Cell[] = []) =>
    read({ table, statuses }).learned.map(({ port, mac }) => `${port} ${mac}`)

  test('the MAC is at the end of the index, whatever the VLAN; one MAC in several VLANs of a port is one', () => {
    expect(
      learned([
        { index: '82.84.0.0.0.1', value: 5 },
        { index: '1.82.84.0.0.0.2', value: 6 },
        { index: '4094.82.84.0.0.0.2', value: 6 },
        { index: '7.82.84.0.0.0.2', value: 7 },
      ]),
    ).toEqual(['5 52:54:00:00:00:01', '6 52:54:00:00:00:02', '7 52:54:00:00:00:02'])
  })

  test('entries of no port, of the switch itself, invalid ones and groups are no machines', () => {
    expect(
      learned(
        [
          { index: '82.84.0.0.0.1', value: 0 },
          { index: '82.84.0.0.0.2', value: 1 },
          { index: '82.84.0.0.0.3', value: 1 },
          { index: '82.84.0.0.0.4', value: 1 },
          { index: '1.0.94.0.0.1', value: 1 },
        ],
        [
          { index: '82.84.0.0.0.2', value: 4 },
          { index: '82.84.0.0.0.3', value: 2 },
          { index: '82.84.0.0.0.4', value: 5 },
        ],
      ),
    ).toEqual(['1 52:54:00:00:00:04'])
  })

  test.each([
    ['five bytes', '82.84.0.0.1', 1],
    ['a number that is no byte', '82.84.0.0.0.256', 1],
    ['a VLAN too many', '1.1.82.84.0.0.0.1', 1],
    ['nothing', '', 1],
    ['words', 'a.b.c.d.e.f', 1],
    ['a port that is text', '82.84.0.0.0.1', '1'],
    ['a port below zero', '82.84.0.0.0.1', -1],
    ['half a port', '82.84.0.0.0.1', 1.5],
  ])('passed over: %s', (_, index, value) => expect(learned([{ index, value }])).toEqual([]))

  test('ports are named by their interfaces; what steers a terminal is left out of names', () => {
    const bases = [
      { index: '1', value: 10101 },
      { index: '2', value: 10102 },
      { index: '3', value: 9 },
      { index: 'x', value: 9 },
    ]
    const names = [
      { index: '1', value: 'lo' },
      { index: '10101', value: 'Gi1/0/1' },
      { index: '10102', value: '\u001b[2JGi1/0/2\n' },
    ]
    expect([...read({ bases, names }).ports]).toEqual([
      ['1', 'Gi1/0/1'],
      ['2', '[2JGi1/0/2'],
      ['3', ''],
    ])
  })

  test('a switch that maps no ports has them numbered like its interfaces', () => {
    expect([...read({ names: [{ index: '7', value: 'port 7' }] }).ports]).toEqual([['7', 'port 7']])
  })

  test('nothing at all', () => expect(readForwarding([])).toEqual({ learned: [], ports: new Map() }))
})
