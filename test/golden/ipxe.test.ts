import { expect, test } from 'vitest'
import { parseAddress } from '../../src/domain/address.ts'
import { parseHardware } from '../../src/domain/hardware.ts'
import { LunaError } from '../../src/errors.ts'
import { bootNode, type Loader, showBootScript } from '../../src/operations/boot.ts'
import { bootMenu, chooseMenu, errorScript } from '../../src/operations/boot-menu.ts'
import { addNodes } from '../../src/operations/nodes.ts'
import { type BootCluster, changeNode, createBootCluster, macs } from '../boot-cluster.ts'
import { expectGolden } from '../golden-file.ts'

const withCluster = (use: (cluster: BootCluster) => Promise<void>) => async () => {
  const cluster = await createBootCluster()
  try {
    await use(cluster)
  } finally {
    await cluster.close()
  }
}

/** As the head itself sees it: without a token, so that the text is the same each time. */
const scriptOf = (cluster: BootCluster, loader: Loader): Promise<string> =>
  bootNode(cluster, {
    hardware: parseHardware(`|${macs[0]}`),
    node: undefined,
    loader,
    caller: { address: parseAddress('127.0.0.1'), port: 5000, own: true, neighbours: undefined },
  })

test(
  'menu',
  withCluster(async cluster => expectGolden('ipxe/menu.ipxe', await bootMenu(cluster))),
)

test(
  'nodes to choose from; of many, the parts of the list first',
  withCluster(async cluster => {
    expectGolden('ipxe/choose.ipxe', await chooseMenu(cluster))
    const more = Array.from({ length: 97 }, (_, index) => `node${String(index + 4).padStart(3, '0')}`)
    await addNodes(cluster, { names: more, group: 'compute' })
    expectGolden('ipxe/choose-parts.ipxe', await chooseMenu(cluster))
    expectGolden('ipxe/choose-last-part.ipxe', await chooseMenu(cluster, 'node091'))
    expect(await chooseMenu(cluster, 'zzz')).toMatch(/item \.back Back\nchoose/)
  }),
)

test(
  'node, by the network',
  withCluster(async cluster => {
    expectGolden('ipxe/node.ipxe', await scriptOf(cluster, 'ipxe'))
    expectGolden('ipxe/node.syslinux', await scriptOf(cluster, 'syslinux'))
    expect(await showBootScript(cluster, 'node001')).toBe(await scriptOf(cluster, 'ipxe'))
  }),
)

test(
  'node, in service mode',
  withCluster(async cluster => {
    await changeNode(cluster.store, 'node001', { service: true })
    expectGolden('ipxe/service.ipxe', await scriptOf(cluster, 'ipxe'))
  }),
)

test(
  'node, from its own disk',
  withCluster(async cluster => {
    await changeNode(cluster.store, 'node001', { localboot: true })
    expectGolden('ipxe/localboot.ipxe', await scriptOf(cluster, 'ipxe'))
    expectGolden('ipxe/localboot.syslinux', await scriptOf(cluster, 'syslinux'))
  }),
)

test(
  'trouble, without anything that iPXE would take for its own',
  withCluster(async cluster => {
    const error = new LunaError('notReady', `a \${net0/mac} && reboot || # "b"\nosimage 'c' is not packed\u001b[2J`)
    expectGolden('ipxe/error.ipxe', errorScript(cluster, error))
    expect(errorScript(cluster, new TypeError('secret'))).not.toContain('secret')
  }),
)
