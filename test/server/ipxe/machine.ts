import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Namespace } from '../lweb/namespace.ts'

export interface MachineOptions {
  mac: string
  asset: string
  /** Of the server on this machine's loopback, which the virtual one reaches as 10.0.2.2. */
  port?: number
  /** What it is plugged into instead. */
  tap?: { namespace: Namespace; name: string }
  disk?: string
  /** Fields of SMBIOS type 1, as QEMU's -smbios takes them. */
  system?: string
  /** File of its variables: it has UEFI, and UEFI's own PXE instead of iPXE. */
  uefi?: string
}

/** A virtual machine without anything but a NIC, whose ROM is a real iPXE; its screen and keyboard are a serial line. */
export class Machine {
  readonly #qemu: ChildProcess
  /** Everything that was shown, without the terminal's control sequences. */
  #shown = ''
  /** What of it has been waited for. */
  #read = 0

  constructor(options: MachineOptions) {
    const disk = options.disk ? ['-drive', `file=${options.disk},format=raw,if=virtio`] : []
    const system = options.system ? ['-smbios', `type=1,${options.system}`] : []
    const { tap, uefi } = options
    const network = tap
      ? `tap,id=net,ifname=${tap.name},script=no,downscript=no`
      : `user,id=net,ipv6=off,bootfile=http://10.0.2.2:${options.port}/luna?step=boot`
    const firmware = uefi
      ? [
          ...['-drive', 'if=pflash,format=raw,unit=0,readonly=on,file=/usr/share/OVMF/OVMF_CODE_4M.fd'],
          ...['-drive', `if=pflash,format=raw,unit=1,file=${uefi}`],
        ]
      : []
    const argv = [
      'qemu-system-x86_64',
      ...['-machine', 'q35,graphics=off', '-accel', 'tcg', '-m', '256', '-nodefaults', '-display', 'none'],
      ...['-smbios', `type=3,asset=${options.asset}`, '-serial', 'stdio', ...system, ...disk, ...firmware],
      ...['-netdev', network],
      ...['-device', `virtio-net-pci,netdev=net,mac=${options.mac},bootindex=1${uefi ? ',romfile=' : ''}`],
    ]
    const [program, ...words] = tap ? tap.namespace.inside(...argv) : argv
    this.#qemu = spawn(program!, words, { stdio: ['pipe', 'pipe', 'inherit'] })
    let cut = ''
    this.#qemu.stdout!.on('data', (data: Buffer) => {
      const text = cut + data.toString('latin1')
      // a sequence may come in two pieces
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
      cut = /\u001b(\[[0-9;?]*)?$/.exec(text)?.[0] ?? ''
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
      this.#shown += text.slice(0, text.length - cut.length).replace(/\u001b\[[0-9;?]*[A-Za-z]|\r/g, '')
    })
  }

  /** Waits until it shows something new that matches. */
  async shows(pattern: RegExp): Promise<string> {
    for (const deadlineMs = Date.now() + 45_000; Date.now() < deadlineMs; await sleep(50)) {
      const found = pattern.exec(this.#shown.slice(this.#read))
      if (!found) continue
      this.#read += found.index + found[0].length
      return found[0]
    }
    throw new Error(`the machine does not show ${pattern} after:\n${this.#shown.slice(-2000)}`)
  }

  press(keys: string): void {
    this.#qemu.stdin!.write(keys)
  }

  async off(): Promise<void> {
    if (this.#qemu.exitCode !== null) return
    const exited = once(this.#qemu, 'exit')
    this.#qemu.kill('SIGKILL')
    await exited
  }
}
