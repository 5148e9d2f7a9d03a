import { expect, test } from 'vitest'
import { bootScriptView } from '../../../src/render/boot-script.ts'
import { ipxeText } from '../../../src/render/ipxe-text.ts'

test.each([
  ['plain words', 'plain words'],
  ['${net0/mac}', '{net0/mac}'],
  ['a && reboot || b', 'a reboot b'],
  ['# comment', 'comment'],
  ['a #b c#d', 'a b c#d'],
  ['two\nlines\u001b[2Jé', 'two lines [2J'],
])('%j is printed as %j', (text, printed) => {
  expect(ipxeText(text)).toBe(printed)
})

test('kernel options of an image stay one line of words', () => {
  const { kernel_arguments } = bootScriptView({
    ...{ node: 'node001', hostname: 'node001', osimage: 'compute', generation: 1, frontend: 'http://10.0.0.1:7050' },
    ...{ kernelFile: 'k', initrdFile: 'i', mac: '', address: undefined, service: false, token: 't' },
    kernopts: '  quiet\n\tconsole=ttyS0 || reboot ',
  })
  expect(kernel_arguments).toMatch(/ luna\.token=t quiet console=ttyS0 reboot$/)
})
