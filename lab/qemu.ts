import type { Command } from '../src/tools/command.ts'
import type { MachineFiles } from './machine-files.ts'
import type { LabNode } from './state.ts'

export interface MachineOptions {
  memoryMb: number
  /** tcg needs nothing of the processor; kvm is far quicker where /dev/kvm works. */
  accelerator: 'tcg' | 'kvm'
}

export const uefiCode = '/usr/share/OVMF/OVMF_CODE_4M.fd'
export const uefiVariables = '/usr/share/OVMF/OVMF_VARS_4M.fd'

/** QEMU as a machine with an empty memory whose firmware boots from its NIC first. */
export const qemuCommand = (node: LabNode, files: MachineFiles, options: MachineOptions): Command => ({
  argv: [
    'qemu-system-x86_64',
    ...['-name', node.name, '-daemonize', '-nodefaults', '-display', 'none', '-vga', 'none'],
    ...['-machine', 'q35,graphics=off', '-smp', '1', '-m', `${options.memoryMb}`],
    ...accelerator(options.accelerator),
    ...[
      '-chardev',
      `socket,id=console,path=${files.console},server=on,wait=off,logfile=${files.consoleLog},logappend=on`,
    ],
    ...['-serial', 'chardev:console', '-qmp', `unix:${files.monitor},server=on,wait=off`],
    ...['-object', 'rng-random,id=random,filename=/dev/urandom', '-device', 'virtio-rng-pci,rng=random'],
    ...['-netdev', `tap,id=provision,ifname=${node.tap},script=no,downscript=no`],
    // The card's own ROM is an iPXE already: the way of PCs with BIOS. Without it UEFI shows its genuine PXE client.
    '-device',
    `virtio-net-pci,netdev=provision,mac=${node.mac},bootindex=1${node.firmware === 'uefi' ? ',romfile=' : ''}`,
    ...(node.firmware === 'uefi' ? uefi(files) : []),
    ...(node.disk ? disk(files) : []),
  ],
  cwd: '/',
})

/**
 * Translations get 256 MiB, not the GiB that QEMU would take beside each machine's memory. Nehalem: with more features
 * (-cpu max) the emulation has more to translate, and boots slower.
 */
const accelerator = (kind: MachineOptions['accelerator']): string[] =>
  kind === 'kvm' ? ['-accel', 'kvm', '-cpu', 'host'] : ['-accel', 'tcg,thread=multi,tb-size=256', '-cpu', 'Nehalem']

const uefi = (files: MachineFiles): string[] => [
  ...['-drive', `if=pflash,format=raw,unit=0,readonly=on,file=${uefiCode}`],
  ...['-drive', `if=pflash,format=raw,unit=1,file=${files.firmwareVariables}`],
]

const disk = (files: MachineFiles): string[] => [
  ...['-drive', `if=none,id=disk,file=${files.disk},format=raw,cache=unsafe,discard=unmap`],
  ...['-device', 'virtio-blk-pci,drive=disk,bootindex=2'],
]
