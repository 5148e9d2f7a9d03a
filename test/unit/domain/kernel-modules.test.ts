import { expect, test } from 'vitest'
import { parseModuleLists, sortModules } from '../../../src/domain/kernel-modules.ts'

const dep = `kernel/drivers/char/ipmi/ipmi_si.ko.xz: kernel/drivers/char/ipmi/ipmi_msghandler.ko.xz
extra/my-driver.ko:
kernel/drivers/net/e1000.ko.zst:
`
const builtin = 'kernel/drivers/char/ipmi/ipmi_devintf.ko\n'

test('a kernel has its loadable and its built-in modules, hyphen or underscore', () => {
  const present = parseModuleLists([dep, builtin])
  expect(sortModules(['ipmi-si', 'my_driver', 'ipmi_devintf', 'e1000', 'ixgbe'], present)).toEqual({
    found: ['ipmi-si', 'my_driver', 'ipmi_devintf', 'e1000'],
    missing: ['ixgbe'],
  })
})

test('a dependency alone does not make a module', () => {
  expect(parseModuleLists([dep]).has('ipmi_msghandler')).toBe(false)
})
