import { expect, test } from 'vitest'
import { type BootProgress, stepOf } from '../../../lab/boot-progress.ts'
import type { NodeView } from '../../../lab/luna-json.ts'
import { planNodes } from '../../../lab/node-plan.ts'
import { renderTable } from '../../../lab/table.ts'

const [node001, node002, node003] = planNodes(3, 'bios', false)

const progress = (node: BootProgress['node'], status: NodeView['status'], rest: Partial<BootProgress> = {}) => ({
  node,
  poweredOnMs: 100_000,
  loggedInMs: undefined,
  trouble: undefined,
  view: { name: node.name, mac: node.mac, interfaces: [], status },
  ...rest,
})

const downloading = { step: 'install.download', at_ms: 120_000, message: null, percent: 41.9, rate: 3.5 * 2 ** 20 }
const installed = { step: 'install.success', at_ms: 150_000, message: null, percent: null, rate: null }

test('the live table', () => {
  const all = [
    progress(node001!, downloading),
    progress(node002!, installed, { loggedInMs: 170_000 }),
    progress(node003!, null, { trouble: 'the machine is off' }),
  ]
  expect(`\n${renderTable(all, 180_000).join('\n')}\n`).toBe(`
Node     MAC                Step                           %       Rate  Elapsed
node001  52:54:00:4c:00:01  install.download              41  3.5 MiB/s     80 s
node002  52:54:00:4c:00:02  up                                              70 s
node003  52:54:00:4c:00:03  power-on: the machine is off                    80 s
`)
})

test('a step of an earlier boot is not one of the present', () => {
  expect(stepOf(progress(node001!, { ...installed, at_ms: 99_000 }))).toBe('power-on')
  expect(stepOf(progress(node001!, installed))).toBe('install.success')
})
