import { Command as Program } from 'commander'
import { createExec } from '../src/effects/exec.ts'
import { exitStatusOf, LunaError } from '../src/errors.ts'
import { down } from './commands/down.ts'
import { execOnHead, sshToNode } from './commands/enter.ts'
import { image } from './commands/image.ts'
import { openConsole, power } from './commands/power.ts'
import { status } from './commands/status.ts'
import { type UpOptions, up } from './commands/up.ts'
import { readLabSettings } from './settings.ts'

// One line per paragraph: commander wraps it to the terminal.
const introduction = [
  'Luna without hardware: makes a head node and bare machines on this one, and boots the machines into a cluster.',
  '',
  '"luna-lab up" makes a small Debian image (kept for the next time), a head node with its own network, file system and servers in Linux namespaces, and QEMU machines with nothing in their memory. It configures the head with ordinary luna commands, each shown before it runs, switches the machines on and tells how they become nodes. Nothing on this machine itself is changed, and nothing in the lab reaches the outside.',
].join('\n')

const environmentHelp = `
Examples:
  luna-lab up --nodes 3                      three machines; make lab is the same with two
  luna-lab exec luna node show node001       a luna command on the head
  luna-lab exec                              a shell on the head
  luna-lab ssh node001 findmnt /             a command on a node; without one, a shell
  luna-lab power node001 reset               switch it off and on: it boots again
  luna-lab console node002                   its serial console; Ctrl-] leaves
  luna-lab down                              end everything

Environment:
  LUNA_LAB_DIR           where image and state are kept (/var/cache/luna-lab)
  LUNA_LAB_MEMORY        MiB of memory of each machine (2048)
  LUNA_LAB_ACCEL         tcg (default: works everywhere) or kvm
  LUNA_LAB_SEEDER_LIMIT  bytes per second that the head sends of the image, when there are several nodes (6291456);
                         they get the rest from each other; 0: no limit
  LUNA_LAB_TIMEOUT       seconds after which up gives up (260 for one machine, 80 more for each other)
`

/** Runs one `luna-lab` command line. @returns the exit status */
export async function runLab(words: readonly string[]): Promise<number> {
  let exitStatus = 0
  const program = createProgram(result => {
    exitStatus = result
  })
  try {
    await program.parseAsync([...words], { from: 'user' })
    return exitStatus
  } catch (error) {
    process.stderr.write(describe(error))
    return exitStatusOf(error)
  }
}

function createProgram(exit: (status: number) => void): Program {
  const exec = createExec()
  const program = new Program('luna-lab')
    .description(introduction)
    .addHelpText('after', environmentHelp)
    .enablePositionalOptions()
  program
    .command('up')
    .description('make the lab (again) and boot its machines; exit status 0 when every node lets in by ssh')
    .option('--nodes <n>', 'how many machines', '2')
    .option('--firmware <kind>', 'bios or uefi', 'bios')
    .option('--disk', 'give each machine an empty disk')
    .option('--image <dir>', 'tree of your own image instead of the small Debian')
    .action(async (options: UpOptions) => exit(await up(exec, readLabSettings(), options)))
  program
    .command('status')
    .description('what became of the machines')
    .option(
      '--json',
      'an array of name, mac, address, state (off, booting, up, failed), step, seconds_since_power_on, bytes_from_head, bytes_from_peers',
    )
    .action(async (options: { json?: boolean }) => status(exec, readLabSettings(), options))
  program
    .command('ssh <node> [command...]')
    .description('log in to a node from the head, or run a command there and end with its exit status')
    .passThroughOptions()
    .action(async (node: string, command: string[]) => exit(await sshToNode(exec, node, command)))
  program
    .command('exec [command...]')
    .description('run a command on the head, or a shell')
    .passThroughOptions()
    .action(async (command: string[]) => exit(await execOnHead(exec, command)))
  program
    .command('power <node> <order>')
    .description('press the button of a machine: on, off, reset')
    .action((node: string, order: string) => power(exec, readLabSettings(), node, order))
  program.command('console <node>').description('serial console of a machine').action(openConsole)
  program
    .command('image')
    .description('make the small Debian image alone, unless it is there')
    .action(() => image(exec, readLabSettings()))
  program
    .command('down')
    .description('end the lab; only the image stays')
    .action(() => down(exec, readLabSettings()))
  return program
}

function describe(error: unknown): string {
  if (!(error instanceof LunaError)) return `luna-lab: ${(error as Error).stack}\n`
  return `luna-lab: ${error.message}\n${error.detail ? `${error.detail.replace(/^/gm, '  ')}\n` : ''}`
}
