import { parseObjectName } from '../domain/name.ts'
import { LunaError } from '../errors.ts'
import { adviseToPack, runInOsimage } from '../operations/chroot.ts'
import type { Tool } from './command.ts'

/** Exit status of lchroot's own troubles, told apart from those of the command as chroot(1) does. */
export const lchrootFailedStatus = 125

const notes = `The image has /dev, /proc, /sys, an empty /run and the head's /etc/resolv.conf while the command runs; whatever the command
leaves running ends with it. uname -r answers the version of the image's kernel. Only one lchroot at a time may be in an image.
At the end it warns when the image is newer than what nodes get.
The exit status is the command's; 125 when lchroot itself failed, 127 when the image has no such command.

Examples:
  lchroot compute
  lchroot compute apt-get install -y tmux`

/** @param onStatus told the exit status of the command */
export const createLchroot = (onStatus: (status: number) => void): Tool => ({
  name: 'lchroot',
  summary: 'Runs a command as root in an osimage, where it may change things; without COMMAND, a shell.',
  usage: 'OSIMAGE [COMMAND...]',
  notes,
  rest: 'WORD...',
  operands: [{ names: 'osimage' }],
  passThrough: true,
  reads: true, // for what the command does there is no rehearsal
  async run({ luna, io }, args) {
    const [name, ...words] = args.rest
    if (name === undefined) throw new LunaError('usage', 'no osimage was named; see: lchroot --help')
    const command = words[0] === '--' ? words.slice(1) : words
    const [one, osimage] = [await luna(), parseObjectName('an osimage', name)]
    onStatus(await runInOsimage(one, { osimage, command }))
    for (const advice of await adviseToPack(one, osimage)) io.warn(advice)
  },
})
