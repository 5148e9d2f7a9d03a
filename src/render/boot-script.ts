import { ipxeText } from './ipxe-text.ts'

/** What one machine needs to load its kernel. */
export interface BootScriptInput {
  node: string
  hostname: string
  osimage: string
  generation: number
  /** `http://10.30.255.254:7050` */
  frontend: string
  kernelFile: string
  initrdFile: string
  mac: string
  /** `10.30.0.1/16`; undefined: the node asks DHCP. */
  address: string | undefined
  service: boolean
  token: string
  /** The image's own kernel options. */
  kernopts: string
}

/** The variables of templates/node.ipxe and node.syslinux. */
export const bootScriptView = (input: BootScriptInput) => ({
  node: input.node,
  osimage: input.osimage,
  generation: input.generation,
  service: input.service,
  menu_url: `${input.frontend}/luna?step=boot`,
  kernel_url: `${input.frontend}/boot/${input.kernelFile}`,
  initrd_url: `${input.frontend}/boot/${input.initrdFile}`,
  kernel_arguments: kernelArguments(input).join(' '),
})

function kernelArguments(input: BootScriptInput): string[] {
  return [
    'root=luna',
    ...(input.address ? ['luna.bootproto=static', `luna.ip=${input.address}`] : ['luna.bootproto=dhcp']),
    `luna.mac=${input.mac}`,
    `luna.url=${input.frontend}/luna`,
    `luna.node=${input.node}`,
    `luna.hostname=${input.hostname}`,
    `luna.service=${input.service ? 1 : 0}`,
    `luna.token=${input.token}`,
    ...ipxeText(input.kernopts).split(' ').filter(Boolean),
  ]
}
