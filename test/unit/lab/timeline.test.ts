import { expect, test } from 'vitest'
import type { EventView } from '../../../lab/luna-json.ts'
import { renderTimelines, timelineOf } from '../../../lab/timeline.ts'

const event = (step: string, at: number, rest: Partial<EventView> = {}): EventView => ({
  step,
  at_ms: at * 1000,
  uptime_s: null,
  from_head_bytes: null,
  from_peers_bytes: null,
  message: null,
  ...rest,
})

const boot = [
  event('boot.request', 106),
  event('install.request', 120),
  event('install.prescript', 121, { uptime_s: 11 }),
  event('install.partscript', 122, { uptime_s: 12 }),
  event('install.download', 123, { uptime_s: 13 }),
  event('install.unpack', 133, { uptime_s: 23, from_head_bytes: 60 * 2 ** 20, from_peers_bytes: 40 * 2 ** 20 }),
  event('install.setnet', 143, { uptime_s: 33 }),
  event('install.postscript', 144, { uptime_s: 34 }),
  event('install.success', 146, { uptime_s: 36 }),
]

test('the phases of a boot add up to its whole', () => {
  const { phases, totalS } = timelineOf(boot, 100_000, 160_000)
  expect(phases).toEqual({ PXE: 6, kernel: 4, initrd: 13, download: 10, unpack: 10, install: 3, boot: 14 })
  expect(Object.values(phases).reduce((sum, one) => sum! + one!, 0)).toBe(totalS)
})

test('an earlier boot of the same node and a failed first try do not count', () => {
  const earlier = boot.map(one => ({ ...one, at_ms: one.at_ms - 90_000 }))
  const failed = [event('install.download', 107, { uptime_s: 1 }), event('install.failed', 108, { uptime_s: 2 })]
  expect(timelineOf([...earlier, boot[0]!, ...failed, ...boot.slice(1)], 100_000, 160_000)).toEqual(
    timelineOf(boot, 100_000, 160_000),
  )
})

test('a clock of the node that runs too fast does not start its kernel before it was sent', () => {
  const fast = boot.map(one => ({ ...one, uptime_s: one.uptime_s && one.uptime_s + 60 }))
  expect(timelineOf(fast, 100_000, 160_000).phases).toMatchObject({ PXE: 6, kernel: 0 })
})

test('what the head did not hear of is a dash', () => {
  const lines = renderTimelines(
    new Map([
      ['node001', timelineOf(boot, 100_000, 160_000)],
      ['node002', timelineOf([event('boot.request', 106)], 100_000, 160_000)],
    ]),
  )
  expect(`\n${lines.join('\n')}\n`).toBe(`
seconds  PXE  kernel  initrd  download  unpack  install  boot  total  from the head  from other nodes
node001  6.0     4.0    13.0      10.0    10.0      3.0  14.0   60.0       60.0 MiB          40.0 MiB
node002  6.0       -       -         -       -        -     -   60.0              -                 -
`)
})
